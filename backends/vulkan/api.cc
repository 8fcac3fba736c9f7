// SPDX-License-Identifier: MIT
// The one file that holds volk's own code.
#define VOLK_IMPLEMENTATION
#include "backends/vulkan/api.h"

#include <string>

namespace assay::vulkan {
namespace {

constexpr const char* kLost = "the device is lost; open it again";

}  // namespace

Status to_status(VkResult result, const char* call) {
  const auto failed = [&](StatusCode code, const char* what) {
    return Status(code, std::string(call) + ": " + what);
  };
  switch (result) {
    case VK_SUCCESS:
      return {};
    case VK_ERROR_OUT_OF_HOST_MEMORY:
      return failed(StatusCode::out_of_memory, "no host memory left");
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return failed(StatusCode::out_of_memory, "no device memory left");
    case VK_ERROR_TOO_MANY_OBJECTS:
      return failed(StatusCode::resource_exhausted, "too many objects of its kind");
    case VK_ERROR_DEVICE_LOST:
      return failed(StatusCode::device_lost, kLost);
    case VK_TIMEOUT:
      return failed(StatusCode::deadline_exceeded, "the wait ran out of time");
    case VK_ERROR_INITIALIZATION_FAILED:
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return failed(StatusCode::unavailable,
                    "no working driver; install one, such as mesa-vulkan-drivers");
    default:
      return failed(StatusCode::internal,
                    ("VkResult " + std::to_string(result)).c_str());
  }
}

Status lost_status() { return {StatusCode::device_lost, kLost}; }

}  // namespace assay::vulkan
