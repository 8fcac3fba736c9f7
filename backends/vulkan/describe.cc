// SPDX-License-Identifier: MIT
#include "backends/vulkan/describe.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <vector>

#include "backends/runtime/host_limits.h"
#include "backends/vulkan/gpu.h"

namespace assay::vulkan {
namespace {

VkPhysicalDeviceProperties properties_of(VkPhysicalDevice physical) {
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(physical, &properties);
  return properties;
}

// Groups that run at the same time, at most: Vulkan has no word for it, so a vendor's
// extension says how many units there are, and one is claimed where none does.
std::uint32_t compute_units(VkPhysicalDevice physical) {
  if (runs_on_cpu(physical)) return std::max(1U, std::thread::hardware_concurrency());
  if (!has_extension(physical, VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME)) return 1;
  auto units = make<VkPhysicalDeviceShaderSMBuiltinsPropertiesNV>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &units);
  vkGetPhysicalDeviceProperties2(physical, &all);
  return std::max(1U, units.shaderSMCount);
}

// The most bytes of one buffer: it must be allocated, created and bound in one piece.
std::size_t largest_buffer(VkPhysicalDevice physical) {
  auto buffers = make<VkPhysicalDeviceMaintenance4Properties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES);
  auto allocations = make<VkPhysicalDeviceMaintenance3Properties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, &buffers);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &allocations);
  vkGetPhysicalDeviceProperties2(physical, &all);
  VkPhysicalDeviceMemoryProperties memory;
  vkGetPhysicalDeviceMemoryProperties(physical, &memory);
  VkDeviceSize heap = 0;
  for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i) {
    heap = std::max(heap, memory.memoryHeaps[i].size);
  }
  const VkDeviceSize bytes =
      std::min({buffers.maxBufferSize, allocations.maxMemoryAllocationSize, heap,
                VkDeviceSize{all.properties.limits.maxStorageBufferRange}});
  return static_cast<std::size_t>(bytes / 16 * 16);
}

Limits limits_of(VkPhysicalDevice physical) {
  auto push = make<VkPhysicalDevicePushDescriptorPropertiesKHR>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PUSH_DESCRIPTOR_PROPERTIES_KHR);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &push);
  vkGetPhysicalDeviceProperties2(physical, &all);
  const VkPhysicalDeviceLimits& from = all.properties.limits;
  Limits limits;
  limits.max_groups_per_dimension =
      std::min({from.maxComputeWorkGroupCount[0], from.maxComputeWorkGroupCount[1],
                from.maxComputeWorkGroupCount[2]});
  limits.max_local_bytes = from.maxComputeSharedMemorySize;
  // What every device has. Some have 256, but a kernel that needs them would be one
  // that does not run everywhere.
  limits.max_constants_bytes = 128;
  limits.max_bindings =
      std::min({push.maxPushDescriptors, from.maxPerStageDescriptorStorageBuffers,
                from.maxDescriptorSetStorageBuffers});
  limits.max_buffer_bytes = largest_buffer(physical);
  limits.binding_alignment = std::max<std::size_t>(
      4, static_cast<std::size_t>(from.minStorageBufferOffsetAlignment));
  return limits;
}

// The device's UUID, which other interfaces to the same GPU know, too.
std::string hardware_of(VkPhysicalDevice physical) {
  auto id = make<VkPhysicalDeviceIDProperties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &id);
  vkGetPhysicalDeviceProperties2(physical, &all);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : id.deviceUUID) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// VkCooperativeMatrixPropertiesKHR, and what its numbers mean.
struct MatrixShape {
  VkStructureType type = static_cast<VkStructureType>(1000506001);
  void* next = nullptr;
  std::uint32_t m = 0;
  std::uint32_t n = 0;
  std::uint32_t k = 0;
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::int32_t c = 0;
  std::int32_t result = 0;
  VkBool32 saturating = VK_FALSE;
  std::int32_t scope = 0;
};
constexpr std::int32_t kF16 = 0;
constexpr std::int32_t kF32 = 1;
constexpr std::int32_t kSubgroup = 3;

// The shape that device code is written for is among those that a subgroup multiplies.
bool multiplies_f16(VkPhysicalDevice physical) {
  using Query =
      VkResult(VKAPI_PTR*)(VkPhysicalDevice, std::uint32_t * count, MatrixShape*);
  const auto query = reinterpret_cast<Query>(vkGetInstanceProcAddr(
      volkGetLoadedInstance(), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  if (query == nullptr) return false;
  std::uint32_t count = 0;
  if (query(physical, &count, nullptr) != VK_SUCCESS) return false;
  std::vector<MatrixShape> shapes(count);
  if (query(physical, &count, shapes.data()) != VK_SUCCESS) return false;
  return std::any_of(shapes.begin(), shapes.end(), [](const MatrixShape& x) {
    return x.m == 16 && x.n == 16 && x.k == 16 && x.a == kF16 && x.b == kF16 &&
           x.c == kF32 && x.result == kF32 && x.saturating == VK_FALSE &&
           x.scope == kSubgroup;
  });
}

std::string version_text(std::uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." +
         std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

std::string uri_of(const Options& options) {
  std::string uri = "vulkan://" + std::to_string(options.index);
  const auto add = [&](const std::string& key, const std::string& value) {
    uri += uri.find('?') == std::string::npos ? "?" : "&";
    uri.append(key).append("=").append(value);
  };
  if (options.queues != 0) add("queues", std::to_string(options.queues));
  if (options.validation == Validation::on) add("validate", "on");
  if (options.validation == Validation::automatic) add("validate", "auto");
  if (!options.timestamps) add("timestamps", "off");
  if (options.spin_given) add("spin_us", std::to_string(options.spin_us));
  if (options.stall_given) add("stall_s", std::to_string(options.stall_s));
  if (!options.cache_folder.empty()) add("cache", options.cache_folder);
  return uri;
}

}  // namespace

QueueFamily choose_family(VkPhysicalDevice physical) {
  std::uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, families.data());
  QueueFamily best;
  bool best_draws = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    const VkQueueFamilyProperties& family = families[i];
    if ((family.queueFlags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    const bool draws = (family.queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0;
    const bool better = best.queues == 0 || (best_draws && !draws) ||
                        (best_draws == draws && family.queueCount > best.queues);
    if (!better) continue;
    best = {i, family.queueCount, family.timestampValidBits};
    best_draws = draws;
  }
  if (best.queues == 0) {
    throw Error(StatusCode::unavailable, "the device has no queue that computes");
  }
  return best;
}

bool has_extension(VkPhysicalDevice physical, const char* name) {
  std::uint32_t count = 0;
  vkEnumerateDeviceExtensionProperties(physical, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> extensions(count);
  vkEnumerateDeviceExtensionProperties(physical, nullptr, &count, extensions.data());
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const VkExtensionProperties& extension) {
                       return std::string_view(extension.extensionName) == name;
                     });
}

bool has_narrow_storage(VkPhysicalDevice physical) {
  auto features11 = make<VkPhysicalDeviceVulkan11Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES);
  auto all = make<VkPhysicalDeviceFeatures2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features11);
  vkGetPhysicalDeviceFeatures2(physical, &all);
  return features11.storageBuffer16BitAccess == VK_TRUE;
}

std::uint32_t matrix_team(VkPhysicalDevice physical) {
  if (!has_extension(physical, kMatrixExtension)) return 0;
  MatrixFeatures matrices;
  auto features12 = make<VkPhysicalDeviceVulkan12Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, &matrices);
  auto all = make<VkPhysicalDeviceFeatures2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features12);
  vkGetPhysicalDeviceFeatures2(physical, &all);
  const bool enough =
      matrices.multiply == VK_TRUE && features12.shaderFloat16 == VK_TRUE &&
      features12.vulkanMemoryModel == VK_TRUE &&
      features12.vulkanMemoryModelDeviceScope == VK_TRUE && multiplies_f16(physical);
  if (!enough) return 0;
  auto subgroups = make<VkPhysicalDeviceSubgroupProperties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
  auto properties = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &subgroups);
  vkGetPhysicalDeviceProperties2(physical, &properties);
  return subgroups.subgroupSize;
}

void require_usable(VkPhysicalDevice physical) {
  const VkPhysicalDeviceProperties properties = properties_of(physical);
  const auto missing = [&](const std::string& what) {
    throw Error(StatusCode::unavailable, std::string(properties.deviceName) +
                                             " has no " + what +
                                             "; a newer driver may have it");
  };
  if (properties.apiVersion < VK_API_VERSION_1_3) {
    missing("Vulkan 1.3, but " + version_text(properties.apiVersion));
  }
  auto features13 = make<VkPhysicalDeviceVulkan13Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES);
  auto features12 = make<VkPhysicalDeviceVulkan12Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, &features13);
  auto all = make<VkPhysicalDeviceFeatures2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features12);
  vkGetPhysicalDeviceFeatures2(physical, &all);
  if (features12.timelineSemaphore == VK_FALSE) missing("timeline semaphores");
  if (features12.hostQueryReset == VK_FALSE) missing("host query reset");
  if (features13.synchronization2 == VK_FALSE) missing("synchronization2");
  if (features13.maintenance4 == VK_FALSE) missing("maintenance4");
  if (!has_extension(physical, VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME)) {
    missing("push descriptors");
  }
}

Caps describe(VkPhysicalDevice physical, const Options& options,
              std::uint32_t queue_count) {
  auto driver = make<VkPhysicalDeviceDriverProperties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
  auto all = make<VkPhysicalDeviceProperties2>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &driver);
  vkGetPhysicalDeviceProperties2(physical, &all);
  Caps caps;
  caps.uri = uri_of(options);
  caps.name = std::string("Vulkan, ") + all.properties.deviceName;
  caps.description = std::string(driver.driverName) + " " + driver.driverInfo +
                     ", Vulkan " + version_text(all.properties.apiVersion) + ", " +
                     std::to_string(queue_count) +
                     (queue_count == 1 ? " queue" : " queues");
  caps.hardware = hardware_of(physical);
  caps.compute_units = compute_units(physical);
  caps.concurrent_queues = true;
  caps.asynchronous = true;
  caps.device_kernels = true;
  caps.narrow_storage = has_narrow_storage(physical);
  // Code for matrix units has its operands in such arrays.
  caps.matrix_team = caps.narrow_storage ? matrix_team(physical) : 0;
  caps.simulated_device_memory = runs_on_cpu(physical);
  // Vulkan has no word for a GPU's.
  if (runs_on_cpu(physical)) {
    caps.last_level_cache_bytes = runtime::host_last_level_cache_bytes();
  }
  caps.limits = limits_of(physical);
  return caps;
}

bool runs_on_cpu(VkPhysicalDevice physical) {
  return properties_of(physical).deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
}

double ns_a_tick(VkPhysicalDevice physical) {
  return static_cast<double>(properties_of(physical).limits.timestampPeriod);
}

}  // namespace assay::vulkan
