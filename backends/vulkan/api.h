// SPDX-License-Identifier: MIT
// The Vulkan API, loaded at run time by volk, and how its results become ours. The only
// header that includes it.
#ifndef ASSAY_BACKENDS_VULKAN_API_H_
#define ASSAY_BACKENDS_VULKAN_API_H_

#include <volk.h>

#include "backends/interface/status.h"

namespace assay::vulkan {

// Success is ok; anything else names `call` and the result.
Status to_status(VkResult result, const char* call);
// What everything after the loss says, without a call of the driver.
Status lost_status();

// Throws what to_status() says.
inline void require(VkResult result, const char* call) {
  if (result != VK_SUCCESS) throw Error(to_status(result, call));
}

// A structure with its type set and all else zero.
template <typename T>
T make(VkStructureType type, void* next = nullptr) {
  T value = {};
  value.sType = type;
  value.pNext = next;
  return value;
}

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_API_H_
