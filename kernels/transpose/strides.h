// SPDX-License-Identifier: MIT
// What the distances between rows say about the way to turn a matrix in cache. All on a
// Zen 4 (32 KiB, 8 ways) in time of OpenBLAS's somatcopy / our own, interleaved; of
// 500x513, 1000x512, 1028x1028 and 1026x1100 beside other work on the machine.
#ifndef ASSAY_KERNELS_TRANSPOSE_STRIDES_H_
#define ASSAY_KERNELS_TRANSPOSE_STRIDES_H_

#include <cstdint>

#include "kernels/transpose/far_blocks.h"

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
inline constexpr std::int64_t kFewRows = 16;
inline constexpr std::int64_t kManyRows = 128;
inline constexpr std::int64_t kLongRow = 1150;
constexpr std::int64_t rows_walked_along(std::int64_t lda, std::int64_t ldb) noexcept {
  const bool few = (lda >= kLongRow && ldb >= kLongRow) || near_period(lda) ||
                   share_sets(lda) || one_beyond(lda) ||
                   (near_period(ldb) && !share_sets(ldb));
  return few ? kFewRows : kManyRows;
}

// Elements of a matrix that shares a first-level cache of 32 KiB with what it becomes:
// whole lines of A one after the other, in tiles of 256 bits 64x64 1.24, 32x32 1.07 and
// 60x60 0.82 of OpenBLAS's speed. Of blocks of four 1.17, 1.02 and 0.85; eight rows at
// a time 1.0, 0.86 and 0.72. Where vectors are lines blocks of four are as fast or
// faster (64x64 on an Intel of family 6, model 207: 0.8 of their speed in whole lines).
inline constexpr std::int64_t kSmall = 4096;

// How a matrix of more than kNarrow rows and columns is turned.
enum class Way : std::uint8_t {
  lines_past_cache,      // whole lines of B, stored past the cache as they are turned
  far_buffer,            // past the cache out of a buffer
  colliding_far_buffer,  // the same, in blocks for rows that share sets
  near_buffer,           // through a buffer in cache
  lines,                 // whole lines of A
  blocks,                // four columns of A at a time
};

// Of a matrix of m rows; `streams`: its stores bypass the cache; `aligned`: lines of B
// begin where its rows do.
constexpr Way way_of(std::int64_t m, std::int64_t lda, std::int64_t ldb, bool streams,
                     bool aligned) noexcept {
  // Of shorter rows of B too few lines are whole.
  const bool lines_enough = m >= 2 * kFarRows;
  if (streams && aligned) return Way::lines_past_cache;
  if (streams && lines_enough) {
    return near_period(lda) || near_period(ldb) ? Way::colliding_far_buffer
                                                : Way::far_buffer;
  }
  if (lines_enough && wants_buffer(lda, ldb)) return Way::near_buffer;
  if (streams || (share_sets(lda) && share_sets(ldb))) return Way::lines;
  return Way::blocks;
}

// Vectors of 256 bits, where two of them do what one of 512 does: tiles of 8 rows, of
// which each keeps its line in the first-level cache where 16 would share a set or two
// of it, and half as many bytes that a load of one row waits for. With 512 bits and
// 256: 100x100 0.85 and 1.03, 128x128 0.83 and 1.03, 256x256 0.91 and 1.07, 1022x1022
// 0.96 and 1.10, 1023x1023 1.1 and 1.5, 1025x1025 2.6 and 3.7, 2047x2047 1.2 and 1.8.
// Not where few rows are walked along together (1020x1020 1.9 and 1.5, 1200x1200 1.22
// and 0.97), and in whole lines a vector of 512 bits is one (1024x1024 1.7 and 1.3,
// 2048x2048 1.9 and 1.4). Past the cache: whole lines of 4096x4096 2.6 and 2.0, of
// 5120x5120 2.1 and 1.6; through the buffer 4097x4097 2.3 and 2.9, 6145x6145 2.4 and
// 2.8, 5001x5001 2.8 and 2.9, 1500x1500 2.2 and 2.3.
constexpr bool suits_half_vectors(Way way, std::int64_t lda,
                                  std::int64_t ldb) noexcept {
  switch (way) {
    case Way::far_buffer:
    case Way::colliding_far_buffer:
    case Way::near_buffer:
      return true;
    case Way::blocks:
      return rows_walked_along(lda, ldb) == kManyRows;
    case Way::lines_past_cache:
    case Way::lines:
      return false;
  }
  return false;
}

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_STRIDES_H_
