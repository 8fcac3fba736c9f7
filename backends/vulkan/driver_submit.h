// SPDX-License-Identifier: MIT
// One call of vkQueueSubmit2: how it is filled in and serialised.
#ifndef ASSAY_BACKENDS_VULKAN_DRIVER_SUBMIT_H_
#define ASSAY_BACKENDS_VULKAN_DRIVER_SUBMIT_H_

#include <cstdint>
#include <mutex>
#include <span>

#include "backends/vulkan/gpu.h"
#include "backends/vulkan/timeline.h"

namespace assay::vulkan {

// The semaphore at `value`, as what a submission waits for or signals.
inline VkSemaphoreSubmitInfo at(const Semaphore& semaphore, std::uint64_t value) {
  auto info = make<VkSemaphoreSubmitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO);
  info.semaphore = semaphore.handle();
  info.value = value;
  info.stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT;
  return info;
}

inline VkCommandBufferSubmitInfo to_submit(VkCommandBuffer commands) {
  auto info =
      make<VkCommandBufferSubmitInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO);
  info.commandBuffer = commands;
  return info;
}

// Takes the mutex of `real` for the call.
inline VkResult submit_to(Gpu& gpu, RealQueue& real,
                          std::span<const VkSemaphoreSubmitInfo> waits,
                          std::span<const VkCommandBufferSubmitInfo> commands,
                          const VkSemaphoreSubmitInfo& signal) {
  auto info = make<VkSubmitInfo2>(VK_STRUCTURE_TYPE_SUBMIT_INFO_2);
  info.waitSemaphoreInfoCount = static_cast<std::uint32_t>(waits.size());
  info.pWaitSemaphoreInfos = waits.data();
  info.commandBufferInfoCount = static_cast<std::uint32_t>(commands.size());
  info.pCommandBufferInfos = commands.data();
  info.signalSemaphoreInfoCount = 1;
  info.pSignalSemaphoreInfos = &signal;
  const std::lock_guard lock(real.mutex);
  return gpu.vk().vkQueueSubmit2(real.handle, 1, &info, VK_NULL_HANDLE);
}

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_DRIVER_SUBMIT_H_
