// SPDX-License-Identifier: MIT
#include "backends/runtime/host_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "backends/interface/status.h"

namespace assay::runtime {

void FreeDeleter::operator()(std::byte* memory) const noexcept { std::free(memory); }

HostMemory allocate_host(std::size_t bytes) noexcept {
  constexpr std::size_t kPage = 4096;
  constexpr std::size_t kHugePage = 2 * 1024 * 1024;
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kPage;
  if (bytes > SIZE_MAX - alignment) return nullptr;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<std::byte*>(
      std::aligned_alloc(alignment, rounded == 0 ? kPage : rounded));
  // Advice: a refusal changes speed, not meaning.
  if (memory != nullptr && rounded >= kHugePage)
    madvise(memory, rounded, MADV_HUGEPAGE);
  return HostMemory(memory);
}

HostBuffer::HostBuffer(BufferDesc desc, std::uint64_t device_id)
    : desc_(std::move(desc)),
      device_id_(device_id),
      memory_(allocate_host(desc_.bytes)) {
  if (!memory_) {
    throw Error(StatusCode::out_of_memory,
                "no memory for a buffer of " + std::to_string(desc_.bytes) + " bytes" +
                    (desc_.label.empty() ? "" : " (" + desc_.label + ")"));
  }
}

std::span<std::byte> HostBuffer::do_map() {
  if (kind() == MemoryKind::device) {
    throw Error(StatusCode::not_supported,
                "device memory cannot be mapped: copy through a host buffer, or use "
                "MemoryKind::unified");
  }
  if (mapped_.exchange(true)) {
    throw Error(StatusCode::failed_precondition, "the buffer is mapped already");
  }
  return {memory_.get(), bytes()};
}

void HostBuffer::do_unmap() noexcept { mapped_.store(false); }

}  // namespace assay::runtime
