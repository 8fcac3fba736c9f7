// SPDX-License-Identifier: MIT
// The one synchronization primitive: a 64-bit value that only grows, or fails for good.
#ifndef ASSAY_BACKENDS_INTERFACE_TIMELINE_H_
#define ASSAY_BACKENDS_INTERFACE_TIMELINE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "backends/interface/status.h"

namespace assay {

// How long a host wait may take. kForever never times out; zero polls.
using Timeout = std::chrono::nanoseconds;
inline constexpr Timeout kForever = Timeout::max();

// Thread-safe. Owned by shared_ptr; keeps its device open.
//
// One producer: the first to signal a timeline (the host, or one queue through submit)
// is the only one that may; another is refused with failed_precondition. A queue's own
// timeline belongs to that queue. A point may be waited for before it is signalled, by
// the host and by other queues.
class Timeline {
 public:
  Timeline() = default;
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  virtual ~Timeline() = default;

  // The last value reached.
  virtual std::uint64_t value() const noexcept = 0;
  // nullopt while `value` is not reached and the timeline has not failed.
  virtual std::optional<Status> query(std::uint64_t value) const = 0;

  // From the host. `value` must be above value(): throws invalid_argument otherwise,
  // failed_precondition when a queue is the producer or the timeline has failed.
  virtual void signal(std::uint64_t value) = 0;
  // From the host. Every value above value() fails with `status`, which must not be ok;
  // the first failure stays. Same checks as signal().
  virtual void fail(const Status& status) = 0;

  // Blocks until `value` is reached (ok), the timeline fails (that status: values of a
  // failed queue after the failing one are `aborted` with the first as cause), or the
  // time is up (deadline_exceeded). Holds no lock that a submitter or signaller needs.
  // Refused with failed_precondition inside work of the same device. With kForever the
  // calling thread may execute work that the value depends on; with a finite timeout it
  // never does, so that the deadline holds.
  virtual Status wait(std::uint64_t value, Timeout timeout) = 0;
};

// A value on a timeline. Copyable; keeps the timeline alive. A default Point is null
// and is refused everywhere.
struct Point {
  std::shared_ptr<Timeline> timeline;
  std::uint64_t value = 0;

  // timeline->wait(value, timeout) and ->query(value); throw failed_precondition when
  // null.
  Status wait(Timeout timeout = kForever) const;
  std::optional<Status> query() const;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_TIMELINE_H_
