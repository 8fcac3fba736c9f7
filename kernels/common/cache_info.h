// SPDX-License-Identifier: MIT
// Cache sizes of this machine, as its devices report them: block sizes are computed
// from them.
#ifndef ASSAY_KERNELS_COMMON_CACHE_INFO_H_
#define ASSAY_KERNELS_COMMON_CACHE_INFO_H_

#include <algorithm>
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

// Whether the second-level cache holds rows x cols elements.
inline bool fits_second_cache(std::int64_t rows, std::int64_t cols,
                              std::int64_t element_bytes, const CacheInfo& caches) {
  // In floating point: no overflow.
  return static_cast<double>(rows) * static_cast<double>(cols) *
             static_cast<double>(element_bytes) <=
         static_cast<double>(caches.l2_bytes);
}

// A Zen's. With more, as Intels have it, the last cache is slow, and other ways of
// matmul win.
inline constexpr std::size_t kUsualSecondCache = std::size_t{1} << 20;
inline bool has_large_second_cache(const CacheInfo& caches) {
  return caches.l2_bytes > kUsualSecondCache;
}

// A product rows x depth by depth x cols whose B is small and whose A and C are beyond
// the second-level cache: gone over a few columns at a time, each time both come again.
inline bool many_rows_of_small_b(std::int64_t rows, std::int64_t depth,
                                 std::int64_t cols) {
  constexpr std::int64_t kMostOfB = 64 * 1024 / sizeof(float);
  return depth <= kMostOfB && depth * cols <= kMostOfB &&
         !fits_second_cache(rows, depth + cols, sizeof(float), cache_info());
}

// What the last cache keeps of one program, at most. A virtual machine reads the size
// of its host's, which it has to share: two processors of an Intel that were told of
// 480 MiB read 32 MiB again and again at 28 GB/s, 64 at 12 and 512 at 10.6, and copied
// 16 MiB at 27 GB/s and 32 at 11 (past the caches 26 and 25). So each that shares the
// cache is counted for 24 MiB, more than all but a few have.
inline double last_cache_share(const CacheInfo& caches) {
  constexpr double kMostOfProcessor = 24.0 * 1024 * 1024;
  return std::min(static_cast<double>(caches.l3_bytes),
                  kMostOfProcessor * static_cast<double>(caches.l3_sharers));
}

// Whether operands of so many bytes come from memory and not from the last cache, of
// which a share of a machine does not hold more than half.
inline bool comes_from_memory(double bytes) {
  return 2 * bytes > last_cache_share(cache_info());
}

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_CACHE_INFO_H_
