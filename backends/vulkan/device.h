// SPDX-License-Identifier: MIT
// The handles of a Vulkan device.
#ifndef ASSAY_BACKENDS_VULKAN_DEVICE_H_
#define ASSAY_BACKENDS_VULKAN_DEVICE_H_

#include <memory>

#include "backends/interface/device.h"
#include "backends/vulkan/gpu.h"

namespace assay::vulkan {

std::shared_ptr<Device> make_device(std::shared_ptr<Gpu> gpu);

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_DEVICE_H_
