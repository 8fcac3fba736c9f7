// SPDX-License-Identifier: MIT
// The innermost piece of the direct matmul, one for each ISA: a block of C from
// operands that are read where they lie.
#ifndef ASSAY_KERNELS_MATMUL_DIRECT_TILES_H_
#define ASSAY_KERNELS_MATMUL_DIRECT_TILES_H_

#include <algorithm>
#include <cstdint>

#include "kernels/common/isa.h"

namespace assay::matmul {

// C[0..rows, 0..cols] = alpha * A * B + beta * C. Each element adds its terms in order
// of l, one fused (or, without FMA, one rounded) multiply-add a step, and what so many
// of them come to (kMostTerms) to C: the result does not depend on how rows and columns
// are cut into blocks.
struct DirectArgs {
  const float* a = nullptr;  // element (i, l) at a[i * a_row + l * a_step]
  std::int64_t a_row = 0;
  std::int64_t a_step = 0;
  const float* b = nullptr;  // element (l, j) at b[l * ldb + j]
  std::int64_t ldb = 0;
  float* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t depth = 0;
  float alpha = 1;
  float beta = 0;  // 0: C is not read
  // Of panels of two vectors: elements from one to the next, of the two that make up
  // the columns, and ldb is that of a panel. 0: B is in place.
  std::int64_t b_pair = 0;
  bool far_c = false;  // C is asked for, into the second-level cache, before it is due
};

// The longest part of a sum that is added up from zero. Roundings of one chain of
// positive terms all grow with what it has come to: of 1.4 million in (0, 1) most
// results missed the bound (1.33 times), of 3 million by 3.4 times.
inline constexpr std::int64_t kMostTerms = 65536;

// `multiply(part, first)` for each part of the sum: its first step, and what
// C = alpha * A * B + beta * C of that part is. Once where there is no step.
template <class Multiply>
void for_parts_of_sum(const DirectArgs& args, const Multiply& multiply) {
  DirectArgs part = args;
  std::int64_t first = 0;
  do {
    part.depth = std::min(kMostTerms, args.depth - first);
    multiply(part, first);
    first += part.depth;
    part.a += part.depth * part.a_step;
    part.beta = 1;
  } while (first < args.depth);
}

struct DirectTiles {
  Isa isa = Isa::scalar;
  std::int64_t rows = 0;       // of a tile of two vectors
  std::int64_t wide_rows = 0;  // of four; 0: there are none, and no b_pair
  std::int64_t lanes = 0;      // of a vector
  void (*multiply)(const DirectArgs& args) noexcept = nullptr;
};

// Requires `isa` to be one of available_isas().
const DirectTiles& direct_tiles(Isa isa) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_DIRECT_TILES_H_
