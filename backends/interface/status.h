// SPDX-License-Identifier: MIT
// How Assay reports failure. Two mechanisms, chosen by who can know and when:
//
//   * `Error` is thrown at the call, for misuse (a slice outside its buffer) and for a
//     wrong environment (a device that is absent). Nothing was enqueued or changed.
//   * `Status` is a value, for what becomes known later (work that failed, a wait that
//     timed out). A timeline point ends with one; dependents carry it as their cause.
//
// Kernels are noexcept and do neither.
#ifndef ASSAY_BACKENDS_INTERFACE_STATUS_H_
#define ASSAY_BACKENDS_INTERFACE_STATUS_H_

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay {

enum class StatusCode : std::uint8_t {
  ok,
  invalid_argument,     // the argument can never be right
  failed_precondition,  // right in another state: not recorded, already finished, ...
  not_supported,        // the device, memory kind or type cannot do this
  out_of_memory,        // an allocation failed
  resource_exhausted,   // a stated limit or budget was reached
  deadline_exceeded,    // a wait ran out of time; the work goes on
  aborted,              // did not run because something it depends on failed
  unavailable,          // absent, not broken: no driver, built without it
  bad_file,             // a file or message is damaged, hostile or of a wrong version
  internal,             // a bug or an unexpected failure of work
  device_lost,          // every point of the device fails with this from now on
};

// "ok", "invalid_argument", ... Never null, static storage.
std::string_view to_string(StatusCode code) noexcept;

// The outcome of work or of a wait. Cheap to copy: ok holds no allocation, a failure
// shares an immutable detail. Thread-safe as a value.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;  // ok
  // Never throws: without memory for the detail, the code stays and message and cause
  // are lost. (A message that is put together throws at the caller.)
  Status(StatusCode code, std::string message) noexcept;
  Status(StatusCode code, const char* message) noexcept;
  // A failure caused by another one, as when a dependency failed.
  Status(StatusCode code, std::string message, const Status& cause) noexcept;
  Status(StatusCode code, const char* message, const Status& cause) noexcept;

  bool ok() const noexcept { return detail_ == nullptr; }
  StatusCode code() const noexcept;
  std::string_view message() const noexcept;
  // The failure behind this one, or null. Lives as long as this Status.
  const Status* cause() const noexcept;
  // The last failure of the cause chain: what really went wrong. *this when no cause.
  const Status& root() const noexcept;
  // "aborted: queue failed earlier; cause: internal: host call returned 3"
  std::string to_string() const;

 private:
  struct Detail;
  static std::shared_ptr<const Detail> bare(StatusCode code) noexcept;
  std::shared_ptr<const Detail> detail_;
};

// Thrown for misuse and for a wrong environment. what() is one line: cause and cure.
class Error : public std::runtime_error {
 public:
  Error(StatusCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  explicit Error(const Status& status)
      : std::runtime_error(status.to_string()), code_(status.code()) {}
  StatusCode code() const noexcept { return code_; }
  Status status() const { return {code_, what()}; }

 private:
  StatusCode code_;
};

// Throws Error(invalid_argument). `message`: one line, the cause and what to do.
[[noreturn]] void invalid(const std::string& message);

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_STATUS_H_
