// SPDX-License-Identifier: MIT
#include "backends/runtime/submit_checks.h"

#include <string>

#include "backends/interface/status.h"

namespace assay::runtime {

void check_waits(const SubmittingQueue& queue, std::span<const CorePoint> waits) {
  for (const CorePoint& wait : waits) {
    if (wait.timeline->settled(wait.value)) continue;
    const bool own_future = wait.timeline.get() == queue.timeline
                                ? wait.value > queue.last_submitted
                                : wait.timeline->producer == queue.producer &&
                                      wait.value > wait.timeline->promised;
    if (own_future) {
      throw Error(StatusCode::failed_precondition,
                  "the wait for value " + std::to_string(wait.value) +
                      " could only be met by a later submission of the same queue");
    }
  }
}

void check_signals(const SubmittingQueue& queue, std::span<const CorePoint> signals) {
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const CorePoint& signal = signals[i];
    const TimelineCore& timeline = *signal.timeline;
    for (std::size_t j = 0; j < i; ++j) {
      if (signals[j].timeline == signal.timeline) {
        throw Error(StatusCode::invalid_argument, "a timeline is signalled twice");
      }
    }
    if (signal.timeline.get() == queue.timeline) {
      throw Error(StatusCode::invalid_argument,
                  "a queue advances its own timeline by itself");
    }
    if (timeline.producer != nullptr && timeline.producer != queue.producer) {
      throw Error(StatusCode::failed_precondition,
                  "the timeline has another producer already");
    }
    if (signal.value <= timeline.promised || signal.value <= timeline.value()) {
      throw Error(StatusCode::invalid_argument,
                  "a signal must raise its timeline: " + std::to_string(signal.value) +
                      " is not above " + std::to_string(timeline.promised));
    }
  }
}

void check_no_deadlock(std::span<const CorePoint> signals,
                       std::span<const CorePoint> waits) {
  for (const CorePoint& signal : signals) {
    for (const CorePoint& wait : waits) {
      if (wait.timeline == signal.timeline && !wait.timeline->settled(wait.value) &&
          wait.value > signal.timeline->promised) {
        throw Error(StatusCode::failed_precondition,
                    "an earlier submission of the same queue waits for the timeline "
                    "that this one would signal");
      }
    }
  }
}

}  // namespace assay::runtime
