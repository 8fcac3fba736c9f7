// SPDX-License-Identifier: MIT
// Turns timestamps of the device into nanoseconds of the host's steady clock.
#ifndef ASSAY_BACKENDS_VULKAN_DEVICE_CLOCK_H_
#define ASSAY_BACKENDS_VULKAN_DEVICE_CLOCK_H_

#include <cstdint>
#include <mutex>

#include "backends/vulkan/api.h"

namespace assay::vulkan {

// Thread-safe. Both clocks are read together once a second
// (VK_EXT_calibrated_timestamps gives both in one call): crystals differ by some parts
// in a million, which is a microsecond in that time.
class DeviceClock {
 public:
  // True when `physical` can read both clocks together.
  static bool supported(VkPhysicalDevice physical);

  DeviceClock(VkDevice device, const VolkDeviceTable& table, double ns_a_tick,
              std::uint32_t valid_bits);

  std::uint64_t to_host_ns(std::uint64_t ticks);

 private:
  void calibrate();

  VkDevice device_;
  const PFN_vkGetCalibratedTimestampsEXT read_;
  const double ns_a_tick_;
  const std::uint64_t mask_;
  std::mutex mutex_;
  std::uint64_t base_ticks_ = 0;
  std::uint64_t base_ns_ = 0;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_DEVICE_CLOCK_H_
