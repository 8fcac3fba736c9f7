// SPDX-License-Identifier: MIT
// The opened VkDevice and what is shared by everything made from it. Lower than the
// Device handle: buffers, kernels and recorded commands keep it open, and it keeps none
// of them, so work in flight never holds itself alive.
#ifndef ASSAY_BACKENDS_VULKAN_GPU_H_
#define ASSAY_BACKENDS_VULKAN_GPU_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/interface/buffer.h"
#include "backends/interface/caps.h"
#include "backends/vulkan/api.h"
#include "backends/vulkan/device_clock.h"
#include "backends/vulkan/instance.h"
#include "backends/vulkan/pipeline_cache.h"
#include "backends/vulkan/progress.h"

namespace assay::vulkan {

// What the driver is handed in one call at most: a longer command buffer is cut.
// Systems take a GPU away from work of some seconds (the shortest patience known: 2 s,
// of Linux 7 on AMD's), and how long a dispatch takes is not known here, so both are
// guesses: 256 commands of 8 ms; 2^20 groups, which move 4 GiB with 256 threads and 16
// bytes each, 0.1 s of a small GPU. A cut costs 5 us on an H200, where 256 of the
// shortest dispatches take 600. What one dispatch does cannot be cut: its code may ask
// how many groups there are.
struct WorkCap {
  std::uint32_t commands = 256;
  std::uint64_t groups = std::uint64_t{1} << 20;
};

struct Options {
  unsigned index = 0;
  Validation validation = Validation::off;
  unsigned queues = 0;  // 0: all of the family
  bool timestamps = true;
  std::uint64_t spin_us = 0;
  bool spin_given = false;
  // How long nothing at all may be reached while somebody waits (progress.h); 0: for
  // ever.
  std::uint64_t stall_s = 0;
  bool stall_given = false;
  // A private folder for compiled pipelines; empty: every process compiles its own.
  std::string cache_folder;
  // Tests only: so many real queues to spread over, whatever the driver has; they are
  // one queue of the driver, so only one thread may submit.
  unsigned pretended_queues = 0;
  // Tests only: smaller ones.
  WorkCap cap;
  std::uint64_t stall_ns = 0;  // in place of stall_s
  // Tests replace entries to make calls fail. Called once, before the first use.
  void (*patch)(VolkDeviceTable& table) = nullptr;
};

// A queue of the driver. Several logical queues may share one; vkQueueSubmit2 on it
// happens under its lock.
struct RealQueue {
  VkQueue handle = VK_NULL_HANDLE;
  std::mutex mutex;
};

// A VkBuffer with memory of its own.
struct Allocation {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::byte* mapped = nullptr;  // null where the host cannot see it
};

class Gpu {
 public:
  explicit Gpu(const Options& options);
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  VkDevice handle() const noexcept { return device_; }
  const VolkDeviceTable& vk() const noexcept { return table_; }
  const Caps& caps() const noexcept { return caps_; }
  std::uint32_t family() const noexcept { return family_; }
  bool validated() const noexcept { return validated_; }
  std::uint64_t spin_ns() const noexcept { return spin_ns_; }
  DeviceClock& clock() noexcept { return *clock_; }
  const WorkCap& cap() const noexcept { return cap_; }
  Progress& progress() noexcept { return progress_; }
  // An empty submission to each queue: a driver that does not say at a semaphore that
  // the device is lost may say so here. Latches it.
  Status ask_queues() noexcept;

  // Null without Options::cache_folder.
  const PipelineCache* pipelines() const noexcept { return pipelines_.get(); }

  // The next real queue, round robin: a new logical queue gets it for life.
  RealQueue& assign_queue() noexcept;

  // Memory of the kind, tried type by type in the order of preference. bytes > 0.
  // Throws out_of_memory.
  Allocation allocate(std::size_t bytes, MemoryKind kind);
  void release(const Allocation& allocation) noexcept;
  // 16 bytes to stand for an empty slice: Vulkan has no descriptor for nothing.
  VkBuffer placeholder() const noexcept { return placeholder_.buffer; }

  // A command pool for one thread's use, recycled. Recording needs no lock, and a
  // command buffer may be freed on any thread, because each has a pool to itself: a
  // pool a thread would need one around both.
  VkCommandPool acquire_pool();
  void release_pool(VkCommandPool pool) noexcept;

  // Status of a call on this device; latches a lost device.
  Status status_of(VkResult result, const char* call) noexcept;
  bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
  // By our own judgement: every wait and submission fails from now on.
  void give_up() noexcept { lost_.store(true, std::memory_order_release); }

 private:
  void create(VkPhysicalDevice physical, const Options& options,
              std::uint32_t queue_count);
  Allocation try_type(std::size_t bytes, std::uint32_t type, VkResult& result);
  void close() noexcept;

  VkDevice device_ = VK_NULL_HANDLE;
  VolkDeviceTable table_ = {};
  Caps caps_;
  std::uint32_t family_ = 0;
  bool validated_ = false;
  std::uint64_t spin_ns_ = 0;
  WorkCap cap_;
  Progress progress_;
  VkPhysicalDeviceMemoryProperties memory_ = {};
  std::unique_ptr<DeviceClock> clock_;
  std::unique_ptr<PipelineCache> pipelines_;
  std::vector<std::unique_ptr<RealQueue>> queues_;
  std::atomic<std::size_t> next_queue_ = 0;
  Allocation placeholder_;
  std::mutex pools_mutex_;
  std::vector<VkCommandPool> pools_;
  std::atomic<bool> lost_ = false;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_GPU_H_
