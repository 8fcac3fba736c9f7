// SPDX-License-Identifier: MIT
#include "backends/runtime/timeline_core.h"

#include <utility>

namespace assay::runtime {

std::optional<Status> TimelineCore::query_locked(std::uint64_t value) const {
  if (value_.load(std::memory_order_seq_cst) >= value) return Status();
  if (failure_.ok()) return std::nullopt;
  if (value <= failure_last_) return failure_;
  return Status(StatusCode::aborted, "earlier work failed", failure_);
}

std::optional<Status> TimelineCore::query(std::uint64_t value) const {
  if (reached(value)) return Status();
  if (!failed()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return query_locked(value);
}

void TimelineCore::raise(std::uint64_t value) {
  if (failed()) return;
  std::uint64_t current = value_.load(std::memory_order_relaxed);
  while (current < value &&
         !value_.compare_exchange_weak(current, value, std::memory_order_seq_cst)) {
  }
}

void TimelineCore::set_failed(const Status& status, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  if (!failure_.ok()) return;
  failure_ = status;
  failure_last_ = last;
  failed_.store(true, std::memory_order_seq_cst);
}

// One listener at a time, without a list of those due: a list would need memory, here
// where there may be none. Between two of them others may wake too and move the last
// subscription into the gap they make; they look at what they move, after this value
// was raised, so what moves behind `at` is not forgotten.
void TimelineCore::wake() {
  for (std::size_t at = 0;;) {
    std::shared_ptr<TimelineListener> due;
    {
      const std::lock_guard lock(mutex_);
      if (at == 0) changed_.notify_all();
      while (at < subscriptions_.size() && !query_locked(subscriptions_[at].value)) {
        ++at;
      }
      if (at >= subscriptions_.size()) return;
      due = std::move(subscriptions_[at].listener);
      subscriptions_[at] = std::move(subscriptions_.back());
      subscriptions_.pop_back();
      interest_.fetch_sub(1, std::memory_order_seq_cst);
    }
    due->on_timeline();
  }
}

Status TimelineCore::wait(std::uint64_t value, const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  interest_.fetch_add(1, std::memory_order_seq_cst);
  std::optional<Status> outcome;
  const auto settled = [&] { return (outcome = query_locked(value)).has_value(); };
  if (deadline.forever()) {
    changed_.wait(lock, settled);
  } else {
    changed_.wait_until(lock, deadline.at(), settled);
  }
  interest_.fetch_sub(1, std::memory_order_seq_cst);
  if (outcome) return *outcome;
  return {StatusCode::deadline_exceeded, "the wait ran out of time"};
}

bool TimelineCore::subscribe(std::uint64_t value,
                             std::shared_ptr<TimelineListener> listener) {
  const std::lock_guard lock(mutex_);
  // First what can throw.
  subscriptions_.push_back({value, std::move(listener)});
  interest_.fetch_add(1, std::memory_order_seq_cst);
  if (query_locked(value)) {
    interest_.fetch_sub(1, std::memory_order_seq_cst);
    subscriptions_.pop_back();
    return false;
  }
  return true;
}

}  // namespace assay::runtime
