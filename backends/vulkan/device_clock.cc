// SPDX-License-Identifier: MIT
#include "backends/vulkan/device_clock.h"

#include <algorithm>
#include <array>
#include <vector>

#include "backends/runtime/clock.h"

namespace assay::vulkan {
namespace {

constexpr std::uint64_t kRecalibrateNs = 1'000'000'000;

}  // namespace

bool DeviceClock::supported(VkPhysicalDevice physical) {
  if (vkGetPhysicalDeviceCalibrateableTimeDomainsEXT == nullptr) return false;
  std::uint32_t count = 0;
  vkGetPhysicalDeviceCalibrateableTimeDomainsEXT(physical, &count, nullptr);
  std::vector<VkTimeDomainEXT> domains(count);
  vkGetPhysicalDeviceCalibrateableTimeDomainsEXT(physical, &count, domains.data());
  const auto has = [&](VkTimeDomainEXT domain) {
    return std::find(domains.begin(), domains.end(), domain) != domains.end();
  };
  // The steady clock of libstdc++ and libc++ on Linux.
  return has(VK_TIME_DOMAIN_DEVICE_EXT) && has(VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT);
}

DeviceClock::DeviceClock(VkDevice device, const VolkDeviceTable& table,
                         double ns_a_tick, std::uint32_t valid_bits)
    : device_(device),
      read_(table.vkGetCalibratedTimestampsEXT),
      ns_a_tick_(ns_a_tick),
      mask_(valid_bits >= 64 ? ~std::uint64_t{0}
                             : (std::uint64_t{1} << valid_bits) - 1) {
  calibrate();
}

void DeviceClock::calibrate() {
  std::array<VkCalibratedTimestampInfoEXT, 2> infos = {
      make<VkCalibratedTimestampInfoEXT>(
          VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT),
      make<VkCalibratedTimestampInfoEXT>(
          VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT)};
  infos[0].timeDomain = VK_TIME_DOMAIN_DEVICE_EXT;
  infos[1].timeDomain = VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT;
  std::array<std::uint64_t, 2> times = {};
  std::uint64_t deviation = 0;
  if (read_(device_, 2, infos.data(), times.data(), &deviation) != VK_SUCCESS) return;
  base_ticks_ = times[0] & mask_;
  base_ns_ = times[1];
}

std::uint64_t DeviceClock::to_host_ns(std::uint64_t ticks) {
  const std::lock_guard lock(mutex_);
  if (runtime::clock_ns() - base_ns_ > kRecalibrateNs) calibrate();
  // The shorter way around the counter: the timestamp may be older than the base.
  const std::uint64_t ahead = (ticks - base_ticks_) & mask_;
  const std::uint64_t behind = (base_ticks_ - ticks) & mask_;
  const auto ns = [&](std::uint64_t difference) {
    return static_cast<std::uint64_t>(static_cast<double>(difference) * ns_a_tick_);
  };
  return ahead <= behind ? base_ns_ + ns(ahead) : base_ns_ - ns(behind);
}

}  // namespace assay::vulkan
