// SPDX-License-Identifier: MIT
// What a physical device is, in the terms of Caps, and whether it is enough.
#ifndef ASSAY_BACKENDS_VULKAN_DESCRIBE_H_
#define ASSAY_BACKENDS_VULKAN_DESCRIBE_H_

#include <cstdint>
#include <string>

#include "backends/interface/caps.h"
#include "backends/vulkan/api.h"

namespace assay::vulkan {

struct Options;

struct QueueFamily {
  std::uint32_t index = 0;
  std::uint32_t queues = 0;
  std::uint32_t timestamp_bits = 0;
};

// The family that all work goes to. One that computes and does not draw first: on
// NVIDIA that is the asynchronous compute family. Then the one with more queues.
QueueFamily choose_family(VkPhysicalDevice physical);

// Throws unavailable, naming the first thing that is missing.
void require_usable(VkPhysicalDevice physical);
bool has_extension(VkPhysicalDevice physical, const char* name);

// VK_KHR_cooperative_matrix, declared here: Debian's headers are older.
inline constexpr const char* kMatrixExtension = "VK_KHR_cooperative_matrix";
struct MatrixFeatures {
  VkStructureType type = static_cast<VkStructureType>(1000506000);
  void* next = nullptr;
  VkBool32 multiply = VK_FALSE;
  VkBool32 robust_access = VK_FALSE;
};
// Threads of a subgroup, where one multiplies 16 x 16 matrices of f16 with sums in f32
// and the device has all else that code for it uses but narrow storage; otherwise 0.
std::uint32_t matrix_team(VkPhysicalDevice physical);
// Arrays of 16-bit numbers in storage buffers.
bool has_narrow_storage(VkPhysicalDevice physical);

// Everything of Caps but `timestamps`.
Caps describe(VkPhysicalDevice physical, const Options& options,
              std::uint32_t queue_count);

// A driver that runs on the host's processors, such as lavapipe.
bool runs_on_cpu(VkPhysicalDevice physical);
double ns_a_tick(VkPhysicalDevice physical);

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_DESCRIBE_H_
