// SPDX-License-Identifier: MIT
#include "backends/vulkan/pipeline_cache.h"

#include <cstring>
#include <span>

#include "backends/runtime/kernel_cache.h"

namespace assay::vulkan {
namespace {

// Raised when what is in the key or the payload changes.
constexpr std::uint32_t kAbi = 1;

std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string bytes_of(std::span<const std::uint32_t> words) {
  return {reinterpret_cast<const char*>(words.data()), words.size_bytes()};
}

// A VkPipelineCache that goes with the scope.
class DriverCache {
 public:
  DriverCache(VkDevice device, const VolkDeviceTable& vk, std::string_view data)
      : device_(device), vk_(vk) {
    auto info =
        make<VkPipelineCacheCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO);
    info.initialDataSize = data.size();
    info.pInitialData = data.data();
    require(vk.vkCreatePipelineCache(device, &info, nullptr, &handle_),
            "vkCreatePipelineCache");
  }
  DriverCache(const DriverCache&) = delete;
  DriverCache& operator=(const DriverCache&) = delete;
  ~DriverCache() { vk_.vkDestroyPipelineCache(device_, handle_, nullptr); }

  VkPipelineCache handle() const noexcept { return handle_; }
  // All that the driver has to say; nothing when it says half of it.
  std::string data() const {
    std::size_t bytes = 0;
    if (vk_.vkGetPipelineCacheData(device_, handle_, &bytes, nullptr) != VK_SUCCESS) {
      return {};
    }
    std::string data(bytes, '\0');
    if (vk_.vkGetPipelineCacheData(device_, handle_, &bytes, data.data()) !=
        VK_SUCCESS) {
      return {};
    }
    data.resize(bytes);
    return data;
  }

 private:
  VkDevice device_;
  const VolkDeviceTable& vk_;
  VkPipelineCache handle_ = VK_NULL_HANDLE;
};

VkPipeline create_with(VkDevice device, const VolkDeviceTable& vk,
                       VkPipelineCache cache, const VkComputePipelineCreateInfo& info) {
  VkPipeline pipeline = VK_NULL_HANDLE;
  require(vk.vkCreateComputePipelines(device, cache, 1, &info, nullptr, &pipeline),
          "vkCreateComputePipelines");
  return pipeline;
}

}  // namespace

PipelineCache::PipelineCache(VkPhysicalDevice physical, const std::string& folder)
    : cache_(runtime::open_kernel_cache({folder})) {
  auto driver = make<VkPhysicalDeviceDriverProperties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
  auto id = make<VkPhysicalDeviceIDProperties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, &driver);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &id);
  vkGetPhysicalDeviceProperties2(physical, &all);
  properties_ = all.properties;
  toolchain_ = std::string(driver.driverName) + " " + driver.driverInfo + " " +
               std::to_string(properties_.driverVersion) + " Vulkan " +
               std::to_string(properties_.apiVersion) + " driver " +
               hex_of(id.driverUUID);
  hardware_ = std::string(properties_.deviceName) + " " +
              std::to_string(properties_.vendorID) + ":" +
              std::to_string(properties_.deviceID) + " device " +
              hex_of(id.deviceUUID) + " cache " + hex_of(properties_.pipelineCacheUUID);
}

KernelKey PipelineCache::key_of(const KernelDesc& desc) const {
  KernelKey key;
  key.kernel = desc.name;
  key.source = bytes_of(desc.device_code);
  // What the layout is made of.
  key.options = "bindings=" + std::to_string(desc.bindings.size()) +
                " constants=" + std::to_string(desc.constants_bytes);
  key.constants = bytes_of(desc.specialization);
  key.toolchain = toolchain_;
  key.device = hardware_;
  key.abi = kAbi;
  return key;
}

bool PipelineCache::is_usable(std::string_view data,
                              const VkPhysicalDeviceProperties& properties) noexcept {
  VkPipelineCacheHeaderVersionOne header;
  if (data.size() < sizeof(header)) return false;
  std::memcpy(&header, data.data(), sizeof(header));
  return header.headerSize >= sizeof(header) && header.headerSize <= data.size() &&
         header.headerVersion == VK_PIPELINE_CACHE_HEADER_VERSION_ONE &&
         header.vendorID == properties.vendorID &&
         header.deviceID == properties.deviceID &&
         std::memcmp(header.pipelineCacheUUID, properties.pipelineCacheUUID,
                     VK_UUID_SIZE) == 0;
}

VkPipeline PipelineCache::create(VkDevice device, const VolkDeviceTable& vk,
                                 const KernelDesc& desc,
                                 const VkComputePipelineCreateInfo& info) const {
  VkPipeline compiled = VK_NULL_HANDLE;
  const KernelBinary found = cache_->get_or_compile(key_of(desc), [&] {
    const DriverCache empty(device, vk, {});
    compiled = create_with(device, vk, empty.handle(), info);
    return empty.data();
  });
  if (compiled != VK_NULL_HANDLE) return compiled;
  const DriverCache filled(
      device, vk,
      is_usable(*found, properties_) ? std::string_view(*found) : std::string_view());
  return create_with(device, vk, filled.handle(), info);
}

}  // namespace assay::vulkan
