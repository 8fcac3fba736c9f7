// SPDX-License-Identifier: MIT
// What the distances between rows say about the way to turn a matrix in cache. All on a
// Zen 4 (32 KiB, 8 ways) in time of OpenBLAS's somatcopy / our own, interleaved; of
// 500x513, 1000x512, 1028x1028 and 1026x1100 beside other work on the machine.
#ifndef ASSAY_KERNELS_TRANSPOSE_STRIDES_H_
#define ASSAY_KERNELS_TRANSPOSE_STRIDES_H_

#include <cstdint>

namespace assay::transpose {

// Elements of 4 KiB. So far apart, rows share one set of the first-level cache, and a
// load has the address bits by which it is held against the stores before it.
inline constexpr std::int64_t kPeriod = 1024;

// How far rows are from sharing a set: -kPeriod / 2 < result <= kPeriod / 2.
constexpr std::int64_t off_period(std::int64_t ld) noexcept {
  const std::int64_t rest = ld % kPeriod;
  return rest <= kPeriod / 2 ? rest : rest - kPeriod;
}
constexpr bool near_period(std::int64_t ld) noexcept {
  return off_period(ld) >= -8 && off_period(ld) <= 8;
}
// Rows in one set or two of it.
constexpr bool share_sets(std::int64_t ld) noexcept { return ld % (kPeriod / 2) == 0; }
// An element more than a power of two: A[i,j] lies as far into its 4 KiB as B[j,i] into
// its own where both have it, and each load waits for the stores that it resembles
// (513x513 takes three times as long as 514x514, here and in OpenBLAS).
constexpr bool one_beyond(std::int64_t ld) noexcept { return ld % (kPeriod / 4) == 1; }

// Lines of B that are written in parts leave their set before they are whole, or loads
// wait for stores: blocks go through a buffer. With it and without: 513x513 3.0 and
// 1.0, 1022x1022 0.90 and 0.77, 1023x1023 1.02 and 0.79, 1025x1025 2.3 and 0.8,
// 1026x1100 1.46 and 1.12. (In a last cache that busy neighbours share `assay compare`
// has 0.89 and 0.81 at 1023x1023.) Further away it loses: 1020x1020 1.30 and 1.77.
constexpr bool wants_buffer(std::int64_t lda, std::int64_t ldb) noexcept {
  const std::int64_t off = off_period(ldb);
  return (off != 0 && off >= -3 && off <= 3) || (one_beyond(lda) && one_beyond(ldb));
}

// Rows of A that are walked along together: as many as keep their lines until the next
// four columns are read. 16 rows and 64: 1100x1024 0.99 and 0.64, 1000x1025 0.94 and
// 0.61, 1000x512 1.12 and 0.89, 500x513 1.05 and 0.74, 1028x1028 1.9 and 1.2. Where
// nothing collides 128 are a few percent better than 64, and 16 the same or worse
// (255x255 1.15, 1.14 and 0.98), until 128 and the lines of B that they end in outgrow
// the second-level cache (1200x1200 1.10 and, of 16, 1.22; 100x5000 1.09 and 1.04).
//
// Lost: whole lines, 256 rows of them, where both operands fit the second-level cache
// and their rows are whole lines. A probe compiled for one target had 1.11 at 256x256
// and 1.07 at 64x64 for the 0.97 and 0.78 of blocks; in the library `assay compare` had
// 0.84 and 0.79 for 1.00 and 0.94 on one unit, and 0.79 for 0.79 and 0.78 for 1.08 on
// two. Nobody knows yet what the two builds have in different ways.
inline constexpr std::int64_t kFewRows = 16;
inline constexpr std::int64_t kManyRows = 128;
inline constexpr std::int64_t kLongRow = 1150;
constexpr std::int64_t rows_walked_along(std::int64_t lda, std::int64_t ldb) noexcept {
  const bool few = (lda >= kLongRow && ldb >= kLongRow) || near_period(lda) ||
                   share_sets(lda) || one_beyond(lda) ||
                   (near_period(ldb) && !share_sets(ldb));
  return few ? kFewRows : kManyRows;
}

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_STRIDES_H_
