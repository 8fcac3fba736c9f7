// SPDX-License-Identifier: MIT
// What all handles of a CPU device share. Handles the user holds (device, queues,
// timelines) own it; work in flight does not, so a device closes when the user lets go,
// and its threads never have to close it themselves.
#ifndef ASSAY_BACKENDS_RUNTIME_DEVICE_CORE_H_
#define ASSAY_BACKENDS_RUNTIME_DEVICE_CORE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/interface/device.h"
#include "backends/runtime/engine.h"
#include "backends/runtime/queue_core.h"

namespace assay::runtime {

class DeviceCore {
 public:
  using EngineFactory = std::function<std::unique_ptr<Engine>(DeviceCore&)>;
  // Closing from inside the device's own work (a host call held the last handle) is
  // handed to a thread of its own.
  static std::shared_ptr<DeviceCore> create(const EngineFactory& factory);
  ~DeviceCore();
  DeviceCore(const DeviceCore&) = delete;
  DeviceCore& operator=(const DeviceCore&) = delete;

  std::uint64_t id() const noexcept { return id_; }
  Engine& engine() noexcept { return *engine_; }
  const Caps& caps() const noexcept { return engine_->caps(); }

  std::shared_ptr<QueueCore> create_queue(std::string label);
  // Everything submitted so far, one point a queue.
  std::vector<std::pair<std::shared_ptr<QueueCore>, CorePoint>> snapshot() const;

  // Calls `visit` with each queue, under a lock that create_queue() takes before the
  // engine's. Allocates nothing.
  template <typename Visit>
  void for_each_queue(const Visit& visit) const {
    const std::lock_guard lock(queues_mutex_);
    for (const auto& weak : queues_) {
      if (const auto queue = weak.lock()) visit(*queue);
    }
  }

  // Waits on behalf of a host thread; `queue` is who advances the timeline, if known.
  Status wait(QueueCore* queue, TimelineCore& timeline, std::uint64_t value,
              const Deadline& deadline);

  // Guards TimelineCore::producer and ::promised of this device's timelines. Taken
  // before a queue's lock.
  std::mutex& producer_mutex() noexcept { return producer_mutex_; }

  void queue_became_busy() noexcept;
  void queue_became_quiet() noexcept;

  void count_kernel() noexcept { kernels_.fetch_add(1, std::memory_order_relaxed); }
  void count_buffer(std::size_t bytes) noexcept {
    buffers_.fetch_add(1, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void count_encoded() noexcept { encoded_.fetch_add(1, std::memory_order_relaxed); }
  void count_submission() noexcept {
    submissions_.fetch_add(1, std::memory_order_relaxed);
  }
  void count_groups(std::uint64_t groups) noexcept {
    groups_.fetch_add(groups, std::memory_order_relaxed);
  }
  Counters counters() const noexcept;

 private:
  DeviceCore();
  void wait_quiet();

  const std::uint64_t id_;
  std::unique_ptr<Engine> engine_;
  // From here on written to: not in the cache line of what every submit reads.
  alignas(64) std::mutex producer_mutex_;

  mutable std::mutex queues_mutex_;
  std::vector<std::weak_ptr<QueueCore>> queues_;
  std::size_t prune_at_ = 16;

  // Queues that are scheduled or draining.
  alignas(64) std::atomic<std::int64_t> busy_ = 0;
  std::mutex quiet_mutex_;
  std::condition_variable quiet_;

  alignas(64) std::atomic<std::uint64_t> kernels_ = 0;
  std::atomic<std::uint64_t> buffers_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> encoded_ = 0;
  std::atomic<std::uint64_t> submissions_ = 0;
  std::atomic<std::uint64_t> groups_ = 0;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_DEVICE_CORE_H_
