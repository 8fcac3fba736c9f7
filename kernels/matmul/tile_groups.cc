// SPDX-License-Identifier: MIT
#include "kernels/matmul/tile_groups.h"

#include <algorithm>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/problem.h"
#include "kernels/matmul/rows_of_a.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kBytes = 2;  // of an element
constexpr std::int64_t kSlotBytes = sizeof(float);

// What a group computes.
struct Share {
  Range panels;
  Range rows;
};
// Rows are cut between tiles, where each group's but the last can be tiles in place.
Share share_of(const GroupContext& context, const Params& p) noexcept {
  const Range tiles =
      part(divide_up(p.m, kTileRows), context.groups.y, context.group.y);
  return {part(divide_up(p.n, kBlockCols), context.groups.x, context.group.x),
          {tiles.begin * kTileRows, std::min(tiles.end * kTileRows, p.m)}};
}

// How many of the rows, of a part that could be tiles in place: reading those of a tile
// that is not whole must not go beyond A. A group that packs has no use for two pieces,
// for each of which it would pack all of its panels.
std::int64_t rows_in_place(const TileGroups& constants, const Range& rows) noexcept {
  const std::int64_t read = divide_up(rows.size(), kTileRows) * kTileRows;
  if (rows.begin + read <= constants.params.m) return rows.size();
  return constants.panels_bytes > 0 ? 0 : rows.size() / kBlockRows * kBlockRows;
}

// Calls `multiply` with each part of the rows of A for each block of the sum, the
// operand of it and C in the arguments, op(B) missing.
template <typename Multiply>
void over_parts_of_a(const GroupContext& context, const Share& mine,
                     const Multiply& multiply) noexcept {
  const PanelFormat& format = static_cast<const TileTools*>(context.user)->format;
  const auto constants = context.constants_as<TileGroups>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[kA].as<const std::uint16_t>();
  auto* const c = context.bindings[kC].as<float>();
  const std::int64_t col = mine.panels.begin * kBlockCols;
  const Nearer near = {context.local.data(), constants.local_row};
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = slots_of(format, p, constants.depth_blocks, index);
    WholeTilesArgs args;
    args.slots = block.size();
    args.ldc = p.ldc;
    args.cols = std::min(mine.panels.end * kBlockCols, p.n) - col;
    args.alpha = p.alpha;
    args.beta = index == 0 ? p.beta : 1.0F;
    RowsOfA here = {p, a, mine.rows, steps_of(format, p, block),
                    block.size() * format.steps_of_slot};
    const bool in_place = lies_in_tiles(here);
    for (; here.rows.begin < mine.rows.end; here.rows.begin = here.rows.end) {
      // A part, or what is left of it behind what lies in tiles.
      here.rows.end = std::min(here.rows.begin + constants.part_rows, mine.rows.end);
      const std::int64_t lying = in_place ? rows_in_place(constants, here.rows) : 0;
      if (lying > 0) {
        here.rows.end = here.rows.begin + lying;
        args.a = first_of(here);
        args.a_row = p.lda * kBytes;
      } else {
        args.a = near.to;
        args.a_row = near.row_bytes;
        bring_near(here, near);
      }
      args.rows = here.rows.size();
      args.c = c + here.rows.begin * p.ldc + col;
      multiply(block, args);
    }
  }
}

}  // namespace

void multiply_tiles_group(const GroupContext& context) noexcept {
  const auto& tools = *static_cast<const TileTools*>(context.user);
  const auto constants = context.constants_as<TileGroups>();
  const auto* const packed = context.bindings[kB].as<const float>();
  const std::int64_t panels = divide_up(constants.params.n, kBlockCols);
  const Share mine = share_of(context, constants.params);
  over_parts_of_a(context, mine, [&](const Range& block, WholeTilesArgs args) {
    args.panels = packed + panel_offset(panels, block, mine.panels.begin, kBlockCols);
    args.far = constants.far;
    tools.multiply(args);
  });
}

void pack_and_multiply_tiles_group(const GroupContext& context) noexcept {
  const auto& tools = *static_cast<const TileTools*>(context.user);
  const auto constants = context.constants_as<TileGroups>();
  const Params& p = constants.params;
  const auto* const b = context.bindings[kB].as<const std::byte>();
  std::byte* const local = context.local.data() + constants.panels_at;
  auto* const packed = reinterpret_cast<float*>(local);
  auto* const scratch = packed + constants.panels_bytes / kSlotBytes + kPackSlack;
  const Share mine = share_of(context, p);
  over_parts_of_a(context, mine, [&](const Range& block, const WholeTilesArgs& args) {
    const std::int64_t tiles = block.size() / kTileSlots;
    const std::int64_t parts = divide_up(tiles, kBlockTiles);
    const std::int64_t panel_bytes =
        divide_up(tiles, parts) * kTileSlots * kBlockCols * kSlotBytes;
    const std::int64_t together =
        std::max<std::int64_t>(constants.panels_bytes / panel_bytes, 1);
    Range some = {mine.panels.begin, 0};
    for (; some.begin < mine.panels.end; some.begin = some.end) {
      some.end = std::min(some.begin + together, mine.panels.end);
      const std::int64_t col = (some.begin - mine.panels.begin) * kBlockCols;
      for (std::int64_t index = 0; index < parts; ++index) {
        const Range of_block = part(tiles, parts, index);
        const Range slots = {block.begin + of_block.begin * kTileSlots,
                             block.begin + of_block.end * kTileSlots};
        pack_panels(tools.format, p, b, some, slots, packed, scratch);
        WholeTilesArgs here = args;
        here.panels = packed;
        here.slots = slots.size();
        here.a += of_block.begin * kTileRowBytes;
        here.c += col;
        here.cols = std::min(some.size() * kBlockCols, args.cols - col);
        if (index > 0) here.beta = 1.0F;
        tools.multiply(here);
      }
    }
  });
}

}  // namespace assay::matmul
