// SPDX-License-Identifier: MIT
#include "backends/vulkan/gpu.h"

#include <algorithm>
#include <string>

#include "backends/vulkan/describe.h"

namespace assay::vulkan {
namespace {

constexpr std::uint64_t kSpinUs = 50;
// No work that is cut as WorkCap says comes near. A driver on the processor cannot stop
// in this way, and a large product takes it minutes.
constexpr std::uint64_t kStallS = 60;

VkPhysicalDevice pick(const Instance& instance, unsigned index) {
  const std::vector<VkPhysicalDevice> devices = physical_devices(instance);
  if (devices.empty()) {
    throw Error(StatusCode::unavailable,
                "no Vulkan device: install a driver, such as mesa-vulkan-drivers");
  }
  if (index >= devices.size()) {
    throw Error(StatusCode::unavailable,
                "no Vulkan device " + std::to_string(index) + ": there are " +
                    std::to_string(devices.size()) + ", counted from 0");
  }
  return devices[index];
}

}  // namespace

Gpu::Gpu(const Options& options) {
  const Instance& from = instance(options.validation);
  validated_ = from.validated;
  VkPhysicalDevice physical = pick(from, options.index);
  require_usable(physical);
  const QueueFamily family = choose_family(physical);
  const std::uint32_t queue_count =
      options.queues == 0 ? family.queues : std::min(family.queues, options.queues);
  family_ = family.index;
  caps_ = describe(physical, options, queue_count);
  caps_.timestamps = options.timestamps && family.timestamp_bits != 0 &&
                     DeviceClock::supported(physical);
  vkGetPhysicalDeviceMemoryProperties(physical, &memory_);
  // Polling a device that is the host's own processors takes them from it.
  const std::uint64_t spin_us = runs_on_cpu(physical) ? 0 : kSpinUs;
  spin_ns_ = 1000 * (options.spin_given ? options.spin_us : spin_us);
  cap_ = options.cap;
  const std::uint64_t stall_s = runs_on_cpu(physical) ? 0 : kStallS;
  const std::uint64_t stall_ns =
      1'000'000'000 * (options.stall_given ? options.stall_s : stall_s);
  progress_.set_limit(options.stall_ns != 0 ? options.stall_ns : stall_ns);

  if (!options.cache_folder.empty()) {
    pipelines_ = std::make_unique<PipelineCache>(physical, options.cache_folder);
  }

  create(physical, options, queue_count);
  try {
    if (caps_.timestamps) {
      clock_ = std::make_unique<DeviceClock>(device_, table_, ns_a_tick(physical),
                                             family.timestamp_bits);
    }
    placeholder_ = allocate(16, MemoryKind::device);
  } catch (...) {
    close();
    throw;
  }
}

void Gpu::create(VkPhysicalDevice physical, const Options& options,
                 std::uint32_t queue_count) {
  const std::vector<float> priorities(queue_count, 1.0F);
  auto queue =
      make<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
  queue.queueFamilyIndex = family_;
  queue.queueCount = queue_count;
  queue.pQueuePriorities = priorities.data();

  auto features13 = make<VkPhysicalDeviceVulkan13Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES);
  features13.synchronization2 = VK_TRUE;
  features13.maintenance4 = VK_TRUE;
  auto features12 = make<VkPhysicalDeviceVulkan12Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, &features13);
  features12.timelineSemaphore = VK_TRUE;
  features12.hostQueryReset = VK_TRUE;
  auto features11 = make<VkPhysicalDeviceVulkan11Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &features12);
  MatrixFeatures matrices;

  std::vector<const char*> extensions = {VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME};
  if (caps_.timestamps) {
    extensions.push_back(VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME);
  }
  features11.storageBuffer16BitAccess = caps_.narrow_storage ? VK_TRUE : VK_FALSE;
  if (caps_.matrix_team != 0) {
    extensions.push_back(kMatrixExtension);
    features12.shaderFloat16 = VK_TRUE;
    features12.vulkanMemoryModel = VK_TRUE;
    features12.vulkanMemoryModelDeviceScope = VK_TRUE;
    matrices.multiply = VK_TRUE;
    features13.pNext = &matrices;
  }
  auto info =
      make<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &features11);
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  require(vkCreateDevice(physical, &info, nullptr, &device_), "vkCreateDevice");
  volkLoadDeviceTable(&table_, device_);
  for (std::uint32_t i = 0; i < std::max(queue_count, options.pretended_queues); ++i) {
    queues_.push_back(std::make_unique<RealQueue>());
    table_.vkGetDeviceQueue(device_, family_, i % queue_count, &queues_.back()->handle);
  }
  if (options.patch != nullptr) options.patch(table_);
}

Gpu::~Gpu() { close(); }

void Gpu::close() noexcept {
  release(placeholder_);
  for (VkCommandPool pool : pools_) {
    table_.vkDestroyCommandPool(device_, pool, nullptr);
  }
  table_.vkDestroyDevice(device_, nullptr);
}

RealQueue& Gpu::assign_queue() noexcept {
  return *queues_[next_queue_.fetch_add(1, std::memory_order_relaxed) % queues_.size()];
}

VkCommandPool Gpu::acquire_pool() {
  {
    const std::lock_guard lock(pools_mutex_);
    if (!pools_.empty()) {
      VkCommandPool pool = pools_.back();
      pools_.pop_back();
      return pool;
    }
  }
  auto info = make<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
  info.queueFamilyIndex = family_;
  VkCommandPool pool = VK_NULL_HANDLE;
  require(table_.vkCreateCommandPool(device_, &info, nullptr, &pool),
          "vkCreateCommandPool");
  return pool;
}

void Gpu::release_pool(VkCommandPool pool) noexcept {
  const std::lock_guard lock(pools_mutex_);
  pools_.push_back(pool);
}

Status Gpu::ask_queues() noexcept {
  const auto nothing = make<VkSubmitInfo2>(VK_STRUCTURE_TYPE_SUBMIT_INFO_2);
  for (const auto& queue : queues_) {
    const std::lock_guard lock(queue->mutex);
    const VkResult result =
        table_.vkQueueSubmit2(queue->handle, 1, &nothing, VK_NULL_HANDLE);
    if (result == VK_ERROR_DEVICE_LOST) return status_of(result, "vkQueueSubmit2");
  }
  return {};
}

Status Gpu::status_of(VkResult result, const char* call) noexcept {
  if (result == VK_SUCCESS) return {};
  if (result == VK_ERROR_DEVICE_LOST) lost_.store(true, std::memory_order_release);
  return to_status(result, call);
}

}  // namespace assay::vulkan
