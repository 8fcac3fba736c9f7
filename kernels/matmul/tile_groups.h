// SPDX-License-Identifier: MIT
// What a group does of a product by whole tiles (amx.cc).
#ifndef ASSAY_KERNELS_MATMUL_TILE_GROUPS_H_
#define ASSAY_KERNELS_MATMUL_TILE_GROUPS_H_

#include <cstdint>

#include "backends/interface/kernel.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/panel_format.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {

// The host data of both kernels.
struct TileTools {
  PanelFormat format;  // bf16_tiles_format()
  WholeTilesMultiply multiply = nullptr;
};

// The constants of both.
struct TileGroups {
  Params params;
  std::int64_t depth_blocks = 0;
  std::int64_t part_rows = 0;  // of A at a time, at most; a multiple of kBlockRows
  std::int64_t local_row = 0;  // bytes between them in group-local memory
  bool far = false;            // panels take more than half of the second-level cache
  // Where a group packs for itself, behind the rows of A: panels, kPackSlack floats,
  // and where B is transposed scratch.
  std::int64_t panels_at = 0;     // in group-local memory, in bytes
  std::int64_t panels_bytes = 0;  // 0: it does not
};

// Bindings as the operands, B in panels; a group has part x of the panels and part y of
// the rows.
void multiply_tiles_group(const GroupContext& context) noexcept;
// The operands themselves: a group packs op(B), a block of the sum of some panels at a
// time.
void pack_and_multiply_tiles_group(const GroupContext& context) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_TILE_GROUPS_H_
