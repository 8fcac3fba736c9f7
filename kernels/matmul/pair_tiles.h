// SPDX-License-Identifier: MIT
// The innermost piece of matmul_bf16 where it packs no A: a block of C by the dot
// products that a machine has for pairs of bf16.
#ifndef ASSAY_KERNELS_MATMUL_PAIR_TILES_H_
#define ASSAY_KERNELS_MATMUL_PAIR_TILES_H_

#include <cstdint>

#include "kernels/common/isa.h"

namespace assay::matmul {

// C[0..rows, 0..cols] = alpha * A * B + beta * C, A and B plain and of bf16. Bits are
// those of MicroKernels::multiply_bf16_pairs: pair after pair, of each the later
// product and then the earlier one, in blocks of at most `most_slots` pairs, each but
// the first of which is added to C.
struct PairArgs {
  const std::uint16_t* a = nullptr;  // element (i, l) at a[i * lda + l]
  std::int64_t lda = 0;
  const std::uint16_t* b = nullptr;  // element (l, j) at b[l * ldb + j]
  std::int64_t ldb = 0;
  float* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t depth = 0;  // steps of the sum
  std::int64_t most_slots = 0;
  float* panel = nullptr;  // most_slots * cols of a tile, at 64 bytes
  // In place of `b` and `panel`: B in panels of the whole sum, as PanelFormat packs
  // pairs, at 64 bytes.
  const float* panels = nullptr;
  float alpha = 1;
  float beta = 0;  // 0: C is not read
};

struct PairTiles {
  std::int64_t rows = 0;  // of a tile
  std::int64_t cols = 0;
  // Null where `isa` has no such instruction; has_bf16_dots() says whether this machine
  // has it.
  void (*multiply)(const PairArgs& args) noexcept = nullptr;
  // The same of args.panels.
  void (*multiply_panels)(const PairArgs& args) noexcept = nullptr;
};

// Requires `isa` to be one of available_isas().
const PairTiles& pair_tiles(Isa isa) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_PAIR_TILES_H_
