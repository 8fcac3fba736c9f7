// SPDX-License-Identifier: MIT
// What Queue::submit refuses because of order, whatever executes the work. All throw
// Error with nothing changed, and are called under the queue's lock; when there are
// waits or signals also under the device's producer mutex.
#ifndef ASSAY_BACKENDS_RUNTIME_SUBMIT_CHECKS_H_
#define ASSAY_BACKENDS_RUNTIME_SUBMIT_CHECKS_H_

#include <cstdint>
#include <memory>
#include <span>

#include "backends/runtime/timeline_core.h"

namespace assay::runtime {

// A point without its handle: does not keep the device open.
struct CorePoint {
  std::shared_ptr<TimelineCore> timeline;
  std::uint64_t value = 0;
  bool subscribed = false;  // of a wait: the queue will be told
};

// The queue that submits.
struct SubmittingQueue {
  const void* producer = nullptr;  // as TimelineCore::producer names it
  const TimelineCore* timeline = nullptr;
  std::uint64_t last_submitted = 0;
};

// Refuses a wait that only a later submission of the same queue could meet.
void check_waits(const SubmittingQueue& queue, std::span<const CorePoint> waits);

// Refuses a signal that does not grow its timeline, doubles another one, or belongs to
// another producer.
void check_signals(const SubmittingQueue& queue, std::span<const CorePoint> signals);

// Refuses signals of timelines that one of `waits`, of this or an earlier submission
// of the queue, still waits for: with the submission the queue becomes the timeline's
// producer, so nobody else could meet that wait.
void check_no_deadlock(std::span<const CorePoint> signals,
                       std::span<const CorePoint> waits);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_SUBMIT_CHECKS_H_
