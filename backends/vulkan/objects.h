// SPDX-License-Identifier: MIT
// Buffers and kernels.
#ifndef ASSAY_BACKENDS_VULKAN_OBJECTS_H_
#define ASSAY_BACKENDS_VULKAN_OBJECTS_H_

#include <atomic>
#include <memory>
#include <span>

#include "backends/interface/buffer.h"
#include "backends/interface/kernel.h"
#include "backends/vulkan/gpu.h"

namespace assay::vulkan {

class GpuBuffer final : public Buffer {
 public:
  // Throws out_of_memory.
  GpuBuffer(std::shared_ptr<Gpu> gpu, const BufferDesc& desc);
  ~GpuBuffer() override;

  const BufferDesc& desc() const noexcept override { return desc_; }
  const Gpu* gpu() const noexcept { return gpu_.get(); }
  VkBuffer handle() const noexcept { return memory_.buffer; }  // null when empty

 private:
  std::span<std::byte> do_map() override;
  void do_unmap() noexcept override;

  const std::shared_ptr<Gpu> gpu_;
  const BufferDesc desc_;
  Allocation memory_;  // mapped for life where the host can see it
  std::atomic<bool> mapped_ = false;
};

// A compute pipeline with one set of push descriptors: storage buffers 0, 1, ... in the
// order of KernelDesc::bindings.
class GpuKernel final : public Kernel {
 public:
  // Throws not_supported without device code, invalid_argument when it is none.
  GpuKernel(std::shared_ptr<Gpu> gpu, const KernelDesc& desc);
  ~GpuKernel() override;

  const KernelDesc& desc() const noexcept override { return desc_; }
  const Gpu* gpu() const noexcept { return gpu_.get(); }
  VkPipeline pipeline() const noexcept { return pipeline_; }
  VkPipelineLayout layout() const noexcept { return layout_; }

 private:
  void create_layout();
  void create_pipeline();
  void create_pipeline(const VkComputePipelineCreateInfo& info);
  void destroy() noexcept;

  const std::shared_ptr<Gpu> gpu_;
  const KernelDesc desc_;
  VkDescriptorSetLayout set_ = VK_NULL_HANDLE;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  VkPipeline pipeline_ = VK_NULL_HANDLE;
};

// Push constants are counted in words.
constexpr std::uint32_t padded_constants(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>((bytes + 3) / 4 * 4);
}

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_OBJECTS_H_
