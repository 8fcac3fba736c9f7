// SPDX-License-Identifier: MIT
// A logical queue: what is held back, what the driver has, and who is on it.
//
//   submit --> held back --(every wait certain)--> handed to the real queue --> reaped
//                 |
//                 +--(it has host calls)--> a host thread of the device sees it through
//
// The thread that makes a queue's head ready hands it over: the submitter, the thread
// that signals, or a host thread of the device. Submitting is all it does there.
#ifndef ASSAY_BACKENDS_VULKAN_GPU_QUEUE_H_
#define ASSAY_BACKENDS_VULKAN_GPU_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/interface/queue.h"
#include "backends/runtime/submit_checks.h"
#include "backends/vulkan/commands.h"
#include "backends/vulkan/time_slots.h"
#include "backends/vulkan/timeline.h"

namespace assay::vulkan {

class GpuCore;

struct GpuSubmission {
  std::shared_ptr<const GpuCommands> commands;  // null: synchronization only
  std::vector<runtime::CorePoint> waits;        // all of them GpuTimelines
  std::vector<runtime::CorePoint> signals;
  std::uint64_t value = 0;
  Timestamps times;
  // Once the driver has it:
  const TimeSlot* slot = nullptr;
  std::vector<GpuPoint> semaphores;  // kept until it is done
};

class GpuQueue final : public runtime::TimelineListener,
                       public std::enable_shared_from_this<GpuQueue> {
 public:
  explicit GpuQueue(GpuCore& core);
  ~GpuQueue() override;

  const std::shared_ptr<GpuTimeline>& timeline() const noexcept { return timeline_; }
  std::uint64_t last_submitted() const;
  std::optional<Timestamps> timestamps(std::uint64_t value) const;
  // Nothing held back, in flight or on a host thread.
  bool idle() const;

  // Checks and holds back; throws with nothing changed. Under the producer mutex when
  // there are waits or signals.
  std::uint64_t enqueue(GpuSubmission submission);
  // Hands over what can go. Not under any lock.
  void advance();
  // Lets go of what completed submissions kept. Not under any lock.
  void reap();
  // The head has host calls: sees it through, then advances. On a host thread.
  void run_head();

  // The device closes: a wait that nobody can meet any more fails.
  void abort_parked();
  // Waits for what the driver has, and lets go of it.
  void finish();

  void on_timeline() override;

 private:
  // What happens after the lock is gone: timelines to notify, commands to destroy.
  struct Aftermath {
    std::vector<std::shared_ptr<runtime::TimelineCore>> notify;
    std::vector<std::shared_ptr<const GpuCommands>> release;
    void settle();
  };
  // All under mutex_.
  void check(const GpuSubmission& submission) const;
  void hand_over(Aftermath& after);
  std::optional<Status> resolve_waits(GpuSubmission& submission);
  Status submit_in_flight(GpuSubmission& submission);
  Status submit(GpuSubmission& submission);
  // Of commands that were cut: all but the last step, each in a call of its own. The
  // first of them takes the slot's begin and `waits`, which is empty then.
  Status submit_cut(const GpuCommands& commands, const TimeSlot* slot,
                    std::vector<VkSemaphoreSubmitInfo>& waits);
  void succeed(const GpuSubmission& submission, Aftermath& after);
  void fail_head(const Status& status, Aftermath& after);
  void reap_locked(Aftermath& after);
  void keep_times(std::uint64_t value, const Timestamps& times);

  // Of the head, on a host thread.
  Status run_steps(const GpuSubmission& submission);
  Status need_step_semaphore();
  Status run_on_device(const GpuCommands& all, VkCommandBuffer commands);
  Status wait_for(const std::vector<GpuPoint>& points, std::uint64_t predecessor);

  GpuCore& core_;
  const std::shared_ptr<Gpu> gpu_;
  RealQueue& real_;
  const std::shared_ptr<Semaphore> semaphore_;
  const std::shared_ptr<GpuTimeline> timeline_;

  mutable std::mutex mutex_;
  bool on_host_thread_ = false;
  bool closing_ = false;
  std::uint64_t last_submitted_ = 0;
  std::uint64_t waiting_submissions_ = 0;  // held back ones that have waits
  std::deque<GpuSubmission> held_;
  std::deque<GpuSubmission> in_flight_;
  Status failure_;  // set by the first failure, for good
  TimeSlots slots_;
  std::uint64_t last_ended_ns_ = 0;

  // Signals the end of a step that something follows: a host call, or what was cut off.
  std::shared_ptr<Semaphore> step_semaphore_;
  std::uint64_t steps_run_ = 0;

  struct TimedPoint {
    std::uint64_t value = 0;
    Timestamps times;
  };
  std::vector<TimedPoint> history_;  // a ring by value, grown to its size as it fills
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_GPU_QUEUE_H_
