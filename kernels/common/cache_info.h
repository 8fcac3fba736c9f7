// SPDX-License-Identifier: MIT
// Cache sizes of this machine, as its devices report them: block sizes are computed
// from them.
#ifndef ASSAY_KERNELS_COMMON_CACHE_INFO_H_
#define ASSAY_KERNELS_COMMON_CACHE_INFO_H_

#include <cstddef>
#include <cstdint>

#include "backends/runtime/host_caches.h"

namespace assay {

// Of a cache line, and how many f32 are in one.
inline constexpr std::size_t kLineBytes = 64;
inline constexpr std::int64_t kLine = kLineBytes / sizeof(float);

using runtime::cache_info;
using runtime::CacheInfo;
using runtime::read_cache_info;

// Whether operands of so many bytes come from memory and not from the last cache, of
// which a share of a machine does not hold more than half.
inline bool comes_from_memory(double bytes) {
  return 2 * bytes > static_cast<double>(cache_info().l3_bytes);
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_CACHE_INFO_H_
