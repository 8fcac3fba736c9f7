// SPDX-License-Identifier: MIT
// Into which blocks transpose cuts a matrix beyond the caches, the same for any target.
#ifndef ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_
#define ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/common/cache_info.h"

namespace assay::transpose {

// A block, 32 KiB: long rows, for each is on a page of memory of its own, and few, for
// rows that are a power of two apart share sets of the second-level cache (16 KiB
// apart: 64 rows are all that one keeps, this block and the next one). On a Zen 5 at
// 4096x4096, of memcpy's time: 32x256 0.95, 32x128 1.08, 64x64 1.2, 64x128 1.3, 16x256
// 1.6, 64x64 with nothing fetched 2.0.
inline constexpr std::int64_t kFarRows = 32;
inline constexpr std::int64_t kFarCols = 256;

// Past it through the buffer, where rows share sets: 4097x4097 2.12 of OpenBLAS's
// speed, and 1.93 in blocks as above; 6145x6145 2.26 and 1.95 (that one beside other
// work on the machine). 5001x5001 is slower, 1.98 for 2.20. Turned in blocks of four,
// for the buffer shares no sets. With the next block fetched beside writing no other
// shape had more in two runs: 4097x4097 in 64x128, 32x256, 64x256, 128x64 and 32x128
// 2.9, 2.7, 2.8, 2.8 and 2.9; 5001x5001 in 32x256, 64x128, 64x256, 32x512 and 32x128
// 2.8, 2.9, 2.8, 2.9 and 2.9.
inline constexpr std::int64_t kCollidingRows = 64;
inline constexpr std::int64_t kCollidingCols = 128;

// In cache, where rows of B share its sets: longer runs of each row, for writing is
// what costs there. Blocks of 128 x 16 to 32 and of 16 to 32 x 256 read A too slowly;
// 128 x 256 is no faster. Nor, on a Zen 4 at 1022, 1023 and 1025, are 64 to 256 rows by
// 16 to 128; whole lines of A have 0.85 to 0.96 of the speed, the next block fetched
// 0.86 (513, too), stores past the cache 0.76 to 0.86 (1023).
inline constexpr std::int64_t kNearRows = 128;
inline constexpr std::int64_t kNearCols = 64;

// Turned, a block stands in a buffer as rows of B, each behind a line: what the block
// before left of it. Less than a line of columns more is not worth a block of its own.
// Whole vectors are loaded at the end of the last row.
constexpr std::size_t buffer_bytes(std::int64_t rows, std::int64_t cols) noexcept {
  return static_cast<std::size_t>((cols + kLine) * (rows + kLine) + kLine) *
         sizeof(float);
}
inline constexpr std::size_t kBufferBytes = buffer_bytes(kFarRows, kFarCols);

// Of the block whose first row is i, of m; of the one whose first column is j.
template <std::int64_t kRows>
constexpr std::int64_t rows_of_block(std::int64_t i, std::int64_t m) noexcept {
  return m - i < kRows ? m - i : kRows;
}
template <std::int64_t kCols>
constexpr std::int64_t cols_of_block(std::int64_t j, std::int64_t end) noexcept {
  return end - j < kCols + kLine ? end - j : kCols;
}

// 0 where a line begins.
inline std::int64_t elements_into_line(const float* at) noexcept {
  return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(at) /
                                   sizeof(float)) %
         kLine;
}

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_FAR_BLOCKS_H_
