// SPDX-License-Identifier: MIT
#include "backends/vulkan/objects.h"

#include <string>
#include <utility>
#include <vector>

#include "backends/runtime/command_checks.h"

namespace assay::vulkan {
namespace {

constexpr std::uint32_t kMagic = 0x07230203;  // first word of a SPIR-V module
constexpr std::size_t kHeaderWords = 5;

// What the driver does not check: it is handed trusted code and may crash on other.
void require_code(const KernelDesc& desc) {
  if (desc.device_code.empty()) {
    throw Error(StatusCode::not_supported, "kernel '" + desc.name +
                                               "': a Vulkan device runs device code, "
                                               "not host functions");
  }
  if (desc.device_code.size() <= kHeaderWords || desc.device_code[0] != kMagic) {
    throw Error(StatusCode::invalid_argument,
                "kernel '" + desc.name + "': its device code is not a SPIR-V module");
  }
}

}  // namespace

GpuBuffer::GpuBuffer(std::shared_ptr<Gpu> gpu, const BufferDesc& desc)
    : gpu_(std::move(gpu)), desc_(desc) {
  if (desc_.bytes != 0) memory_ = gpu_->allocate(desc_.bytes, desc_.kind);
}

GpuBuffer::~GpuBuffer() { gpu_->release(memory_); }

std::span<std::byte> GpuBuffer::do_map() {
  if (desc_.kind == MemoryKind::device) {
    throw Error(StatusCode::not_supported,
                "device memory cannot be mapped; copy it to host or unified memory");
  }
  if (mapped_.exchange(true)) {
    throw Error(StatusCode::failed_precondition, "the buffer is mapped already");
  }
  return {memory_.mapped, desc_.bytes};
}

void GpuBuffer::do_unmap() noexcept { mapped_.store(false); }

GpuKernel::GpuKernel(std::shared_ptr<Gpu> gpu, const KernelDesc& desc)
    : gpu_(std::move(gpu)), desc_(desc) {
  runtime::check_kernel(desc_, gpu_->caps().limits);
  require_code(desc_);
  try {
    create_layout();
    create_pipeline();
  } catch (...) {
    destroy();
    throw;
  }
}

GpuKernel::~GpuKernel() { destroy(); }

void GpuKernel::create_layout() {
  const VolkDeviceTable& vk = gpu_->vk();
  std::vector<VkDescriptorSetLayoutBinding> bindings(desc_.bindings.size());
  for (std::uint32_t i = 0; i < bindings.size(); ++i) {
    bindings[i].binding = i;
    bindings[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    bindings[i].descriptorCount = 1;
    bindings[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
  }
  auto set = make<VkDescriptorSetLayoutCreateInfo>(
      VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
  set.flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR;
  set.bindingCount = static_cast<std::uint32_t>(bindings.size());
  set.pBindings = bindings.data();
  require(vk.vkCreateDescriptorSetLayout(gpu_->handle(), &set, nullptr, &set_),
          "vkCreateDescriptorSetLayout");

  VkPushConstantRange constants = {};
  constants.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
  constants.size = padded_constants(desc_.constants_bytes);
  auto layout =
      make<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
  layout.setLayoutCount = 1;
  layout.pSetLayouts = &set_;
  layout.pushConstantRangeCount = constants.size == 0 ? 0 : 1;
  layout.pPushConstantRanges = &constants;
  require(vk.vkCreatePipelineLayout(gpu_->handle(), &layout, nullptr, &layout_),
          "vkCreatePipelineLayout");
}

void GpuKernel::create_pipeline() {
  const VolkDeviceTable& vk = gpu_->vk();
  auto module =
      make<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
  module.codeSize = desc_.device_code.size() * sizeof(std::uint32_t);
  module.pCode = desc_.device_code.data();
  VkShaderModule shader = VK_NULL_HANDLE;
  require(vk.vkCreateShaderModule(gpu_->handle(), &module, nullptr, &shader),
          "vkCreateShaderModule");

  std::vector<VkSpecializationMapEntry> entries(desc_.specialization.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    entries[i] = {i, i * 4, 4};
  }
  VkSpecializationInfo specialization = {};
  specialization.mapEntryCount = static_cast<std::uint32_t>(entries.size());
  specialization.pMapEntries = entries.data();
  specialization.dataSize = desc_.specialization.size() * 4;
  specialization.pData = desc_.specialization.data();

  auto info =
      make<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
  info.stage = make<VkPipelineShaderStageCreateInfo>(
      VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO);
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = shader;
  info.stage.pName = "main";
  if (!entries.empty()) info.stage.pSpecializationInfo = &specialization;
  info.layout = layout_;
  try {
    create_pipeline(info);
  } catch (...) {
    vk.vkDestroyShaderModule(gpu_->handle(), shader, nullptr);
    throw;
  }
  vk.vkDestroyShaderModule(gpu_->handle(), shader, nullptr);
}

void GpuKernel::create_pipeline(const VkComputePipelineCreateInfo& info) {
  const VolkDeviceTable& vk = gpu_->vk();
  if (gpu_->pipelines() != nullptr) {
    pipeline_ = gpu_->pipelines()->create(gpu_->handle(), vk, desc_, info);
    return;
  }
  require(vk.vkCreateComputePipelines(gpu_->handle(), VK_NULL_HANDLE, 1, &info, nullptr,
                                      &pipeline_),
          "vkCreateComputePipelines");
}

void GpuKernel::destroy() noexcept {
  const VolkDeviceTable& vk = gpu_->vk();
  vk.vkDestroyPipeline(gpu_->handle(), pipeline_, nullptr);
  vk.vkDestroyPipelineLayout(gpu_->handle(), layout_, nullptr);
  vk.vkDestroyDescriptorSetLayout(gpu_->handle(), set_, nullptr);
}

}  // namespace assay::vulkan
