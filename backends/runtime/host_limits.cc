// SPDX-License-Identifier: MIT
#include "backends/runtime/host_limits.h"

#include <unistd.h>

#include <algorithm>

#include "backends/runtime/host_caches.h"

namespace assay::runtime {
namespace {

// sysconf answers 0 or -1 for what it does not know.
std::size_t system_value(int name, std::size_t fallback) {
  const long value = sysconf(name);
  return value > 0 ? static_cast<std::size_t>(value) : fallback;
}

}  // namespace

Limits host_limits() {
  Limits limits;
  limits.max_groups_per_dimension = 0x7fffffff;
  limits.max_local_bytes = std::max<std::size_t>(cache_info().l2_bytes, 256 * 1024);
  limits.max_constants_bytes = 256;
  limits.max_bindings = 16;
  limits.max_buffer_bytes =
      system_value(_SC_PHYS_PAGES, 1U << 20) / 2 * system_value(_SC_PAGESIZE, 4096);
  limits.binding_alignment = 4;
  return limits;
}

std::size_t host_last_level_cache_bytes() {
  return cache_info().l3_found ? cache_info().l3_bytes : 0;
}

}  // namespace assay::runtime
