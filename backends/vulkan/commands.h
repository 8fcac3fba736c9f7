// SPDX-License-Identifier: MIT
// A command buffer as steps: what the device runs in one go, and host calls between.
#ifndef ASSAY_BACKENDS_VULKAN_COMMANDS_H_
#define ASSAY_BACKENDS_VULKAN_COMMANDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/command_buffer.h"
#include "backends/vulkan/gpu.h"
#include "backends/vulkan/objects.h"

namespace assay::vulkan {

// Either a recorded VkCommandBuffer or a host call.
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
  // The open VkCommandBuffer, with a barrier after what must come before.
  VkCommandBuffer begin_command();
  void end_commands();
  void push_bindings(const GpuKernel& kernel, std::span<const BufferSlice> bindings,
                     VkCommandBuffer commands) const;

  const std::shared_ptr<Gpu> gpu_;
  const EncoderDesc desc_;
  const std::shared_ptr<std::atomic<std::uint64_t>> encoded_;
  std::shared_ptr<GpuCommands> recorded_;
  VkCommandBuffer open_ = VK_NULL_HANDLE;
  bool barrier_due_ = false;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_COMMANDS_H_
