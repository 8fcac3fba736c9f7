// SPDX-License-Identifier: MIT
#include "backends/interface/status.h"

#include <array>
#include <new>
#include <utility>

namespace assay {

struct Status::Detail {
  StatusCode code = StatusCode::ok;
  std::string message;
  Status cause;
};

static constexpr std::size_t kStatusCodes =
    static_cast<std::size_t>(StatusCode::device_lost) + 1;

std::string_view to_string(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok:
      return "ok";
    case StatusCode::invalid_argument:
      return "invalid_argument";
    case StatusCode::failed_precondition:
      return "failed_precondition";
    case StatusCode::not_supported:
      return "not_supported";
    case StatusCode::out_of_memory:
      return "out_of_memory";
    case StatusCode::resource_exhausted:
      return "resource_exhausted";
    case StatusCode::deadline_exceeded:
      return "deadline_exceeded";
    case StatusCode::aborted:
      return "aborted";
    case StatusCode::unavailable:
      return "unavailable";
    case StatusCode::bad_file:
      return "bad_file";
    case StatusCode::internal:
      return "internal";
    case StatusCode::device_lost:
      return "device_lost";
  }
  return "unknown";
}

Status::Status(StatusCode code, std::string message) noexcept
    : Status(code, std::move(message), Status()) {}

Status::Status(StatusCode code, const char* message) noexcept
    : Status(code, message, Status()) {}

Status::Status(StatusCode code, std::string message, const Status& cause) noexcept {
  if (code == StatusCode::ok) return;
  try {
    detail_ = std::make_shared<const Detail>(Detail{code, std::move(message), cause});
  } catch (const std::bad_alloc&) {
    detail_ = bare(code);
  }
}

// Literals come here: their copy is made where its failure is caught.
Status::Status(StatusCode code, const char* message, const Status& cause) noexcept {
  if (code == StatusCode::ok) return;
  try {
    detail_ = std::make_shared<const Detail>(Detail{code, message, cause});
  } catch (const std::bad_alloc&) {
    detail_ = bare(code);
  }
}

std::shared_ptr<const Status::Detail> Status::bare(StatusCode code) noexcept {
  // Static, and owned by nobody: neither the details nor pointers to them allocate.
  static const std::array<Detail, kStatusCodes> details = [] {
    std::array<Detail, kStatusCodes> all;
    for (std::size_t i = 0; i < kStatusCodes; ++i) {
      all.at(i).code = static_cast<StatusCode>(i);
    }
    return all;
  }();
  return {std::shared_ptr<const Detail>(), &details[static_cast<std::size_t>(code)]};
}

StatusCode Status::code() const noexcept {
  return detail_ ? detail_->code : StatusCode::ok;
}

std::string_view Status::message() const noexcept {
  return detail_ ? std::string_view(detail_->message) : std::string_view();
}

const Status* Status::cause() const noexcept {
  return detail_ && !detail_->cause.ok() ? &detail_->cause : nullptr;
}

const Status& Status::root() const noexcept {
  const Status* status = this;
  while (const Status* next = status->cause()) status = next;
  return *status;
}

std::string Status::to_string() const {
  std::string text(assay::to_string(code()));
  if (!message().empty()) text.append(": ").append(message());
  if (const Status* why = cause()) text.append("; cause: ").append(why->to_string());
  return text;
}

void invalid(const std::string& message) {
  throw Error(StatusCode::invalid_argument, message);
}

}  // namespace assay
