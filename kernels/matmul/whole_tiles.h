// SPDX-License-Identifier: MIT
// The innermost piece of matmul_bf16 on machines with a unit for products of whole
// tiles (kernels/common/tile_unit.h).
#ifndef ASSAY_KERNELS_MATMUL_WHOLE_TILES_H_
#define ASSAY_KERNELS_MATMUL_WHOLE_TILES_H_

#include <cstddef>
#include <cstdint>

#include "kernels/common/tile_unit.h"

namespace assay::matmul {

// Of C at a time: 2 x 2 tiles, each loaded tile of an operand used twice.
inline constexpr std::int64_t kBlockRows = 2 * kTileRows;
inline constexpr std::int64_t kBlockCols = 2 * kTileCols;
// Pairs of steps in a tile: extents of the sum are padded to multiples of them.
inline constexpr std::int64_t kTileSlots = kTileSteps / 2;

// C[0..rows, 0..cols] = alpha * A * B + beta * C, the sum in blocks of at most
// kBlockTiles tiles, each but the first of which is added to C: the result does not
// depend on how rows and columns are cut.
struct WholeTilesArgs {
  // bf16, row i at a + i * a_row bytes, 2 * slots steps each, of which those beyond the
  // sum are zeros. Rows up to a multiple of kTileRows are read and count for nothing.
  const std::byte* a = nullptr;
  std::int64_t a_row = 0;
  // Panels of kBlockCols columns by `slots` slots, as PanelFormat packs pairs; what
  // columns and the sum lack are zeros.
  const float* panels = nullptr;
  std::int64_t slots = 0;  // a multiple of kTileSlots
  float* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  float alpha = 1;
  float beta = 0;  // 0: C is not read
  // The panels come from beyond the second-level cache: what is needed next is asked
  // for while tiles are multiplied.
  bool far = false;
};
using WholeTilesMultiply = void (*)(const WholeTilesArgs& args) noexcept;

// A block of a panel, 64 KiB, is near while the rows of A pass by it. GFLOP/s of tiles
// alone, one thread of an Intel (family 6, model 207; 48 KiB and 2 MiB), blocks of 8,
// 16 and 32 tiles: at 1000 1287, 1252 and 1393, at 1024 1347, 1383 and 1567, at 2048
// 1158, 1273 and 1323.
inline constexpr std::int64_t kBlockTiles = 32;

// By the machine's unit. Precondition: has_bf16_tiles().
void multiply_whole_tiles(const WholeTilesArgs& args) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_WHOLE_TILES_H_
