// SPDX-License-Identifier: MIT
// Progress in two stages: first certain, then reached.
//
// A value is *certain* when nothing can stop it any more but the loss of the device:
// the work that reaches it has been handed to the driver, or it is reached. That is the
// value of the TimelineCore, so failures, parked queues and waiters are told by the
// code that serves the CPU devices. *Reached* is what the driver's semaphore says.
//
// Nothing that waits for an uncertain value is handed to the driver. So a real queue
// never stops for something that may not come, whoever shares it; a failure meets only
// work that is still in our hands; and a device with unmet waits can close.
//
// A queue's timeline is a timeline semaphore of the driver, value for value. One that a
// queue signals besides is a list of marks on that semaphore: a semaphore of its own
// would limit its jumps (NVIDIA: maxTimelineSemaphoreValueDifference is 2^31 - 1, and
// the contract knows no limit) and cost each submission a second signal.
#ifndef ASSAY_BACKENDS_VULKAN_TIMELINE_H_
#define ASSAY_BACKENDS_VULKAN_TIMELINE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "backends/runtime/timeline_core.h"
#include "backends/vulkan/gpu.h"

namespace assay::vulkan {

// A timeline semaphore, at 0.
class Semaphore {
 public:
  explicit Semaphore(std::shared_ptr<Gpu> gpu);
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore();

  VkSemaphore handle() const noexcept { return handle_; }
  // Asks the driver only when what it said last is not enough.
  bool reached(std::uint64_t value) noexcept;
  // What the driver says now.
  std::uint64_t counter() noexcept;
  // Polls for a while, then blocks. ok, deadline_exceeded or device_lost; that also
  // when nothing on the device is reached for its limit (progress.h).
  Status wait(std::uint64_t value, const runtime::Deadline& deadline);
  // From the host.
  Status signal(std::uint64_t value);

 private:
  // Of at most `timeout_ns`; nullopt: not reached by then.
  std::optional<Status> block(std::uint64_t value, std::uint64_t timeout_ns);

  const std::shared_ptr<Gpu> gpu_;
  VkSemaphore handle_ = VK_NULL_HANDLE;
  std::atomic<std::uint64_t> known_ = 0;
};

// Where a value is on the driver's side. A null semaphore: it is reached.
struct GpuPoint {
  std::shared_ptr<Semaphore> semaphore;
  std::uint64_t value = 0;
};

class GpuTimeline final : public runtime::TimelineCore {
 public:
  // `own`: the semaphore of the queue whose timeline this is; null for any other.
  GpuTimeline(std::shared_ptr<Gpu> gpu, std::uint64_t initial,
              std::shared_ptr<Semaphore> own);

  // Before raise(value): it is reached where `point` is.
  void mark(std::uint64_t value, const GpuPoint& point);
  // For a value that is certain.
  GpuPoint locate(std::uint64_t value);

  std::uint64_t reached_value();
  std::optional<Status> outcome(std::uint64_t value);
  Status wait_until(std::uint64_t value, const runtime::Deadline& deadline);

 private:
  struct Mark {
    std::uint64_t value;
    std::uint64_t on_semaphore;
  };
  void prune();  // under mutex_

  const std::shared_ptr<Gpu> gpu_;
  const std::shared_ptr<Semaphore> own_;
  std::mutex mutex_;
  std::shared_ptr<Semaphore> producer_semaphore_;  // of the one producer
  std::deque<Mark> marks_;
  std::uint64_t last_pruned_;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_TIMELINE_H_
