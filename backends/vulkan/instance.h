// SPDX-License-Identifier: MIT
// The connection to the drivers: one a process and kind of validation, never closed,
// because drivers keep threads and hooks that do not survive it at exit.
#ifndef ASSAY_BACKENDS_VULKAN_INSTANCE_H_
#define ASSAY_BACKENDS_VULKAN_INSTANCE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "backends/vulkan/api.h"

namespace assay::vulkan {

enum class Validation : std::uint8_t { off, automatic, on };

struct Instance {
  VkInstance handle = VK_NULL_HANDLE;
  bool validated = false;
};

// Thread-safe. Throws unavailable without loader, driver, or, with Validation::on, the
// validation layer.
const Instance& instance(Validation validation);

// True for what the layer says of itself: that its own threads took more than ten
// seconds to follow a semaphore, a fence or a queue, which they do on a busy machine
// ("most likely a validation bug"). It is no defect of whoever made the calls.
bool is_of_the_layer_itself(std::string_view message_id) noexcept;

// In the order of the loader. May be empty.
std::vector<VkPhysicalDevice> physical_devices(const Instance& instance);

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_INSTANCE_H_
