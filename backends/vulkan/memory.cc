// SPDX-License-Identifier: MIT
// Which heap a buffer comes from.
//
// One VkDeviceMemory a buffer: what allocates often does so through a pool, and a
// buffer of its own is one that validation and tools can tell apart. Only coherent
// types are used for what the host sees: every driver has one, and so no mapping needs
// to be flushed.
#include <array>
#include <span>
#include <string>

#include "backends/vulkan/gpu.h"

namespace assay::vulkan {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

struct Wish {
  VkMemoryPropertyFlags wanted = 0;
  VkMemoryPropertyFlags unwanted = 0;
};

// Staging: the host reads it too, and reading what is not cached takes some 50 times
// as long. On the host's side of the bus, so that device memory is left for devices.
constexpr std::array kHost = {Wish{kVisible | kCached, kLocal},
                              Wish{kVisible | kCached, 0}, Wish{kVisible, 0}};
// Bound and mapped: on the device's side where the host sees all or a part of it
// (resizable BAR; 256 MiB without), which the fall-back to the next type allows for.
constexpr std::array kUnified = {Wish{kVisible | kLocal, 0},
                                 Wish{kVisible | kCached, 0}, Wish{kVisible, 0}};
// A type the host cannot see first: the part it sees may be small.
constexpr std::array kDevice = {Wish{kLocal, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT},
                                Wish{kLocal, 0}, Wish{0, 0}};

std::span<const Wish> wishes(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::host:
      return kHost;
    case MemoryKind::unified:
      return kUnified;
    case MemoryKind::device:
      return kDevice;
  }
  return kDevice;
}

}  // namespace

Allocation Gpu::try_type(std::size_t bytes, std::uint32_t type, VkResult& result) {
  Allocation made;
  auto info = make<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
  info.size = bytes;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
               VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  result = table_.vkCreateBuffer(device_, &info, nullptr, &made.buffer);
  if (result != VK_SUCCESS) return {};
  VkMemoryRequirements needs;
  table_.vkGetBufferMemoryRequirements(device_, made.buffer, &needs);
  if ((needs.memoryTypeBits >> type & 1) == 0) {
    result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  } else {
    auto memory = make<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
    memory.allocationSize = needs.size;
    memory.memoryTypeIndex = type;
    result = table_.vkAllocateMemory(device_, &memory, nullptr, &made.memory);
  }
  if (result == VK_SUCCESS) {
    result = table_.vkBindBufferMemory(device_, made.buffer, made.memory, 0);
  }
  if (result == VK_SUCCESS && (memory_.memoryTypes[type].propertyFlags &
                               VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0) {
    void* mapped = nullptr;
    result = table_.vkMapMemory(device_, made.memory, 0, VK_WHOLE_SIZE, 0, &mapped);
    made.mapped = static_cast<std::byte*>(mapped);
  }
  if (result == VK_SUCCESS) return made;
  release(made);
  return {};
}

Allocation Gpu::allocate(std::size_t bytes, MemoryKind kind) {
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  std::uint32_t tried = 0;
  for (const Wish& wish : wishes(kind)) {
    for (std::uint32_t type = 0; type < memory_.memoryTypeCount; ++type) {
      const VkMemoryPropertyFlags flags = memory_.memoryTypes[type].propertyFlags;
      if ((flags & wish.wanted) != wish.wanted || (flags & wish.unwanted) != 0)
        continue;
      // Types for protected memory and the like need features nobody enabled.
      constexpr VkMemoryPropertyFlags kOrdinary = kLocal | kVisible | kCached;
      if ((flags & ~kOrdinary) != 0 || (tried >> type & 1) != 0) continue;
      tried |= 1U << type;
      const Allocation made = try_type(bytes, type, result);
      if (result == VK_SUCCESS) return made;
      if (result == VK_ERROR_DEVICE_LOST) break;
    }
  }
  const Status why = status_of(result, "vkAllocateMemory");
  throw Error(why.code(), "a buffer of " + std::to_string(bytes) + " bytes of " +
                              std::string(to_string(kind)) +
                              " memory: " + std::string(why.message()));
}

void Gpu::release(const Allocation& allocation) noexcept {
  // Memory goes unmapped when it is freed. Null handles are legal.
  table_.vkDestroyBuffer(device_, allocation.buffer, nullptr);
  table_.vkFreeMemory(device_, allocation.memory, nullptr);
}

}  // namespace assay::vulkan
