// SPDX-License-Identifier: MIT
// What the handles of a Vulkan device share: its queues and its host threads. Handles
// the user holds own it; work in flight does not, so a device closes when the user lets
// go.
#ifndef ASSAY_BACKENDS_VULKAN_GPU_CORE_H_
#define ASSAY_BACKENDS_VULKAN_GPU_CORE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "backends/interface/device.h"
#include "backends/vulkan/gpu_queue.h"

namespace assay::vulkan {

class GpuCore {
 public:
  // Closing from inside the device's own work (a host call held the last handle) is
  // handed to a thread of its own.
  static std::shared_ptr<GpuCore> create(std::shared_ptr<Gpu> gpu);
  ~GpuCore();
  GpuCore(const GpuCore&) = delete;
  GpuCore& operator=(const GpuCore&) = delete;

  const std::shared_ptr<Gpu>& gpu() const noexcept { return gpu_; }
  const Caps& caps() const noexcept { return gpu_->caps(); }

  std::shared_ptr<GpuQueue> create_queue();
  // Everything submitted so far, one point a queue.
  std::vector<std::pair<std::shared_ptr<GpuQueue>, std::uint64_t>> snapshot() const;

  // On behalf of a host thread; `queue`, if known, is the one whose timeline it is.
  Status wait(GpuTimeline& timeline, GpuQueue* queue, std::uint64_t value,
              const runtime::Deadline& deadline);

  // `queue` may go on: a point it waits for is certain, or has failed. One thread at a
  // time advances woken queues, whoever came first, so that long chains do not nest;
  // others hand over and return.
  void wake(std::shared_ptr<GpuQueue> queue);
  // The head of `queue` needs a host thread.
  void post(std::shared_ptr<GpuQueue> queue);

  // Guards TimelineCore::producer and ::promised. Taken before a queue's lock.
  std::mutex& producer_mutex() noexcept { return producer_mutex_; }

  void count_kernel() noexcept { kernels_.fetch_add(1, std::memory_order_relaxed); }
  void count_buffer(std::size_t bytes) noexcept {
    buffers_.fetch_add(1, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void count_submission() noexcept {
    submissions_.fetch_add(1, std::memory_order_relaxed);
  }
  void count_groups(std::uint64_t groups) noexcept {
    groups_.fetch_add(groups, std::memory_order_relaxed);
  }
  // Shared with encoders, which do not keep the device open.
  const std::shared_ptr<std::atomic<std::uint64_t>>& encoded() const noexcept {
    return encoded_;
  }
  Counters counters() const noexcept;

 private:
  explicit GpuCore(std::shared_ptr<Gpu> gpu);
  void host_loop();
  void wait_quiet();
  // Wakes every queue, to fail what they hold back.
  void spread_loss();

  const std::shared_ptr<Gpu> gpu_;
  std::mutex producer_mutex_;

  mutable std::mutex queues_mutex_;
  std::vector<std::shared_ptr<GpuQueue>> queues_;
  std::size_t prune_at_ = 16;

  std::mutex woken_mutex_;
  std::deque<std::shared_ptr<GpuQueue>> woken_;
  bool advancing_ = false;

  std::mutex host_mutex_;
  std::condition_variable host_work_;
  std::condition_variable quiet_;
  std::deque<std::shared_ptr<GpuQueue>> host_ready_;
  std::size_t busy_ = 0;  // posted, or on a host thread
  std::size_t idle_threads_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;

  std::atomic<bool> loss_spread_ = false;
  std::atomic<std::uint64_t> kernels_ = 0;
  std::atomic<std::uint64_t> buffers_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> submissions_ = 0;
  std::atomic<std::uint64_t> groups_ = 0;
  const std::shared_ptr<std::atomic<std::uint64_t>> encoded_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_GPU_CORE_H_
