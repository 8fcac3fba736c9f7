// SPDX-License-Identifier: MIT
#include "backends/runtime/command_checks.h"

#include <string>

#include "backends/interface/status.h"

namespace assay::runtime {

SliceRange check_bindable(const BufferSlice& slice, const Limits& limits,
                          std::string_view what) {
  const SliceRange range = range_of(slice, what);
  if (slice.buffer->kind() == MemoryKind::host) {
    throw Error(StatusCode::not_supported,
                std::string(what) +
                    ": host memory cannot be bound; copy it to device or unified "
                    "memory");
  }
  if (range.offset % limits.binding_alignment != 0) {
    invalid(std::string(what) + ": offset " + std::to_string(range.offset) +
            " is not a multiple of " + std::to_string(limits.binding_alignment));
  }
  return range;
}

void check_kernel(const KernelDesc& desc, const Limits& limits) {
  const std::string name = "kernel '" + desc.name + "'";
  if (desc.host == nullptr && desc.device_code.empty()) invalid(name + " has no code");
  if (desc.local_bytes > limits.max_local_bytes) {
    invalid(name + " wants " + std::to_string(desc.local_bytes) +
            " bytes of local memory; the limit is " +
            std::to_string(limits.max_local_bytes));
  }
  if (desc.constants_bytes > limits.max_constants_bytes) {
    invalid(name + " wants " + std::to_string(desc.constants_bytes) +
            " bytes of constants; the limit is " +
            std::to_string(limits.max_constants_bytes));
  }
  if (desc.bindings.size() > limits.max_bindings) {
    invalid(name + " has " + std::to_string(desc.bindings.size()) +
            " bindings; the limit is " + std::to_string(limits.max_bindings));
  }
}

std::uint64_t check_dispatch(const KernelDesc& desc, Dim3 groups, std::size_t bindings,
                             std::size_t constants_bytes, const Limits& limits,
                             std::string_view what) {
  if (bindings != desc.bindings.size()) {
    invalid(std::string(what) + ": " + std::to_string(bindings) + " bindings given, " +
            std::to_string(desc.bindings.size()) + " declared");
  }
  if (constants_bytes != desc.constants_bytes) {
    invalid(std::string(what) + ": " + std::to_string(constants_bytes) +
            " bytes of constants given, " + std::to_string(desc.constants_bytes) +
            " declared");
  }
  const std::uint32_t limit = limits.max_groups_per_dimension;
  if (groups.x > limit || groups.y > limit || groups.z > limit) {
    invalid(std::string(what) + ": more than " + std::to_string(limit) +
            " groups in a dimension");
  }
  std::uint64_t count = std::uint64_t{groups.x} * groups.y;
  if (__builtin_mul_overflow(count, std::uint64_t{groups.z}, &count)) {
    invalid(std::string(what) + ": the number of groups overflows");
  }
  return count;
}

void check_copy(bool same_buffer, const SliceRange& from, const SliceRange& to) {
  if (from.bytes != to.bytes) {
    invalid("copy: " + std::to_string(from.bytes) + " bytes into " +
            std::to_string(to.bytes));
  }
  if (same_buffer && overlap(from, to)) {
    invalid("copy: source and destination overlap");
  }
}

void check_fill(const SliceRange& range) {
  if (range.offset % sizeof(std::uint32_t) != 0 ||
      range.bytes % sizeof(std::uint32_t) != 0) {
    invalid("fill: offset and size must be multiples of 4 bytes");
  }
}

}  // namespace assay::runtime
