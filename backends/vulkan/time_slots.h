// SPDX-License-Identifier: MIT
// Device timestamps around a submission, without touching its command buffers: those
// are reusable and may be in flight several times, so each submission in flight brings
// two small command buffers of its own, recorded once.
#ifndef ASSAY_BACKENDS_VULKAN_TIME_SLOTS_H_
#define ASSAY_BACKENDS_VULKAN_TIME_SLOTS_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "backends/vulkan/gpu.h"

namespace assay::vulkan {

struct TimeSlot {
  VkCommandBuffer begin = VK_NULL_HANDLE;
  VkCommandBuffer end = VK_NULL_HANDLE;
  VkQueryPool queries = VK_NULL_HANDLE;
  std::uint32_t first = 0;  // query of `begin`; that of `end` follows
};

// What the device took, as begin and end between two times of the host's clock. Where
// the translated clock is ahead of or behind the host's, both move: cut off at `until`,
// a product of 6 us that was waited for by polling had taken 0 on an H200.
inline std::pair<std::uint64_t, std::uint64_t> placed_between(
    std::pair<std::uint64_t, std::uint64_t> times, std::uint64_t from,
    std::uint64_t until) noexcept {
  until = std::max(from, until);
  const std::uint64_t took =
      std::min(times.second - std::min(times.first, times.second), until - from);
  const std::uint64_t begin = std::clamp(times.first, from, until - took);
  return {begin, begin + took};
}

// Of one queue, under its lock. As many slots as ever were in flight at a time.
class TimeSlots {
 public:
  explicit TimeSlots(Gpu& gpu) : gpu_(gpu) {}
  TimeSlots(const TimeSlots&) = delete;
  TimeSlots& operator=(const TimeSlots&) = delete;
  ~TimeSlots();

  // Null when the driver gives no more: the submission then has no device times.
  const TimeSlot* acquire();
  void release(const TimeSlot* slot) { free_.push_back(slot); }
  // Begin and end in nanoseconds of the host's clock, of work that has completed.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> read(const TimeSlot& slot);

 private:
  struct Chunk {
    VkQueryPool queries = VK_NULL_HANDLE;
    VkCommandPool commands = VK_NULL_HANDLE;
  };
  bool grow();
  bool record(VkCommandBuffer commands, VkQueryPool queries, std::uint32_t query);

  Gpu& gpu_;
  std::vector<Chunk> chunks_;
  std::deque<TimeSlot> slots_;
  std::vector<const TimeSlot*> free_;
};

}  // namespace assay::vulkan

#endif  // ASSAY_BACKENDS_VULKAN_TIME_SLOTS_H_
