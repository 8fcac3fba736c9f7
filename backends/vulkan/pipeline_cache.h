// SPDX-License-Identifier: MIT
// Compiled pipelines on disk, by way of the kernel cache: its key names driver and
// device, its entries have a checksum and are replaced by renaming. The driver trusts
// what it is given (a corrupt payload is undefined behaviour, and validation layers do
// not look), so whatever is not exactly what it once returned is a miss.
#ifndef ASSAY_BACKENDS_VULKAN_PIPELINE_CACHE_H_
#define ASSAY_BACKENDS_VULKAN_PIPELINE_CACHE_H_

#include <memory>
#include <string>
#include <string_view>

#include "backends/interface/kernel.h"
#include "backends/interface/kernel_cache.h"
#include "backends/vulkan/api.h"

namespace assay::vulkan {

// Thread-safe.
class PipelineCache {
 public:
  // Throws failed_precondition when the folder is not a private one.
  PipelineCache(VkPhysicalDevice physical, const std::string& folder);

  // vkCreateComputePipelines for the kernel that `info` is made of, with what an
  // earlier compilation left or leaving something for the next. Throws Error.
  VkPipeline create(VkDevice device, const VolkDeviceTable& vk, const KernelDesc& desc,
                    const VkComputePipelineCreateInfo& info) const;
  KernelCacheStats stats() const { return cache_->stats(); }

  // True when the driver of these properties may be handed `data`: it begins with the
  // header that Vulkan prescribes, of this vendor, device and cache UUID.
  static bool is_usable(std::string_view data,
                        const VkPhysicalDeviceProperties& properties) noexcept;

 private:
  KernelKey key_of(const KernelDesc& desc) const;

  VkPhysicalDeviceProperties properties_;
  std::string toolchain_;
  std::string hardware_;
  std::shared_ptr<KernelCache> cache_;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_PIPELINE_CACHE_H_
