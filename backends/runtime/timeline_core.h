// SPDX-License-Identifier: MIT
// The state of a timeline: its value, its failure, and who waits. No device knowledge.
#ifndef ASSAY_BACKENDS_RUNTIME_TIMELINE_CORE_H_
#define ASSAY_BACKENDS_RUNTIME_TIMELINE_CORE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "backends/interface/status.h"
#include "backends/runtime/clock.h"

namespace assay::runtime {

// Told once, by the advancing thread with no lock held, that the value it subscribed to
// is reached or has failed.
class TimelineListener {
 public:
  TimelineListener() = default;
  TimelineListener(const TimelineListener&) = delete;
  TimelineListener& operator=(const TimelineListener&) = delete;
  virtual ~TimelineListener() = default;
  virtual void on_timeline() = 0;
};

// On cache lines of its own: its waiter spins on it.
class alignas(64) TimelineCore {
 public:
  explicit TimelineCore(std::uint64_t initial) noexcept : value_(initial) {}
  TimelineCore(const TimelineCore&) = delete;
  TimelineCore& operator=(const TimelineCore&) = delete;

  std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_acquire);
  }
  bool reached(std::uint64_t value) const noexcept { return this->value() >= value; }
  bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  // Reached, or never will be.
  bool settled(std::uint64_t value) const noexcept {
    return reached(value) || failed();
  }
  std::optional<Status> query(std::uint64_t value) const;

  // Raises the value (a lower one is ignored) and wakes. Does nothing once failed.
  void advance(std::uint64_t value) {
    raise(value);
    notify();
  }
  // Values in (value(), last] fail with `status`, later ones as aborted because of it.
  // The first failure stays.
  void fail(const Status& status, std::uint64_t last) {
    set_failed(status, last);
    notify();
  }
  // The two halves, for a caller that decides under a lock: notify() runs listeners,
  // which may execute work, and must be called with no lock held.
  void raise(std::uint64_t value);
  void set_failed(const Status& status, std::uint64_t last);
  void notify() {
    if (watched()) wake();
  }
  // Somebody waits or listens: after raise(), whether notify() has anything to do.
  bool watched() const noexcept {
    return interest_.load(std::memory_order_seq_cst) != 0;
  }

  // Blocks until settled or past the deadline (deadline_exceeded).
  Status wait(std::uint64_t value, const Deadline& deadline);

  // False when `value` is settled already; else `listener` will be told. Throws
  // std::bad_alloc with nothing changed.
  bool subscribe(std::uint64_t value, std::shared_ptr<TimelineListener> listener);

  // Who may advance it, and the last value promised. Guarded by the device's producer
  // mutex (DeviceCore), not by this object.
  const void* producer = nullptr;
  std::uint64_t promised = 0;

 private:
  struct Subscription {
    std::uint64_t value;
    std::shared_ptr<TimelineListener> listener;
  };
  std::optional<Status> query_locked(std::uint64_t value) const;
  void wake();

  std::atomic<std::uint64_t> value_;
  std::atomic<bool> failed_ = false;
  // Sleepers plus subscriptions. advance() stores the value, then reads this; a waiter
  // raises this, then reads the value. Both are sequentially consistent, so at least
  // one sees the other, and an advance nobody waits for takes no lock.
  std::atomic<std::uint32_t> interest_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Subscription> subscriptions_;
  Status failure_;
  std::uint64_t failure_last_ = 0;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_TIMELINE_CORE_H_
