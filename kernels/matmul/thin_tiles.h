// SPDX-License-Identifier: MIT
// The innermost pieces of a product of which one extent is small, one set for each ISA.
// Such a product reads or writes each element of its one large matrix a few times only:
// what counts is that it does so in long runs, once.
#ifndef ASSAY_KERNELS_MATMUL_THIN_TILES_H_
#define ASSAY_KERNELS_MATMUL_THIN_TILES_H_

#include <cstdint>

#include "kernels/common/isa.h"
#include "kernels/matmul/direct_tiles.h"

namespace assay::matmul {

// Most rows of a strip, most rows of few_rows(), and most steps of shallow().
inline constexpr std::int64_t kFewRows = 8;
inline constexpr std::int64_t kSomeRows = 32;
inline constexpr std::int64_t kFewSteps = 4;

// Floats of group-local memory for the sums of few_rows(), aligned to a line of cache:
// at most 128 KiB, which with a piece of the rows of B that they belong to fit a
// second-level cache.
inline constexpr std::int64_t kFewRowsSums = kSomeRows * 1024;

// Where B comes from. It changes the order in which it is read and no bit of C.
enum class Distance : std::uint8_t {
  near,        // a near cache
  far,         // memory
  far_hinted,  // the same, or a last cache as slow, where prefetchers come too late
};

// As DirectTiles::multiply: C = alpha * A * B + beta * C.
struct ThinTiles {
  Isa isa = Isa::scalar;
  std::int64_t lanes = 0;  // of a vector
  // 1 <= rows <= kSomeRows. Returns the columns it has computed, those of whole
  // vectors. Each element adds its terms in order of l, in parts, as DirectTiles do.
  // `sums`: room for kFewRowsSums.
  std::int64_t (*few_rows)(const DirectArgs& args, Distance distance,
                           float* sums) noexcept = nullptr;
  // The same of a B of 16-bit elements, of which args.b is not used; every column.
  void (*few_rows_bf16)(const DirectArgs& args, const std::uint16_t* b,
                        Distance distance, float* sums) noexcept = nullptr;
  void (*few_rows_f16)(const DirectArgs& args, const std::uint16_t* b,
                       Distance distance, float* sums) noexcept = nullptr;
  // One row, B transposed: element (l, j) at b[j * ldb + l]; a_step = 1. Each element
  // is a dot product, added up in two vectors and then across their lanes.
  void (*dots)(const DirectArgs& args) noexcept = nullptr;
  // 1 <= depth <= kFewSteps: whole rows of C, one after the other. With `bypass` stores
  // do not go through the caches, where addresses and beta allow it.
  void (*shallow)(const DirectArgs& args, bool bypass) noexcept = nullptr;
};

// Requires `isa` to be one of available_isas().
const ThinTiles& thin_tiles(Isa isa) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_THIN_TILES_H_
