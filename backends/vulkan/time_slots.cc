// SPDX-License-Identifier: MIT
#include "backends/vulkan/time_slots.h"

#include <array>

namespace assay::vulkan {
namespace {

// Slots of a chunk: most queues have few submissions in flight, and 16 cost some 30 us
// once.
constexpr std::uint32_t kChunk = 16;

}  // namespace

TimeSlots::~TimeSlots() {
  for (const Chunk& chunk : chunks_) {
    gpu_.vk().vkDestroyCommandPool(gpu_.handle(), chunk.commands, nullptr);
    gpu_.vk().vkDestroyQueryPool(gpu_.handle(), chunk.queries, nullptr);
  }
}

bool TimeSlots::record(VkCommandBuffer commands, VkQueryPool queries,
                       std::uint32_t query) {
  const VolkDeviceTable& vk = gpu_.vk();
  const auto begin =
      make<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
  if (vk.vkBeginCommandBuffer(commands, &begin) != VK_SUCCESS) return false;
  // Written when all that was submitted before has completed: for `begin`, that is the
  // queue's previous submission.
  vk.vkCmdWriteTimestamp2(commands, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, queries,
                          query);
  return vk.vkEndCommandBuffer(commands) == VK_SUCCESS;
}

bool TimeSlots::grow() {
  const VolkDeviceTable& vk = gpu_.vk();
  Chunk& chunk = chunks_.emplace_back();
  auto queries = make<VkQueryPoolCreateInfo>(VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO);
  queries.queryType = VK_QUERY_TYPE_TIMESTAMP;
  queries.queryCount = 2 * kChunk;
  auto pool = make<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
  pool.queueFamilyIndex = gpu_.family();
  std::array<VkCommandBuffer, std::size_t{2}* kChunk> commands = {};
  auto allocate =
      make<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
  allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  allocate.commandBufferCount = commands.size();
  if (vk.vkCreateQueryPool(gpu_.handle(), &queries, nullptr, &chunk.queries) !=
          VK_SUCCESS ||
      vk.vkCreateCommandPool(gpu_.handle(), &pool, nullptr, &chunk.commands) !=
          VK_SUCCESS) {
    return false;
  }
  allocate.commandPool = chunk.commands;
  if (vk.vkAllocateCommandBuffers(gpu_.handle(), &allocate, commands.data()) !=
      VK_SUCCESS) {
    return false;
  }
  for (std::uint32_t i = 0; i < commands.size(); ++i) {
    if (!record(commands[i], chunk.queries, i)) return false;
  }
  for (std::uint32_t i = 0; i < kChunk; ++i) {
    slots_.push_back({commands[2 * i], commands[2 * i + 1], chunk.queries, 2 * i});
    free_.push_back(&slots_.back());
  }
  return true;
}

const TimeSlot* TimeSlots::acquire() {
  if (free_.empty() && !grow()) return nullptr;
  const TimeSlot* slot = free_.back();
  free_.pop_back();
  gpu_.vk().vkResetQueryPool(gpu_.handle(), slot->queries, slot->first, 2);
  return slot;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> TimeSlots::read(
    const TimeSlot& slot) {
  std::array<std::uint64_t, 2> ticks = {};
  const VkResult result = gpu_.vk().vkGetQueryPoolResults(
      gpu_.handle(), slot.queries, slot.first, 2, sizeof(ticks), ticks.data(),
      sizeof(ticks[0]), VK_QUERY_RESULT_64_BIT);
  if (result != VK_SUCCESS) return std::nullopt;
  return std::pair(gpu_.clock().to_host_ns(ticks[0]),
                   gpu_.clock().to_host_ns(ticks[1]));
}

}  // namespace assay::vulkan
