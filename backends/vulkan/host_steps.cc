// SPDX-License-Identifier: MIT
// Submissions with host calls. The driver cannot call the host, so a host thread of the
// device takes the submission through its steps and signals the queue's semaphore
// itself. What is behind it in the queue is held back meanwhile.
#include <span>
#include <vector>

#include "backends/runtime/guarded_call.h"
#include "backends/vulkan/driver_submit.h"
#include "backends/vulkan/gpu_core.h"
#include "backends/vulkan/gpu_queue.h"

namespace assay::vulkan {

Status GpuQueue::wait_for(const std::vector<GpuPoint>& points,
                          std::uint64_t predecessor) {
  const runtime::Deadline never(kForever);
  Status status = semaphore_->wait(predecessor, never);
  for (const GpuPoint& point : points) {
    if (!status.ok()) break;
    status = point.semaphore->wait(point.value, never);
  }
  return status;
}

Status GpuQueue::need_step_semaphore() {
  try {
    if (!step_semaphore_) step_semaphore_ = std::make_shared<Semaphore>(gpu_);
  } catch (const Error& error) {
    return error.status();
  }
  return {};
}

Status GpuQueue::run_on_device(const GpuCommands& all, VkCommandBuffer commands) {
  Status ready = need_step_semaphore();
  if (!ready.ok()) return ready;
  auto use = all.use().lock();
  const GpuPoint elsewhere = all.use().elsewhere(real_);
  std::vector<VkSemaphoreSubmitInfo> waits;
  if (elsewhere.semaphore) waits.push_back(at(*elsewhere.semaphore, elsewhere.value));
  const VkCommandBufferSubmitInfo list = to_submit(commands);
  const VkResult result = submit_to(*gpu_, real_, waits, std::span(&list, 1),
                                    at(*step_semaphore_, ++steps_run_));
  Status status = gpu_->status_of(result, "vkQueueSubmit2");
  if (!status.ok()) return status;
  all.use().move_to(real_, {step_semaphore_, steps_run_});
  use.unlock();
  return step_semaphore_->wait(steps_run_, runtime::Deadline(kForever));
}

Status GpuQueue::run_steps(const GpuSubmission& submission) {
  for (const Step& step : submission.commands->steps()) {
    Status status =
        step.commands == VK_NULL_HANDLE
            ? runtime::run_guarded(step.call.label, "host call", step.call.run)
            : run_on_device(*submission.commands, step.commands);
    if (!status.ok()) return status;
  }
  return {};
}

void GpuQueue::run_head() {
  // Nobody else touches the head while on_host_thread_ is set, and appending to a deque
  // moves none of its elements.
  GpuSubmission* head = nullptr;
  {
    const std::lock_guard lock(mutex_);
    head = &held_.front();
  }
  Status status = wait_for(head->semaphores, head->value - 1);
  reap();
  head->times.ready_ns = head->times.started_ns = runtime::clock_ns();
  if (status.ok()) status = run_steps(*head);
  head->times.ended_ns = runtime::clock_ns();
  const std::uint64_t groups = head->commands->groups();
  // Resources go before the point is reached: who waited for the point may count on it.
  head->commands.reset();

  Aftermath after;
  {
    const std::lock_guard lock(mutex_);
    on_host_thread_ = false;
    if (status.ok()) status = semaphore_->signal(head->value);
    if (status.ok()) {
      core_.count_groups(groups);
      keep_times(head->value, head->times);
      succeed(*head, after);
      held_.pop_front();
    } else {
      fail_head(status, after);
    }
    hand_over(after);
  }
  after.settle();
}

}  // namespace assay::vulkan
