// SPDX-License-Identifier: MIT
// Into which blocks transpose cuts a matrix beyond the caches, the same for any target.
#ifndef ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_
#define ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_

#include <cstddef>
#include <cstdint>

namespace assay::transpose {

// Elements of a cache line.
inline constexpr std::int64_t kLine = 16;

// A block, 32 KiB: long rows, for each is on a page of memory of its own, and few, for
// rows that are a power of two apart share sets of the second-level cache (16 KiB
// apart: 64 rows are all that one keeps, this block and the next one). On a Zen 5 at
// 4096x4096, of memcpy's time: 32x256 0.95, 32x128 1.08, 64x64 1.2, 64x128 1.3, 16x256
// 1.6, 64x64 with nothing fetched 2.0.
inline constexpr std::int64_t kFarRows = 32;
inline constexpr std::int64_t kFarCols = 256;

// Turned, it stands in a buffer as rows of B, each behind a line: what the block before
// left of it.
inline constexpr std::int64_t kBufferStride = kLine + kFarRows;
// Less than a line of columns more is not worth a block of its own.
inline constexpr std::size_t kBufferBytes =
    (kFarCols + kLine) * kBufferStride * sizeof(float);

// Of the block whose first row is i, of m; of the one whose first column is j.
constexpr std::int64_t rows_of_block(std::int64_t i, std::int64_t m) noexcept {
  return m - i < kFarRows ? m - i : kFarRows;
}
constexpr std::int64_t cols_of_block(std::int64_t j, std::int64_t end) noexcept {
  return end - j < kFarCols + kLine ? end - j : kFarCols;
}

// 0 where a line begins.
inline std::int64_t elements_into_line(const float* at) noexcept {
  return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(at) /
                                   sizeof(float)) %
         kLine;
}

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_
