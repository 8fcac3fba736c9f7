// SPDX-License-Identifier: MIT
// Device timestamps around a submission, without touching its command buffers: those
// are reusable and may be in flight several times, so each submission in flight brings
// two small command buffers of its own, recorded once.
#ifndef ASSAY_BACKENDS_VULKAN_TIME_SLOTS_H_
#define ASSAY_BACKENDS_VULKAN_TIME_SLOTS_H_

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
