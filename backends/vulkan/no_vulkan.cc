// SPDX-License-Identifier: MIT
// Takes the place of the device in builds without the Vulkan headers.
#include "backends/interface/status.h"
#include "backends/vulkan/vulkan.h"

namespace assay::vulkan {

std::shared_ptr<Device> open(const runtime::Uri&) {
  throw Error(StatusCode::unavailable,
              "built without Vulkan: install libvulkan-dev, libvulkan-volk-dev and "
              "glslang-tools and configure with -DASSAY_WITH_VULKAN=ON");
}

}  // namespace assay::vulkan
