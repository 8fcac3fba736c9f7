// SPDX-License-Identifier: MIT
// Submissions that are left to the host threads that made them (runtime/handover.h).
//
// While a queue's submitters come to wait at once, what they submit wakes no worker and
// is shown to none: it is held, and the thread that waits takes it, a seat, and runs
// it. Workers without work go to sleep and leave the processors to those that compute.
// On 16 processors one-group kernels with an event sync each had kept 0.54 of eight
// threads' time (0.40 of sixteen's) when every one was raced for by spinning workers.
//
// Nobody may come after all. What is held goes to the workers when the submitter
// submits again or waits with a time-out (work it took could outlast that), and when a
// watcher finds it: a parked worker that wakes once a while as long as anything is
// held, or one between two submissions where all are busy. So a program that changes
// its habit waits for a millisecond once, and then has to grow the habit anew; one that
// had kept it for long waits for up to eight (watch_ns()).
//
// What lost: waking the watcher once in a millisecond for ever. Where every processor
// computes it takes one of them each time: two processes with chains of 50 us on two
// processors came to 0.950 of twice one's rate instead of 0.976, and two that only
// computed, with a thread each that slept for a millisecond at a time, to the same
// (8 ms: 0.984).
//
// What lost: leaving every submission to its host for a microsecond. Workers see it and
// spin for it all the same, and a parked one has to be woken each time, as there is
// nobody else to notice that the host did not come.
#include <chrono>
#include <utility>

#include "backends/runtime/clock.h"
#include "backends/runtime/queue_core.h"
#include "backends/runtime/work_scope.h"
#include "backends/vgpu/scheduler.h"

namespace assay::vgpu {

using runtime::clock_ns;
using runtime::Handover;
using runtime::QueueCore;
using runtime::TimelineCore;

// Between two looks of those who are awake anyway.
static constexpr std::uint64_t kLookNs = runtime::kLeastWatchNs;
// Far longer than a submitter on its way to wait needs, if it has its processor.
static constexpr std::uint64_t kAbandonedNs = 100'000;

void Scheduler::submitted(std::shared_ptr<QueueCore> queue) {
  Handover& handover = queue->handover();  // the caller keeps it alive
  // From inside work nobody can wait. What has work for several units needs them awake:
  // left to its submitter, a product of 256^3 on two units took twice the time, because
  // the other unit had gone to sleep.
  if (!handover.expected() || !queue->next_is_narrow() ||
      runtime::WorkScope::inside(&device_)) {
    schedule(std::move(queue));
    // From here on it can be prompt: waking a worker may have taken long. A stream does
    // not pay for the clock.
    if (handover.promising()) handover.submitted(clock_ns());
    return;
  }
  handover.hold(std::move(queue));
  if (!watching_) ensure_watched();
}

void Scheduler::release(QueueCore& queue) {
  if (std::shared_ptr<QueueCore> held = queue.handover().take()) {
    queue.handover().forget();
    broken_ns_.store(clock_ns(), std::memory_order_relaxed);
    schedule(std::move(held));
  }
}

void Scheduler::run_held(QueueCore& queue, const TimelineCore& timeline,
                         std::uint64_t value) {
  Handover& handover = queue.handover();
  if (queue.last_submitted() == value) {
    const std::uint64_t now = clock_ns();
    // Had something else to do for so long that a watcher would have been of use. (A
    // thread that is late for want of a processor rarely is by as much.)
    if (handover.expected() && now > handover.since_ns() + runtime::kLeastWatchNs) {
      broken_ns_.store(now, std::memory_order_relaxed);
    }
    handover.waited(value, now);
  }
  std::shared_ptr<QueueCore> held = handover.take();
  if (!held) return;
  // Whoever shares the queue may have brought it since `value` was looked for: later
  // work, which this wait must not run, for it may wait for what comes after this wait.
  if (timeline.settled(value)) {
    schedule(std::move(held));
    return;
  }
  const unsigned seat = sit_down(handover.unit());
  if (seat == Seats::kNone) {
    schedule(std::move(held));
    return;
  }
  handover.set_unit(seat);
  drain_seated(held, seat, &timeline, value);
}

void Scheduler::spin(QueueCore* queue, const TimelineCore& timeline,
                     std::uint64_t value) {
  if (queue != nullptr) release(*queue);
  help(nullptr, timeline, value);
}

// From here on some worker looks once in a while, or comes by here before it parks.
void Scheduler::ensure_watched() {
  const auto lock = lock_soon();
  if (watching_.exchange(true) || parked_ <= waking_) return;
  ++waking_;
  work_available_.notify_one();
}

std::uint64_t Scheduler::watch_time() const noexcept {
  return runtime::watch_ns(broken_ns_.load(std::memory_order_relaxed), clock_ns());
}

// A parked worker's sleep while something may be held.
void Scheduler::watch(std::unique_lock<std::mutex>& lock) {
  watched_ = true;
  work_available_.wait_for(lock, std::chrono::nanoseconds(watch_time()));
  // When it timed out, this may be another's count: then one too many is woken.
  if (waking_ > 0) --waking_;
  watched_ = false;
  // Awake: who counted this thread as parked would send it a notice that nobody hears.
  --parked_;
  lock.unlock();
  look_after_held();
  lock.lock();
  ++parked_;
}

void Scheduler::look_after_held() {
  const std::uint64_t now = clock_ns();
  looked_ns_.store(now, std::memory_order_relaxed);
  // Who submits and waits all the time has done so since the last look.
  const std::uint64_t window = 2 * watch_time();
  bool in_use = false;
  device_.for_each_queue([&](QueueCore& queue) {
    Handover& handover = queue.handover();
    const std::uint64_t since = handover.since_ns();
    if (handover.expected() && since + window > now) in_use = true;
    if (handover.held() && since + kAbandonedNs <= now) release(queue);
  });
  if (in_use) return;
  watching_ = false;
  // Who held something before that saw a watcher; from now on they call for one.
  bool held = false;
  device_.for_each_queue(
      [&](QueueCore& queue) { held = held || queue.handover().held(); });
  if (held) ensure_watched();
}

void Scheduler::look_after_held_in_time() {
  if (!watching_.load(std::memory_order_relaxed)) return;
  if (clock_ns() < looked_ns_.load(std::memory_order_relaxed) + kLookNs) return;
  look_after_held();
}

}  // namespace assay::vgpu
