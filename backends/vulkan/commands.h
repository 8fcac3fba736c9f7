// SPDX-License-Identifier: MIT
// A command buffer as steps: what the device runs in one go, and host calls between.
#ifndef ASSAY_BACKENDS_VULKAN_COMMANDS_H_
#define ASSAY_BACKENDS_VULKAN_COMMANDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/command_buffer.h"
#include "backends/vulkan/gpu.h"
#include "backends/vulkan/objects.h"
#include "backends/vulkan/timeline.h"

namespace assay::vulkan {

// Which of the driver's queues has a command buffer, so that no other has it too.
//
// Vulkan lets one be pending on several (SIMULTANEOUS_USE). NVIDIA's driver 580.159 on
// an H200 did not: with one command buffer on eight queues all eight stopped within
// some milliseconds, for good and without a lost device (Xid 13, INVALIDATE_ACTIVE_QMD:
// a dispatch's descriptor was in use on another queue), where one a queue ran for ever.
// So the device waits for the other queue's use; commands that shall overlap are
// recorded once for each queue.
class QueueUse {
 public:
  // Held from the question to the answer of a submission.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  // What `queue` has to wait for first; a null semaphore: nothing.
  GpuPoint elsewhere(const RealQueue& queue) const;
  // It is on `queue` until `point`.
  void move_to(const RealQueue& queue, GpuPoint point);

 private:
  std::mutex mutex_;
  const RealQueue* queue_ = nullptr;
  GpuPoint until_;
};

// Either a recorded VkCommandBuffer or a host call. Two of the former in a row: cut, to
// be handed to the driver in two calls.
struct Step {
  VkCommandBuffer commands = VK_NULL_HANDLE;
  HostCall call;
};

class GpuCommands final : public CommandBuffer {
 public:
  GpuCommands(std::shared_ptr<Gpu> gpu, std::string label);
  ~GpuCommands() override;

  const std::string& label() const noexcept override { return label_; }
  std::size_t command_count() const noexcept override { return count_; }
  const Gpu* gpu() const noexcept { return gpu_.get(); }
  std::uint64_t groups() const noexcept { return groups_; }
  std::span<const Step> steps() const noexcept { return steps_; }
  // Some of it runs on the host, so a host thread has to see it through.
  bool has_host_calls() const noexcept { return host_calls_; }
  QueueUse& use() const noexcept { return use_; }

 private:
  friend class GpuEncoder;
  const std::shared_ptr<Gpu> gpu_;
  const std::string label_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<Step> steps_;
  std::vector<std::shared_ptr<const void>> retained_;
  std::size_t count_ = 0;
  std::uint64_t groups_ = 0;
  bool host_calls_ = false;
  mutable QueueUse use_;
};

class GpuEncoder final : public CommandEncoder {
 public:
  // `encoded` counts finished command buffers.
  GpuEncoder(std::shared_ptr<Gpu> gpu, EncoderDesc desc,
             std::shared_ptr<std::atomic<std::uint64_t>> encoded);
  ~GpuEncoder() override;

  using CommandEncoder::dispatch;
  void dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                std::span<const BufferSlice> bindings,
                std::span<const std::byte> constants) override;
  void copy(const BufferSlice& source, const BufferSlice& destination) override;
  void fill(const BufferSlice& destination, std::uint32_t pattern) override;
  void barrier() override;
  void host_call(HostCall call) override;
  void library_call(LibraryCall call) override;
  std::shared_ptr<CommandBuffer> finish() override;

 private:
  void require_recording() const;
  std::shared_ptr<GpuBuffer> resolve(const BufferSlice& slice, const char* what) const;
  // The open VkCommandBuffer, with a barrier after what must come before, for one more
  // command of `groups`. Cuts where the driver would be handed too much in one call.
  VkCommandBuffer begin_command(std::uint64_t groups);
  void open_commands();
  // `host_may_look`: nothing of the device follows before the host does.
  void end_commands(bool host_may_look);
  // A command writes `buffer`.
  void note_write(const GpuBuffer& buffer) noexcept {
    host_sees_ |= buffer.kind() != MemoryKind::device;
  }
  void record_dispatch(const std::shared_ptr<Kernel>& kernel, Dim3 groups,
                       std::span<const BufferSlice> bindings,
                       std::span<const std::byte> constants);
  struct Descriptors {
    std::vector<VkDescriptorBufferInfo> infos;  // which `writes` points into
    std::vector<VkWriteDescriptorSet> writes;
  };
  Descriptors describe(std::span<const BufferSlice> bindings) const;

  const std::shared_ptr<Gpu> gpu_;
  const EncoderDesc desc_;
  const std::shared_ptr<std::atomic<std::uint64_t>> encoded_;
  std::shared_ptr<GpuCommands> recorded_;
  VkCommandBuffer open_ = VK_NULL_HANDLE;
  bool barrier_due_ = false;
  bool host_sees_ = false;  // of what was written since the last barrier for the host
  std::uint32_t open_count_ = 0;  // commands in open_, and their groups
  std::uint64_t open_groups_ = 0;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_COMMANDS_H_
