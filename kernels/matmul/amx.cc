// SPDX-License-Identifier: MIT
// packed of matmul_bf16 by the unit for products of whole tiles (AMX), which does
// fourteen times the products that multiply-adds of f32 do: who computes what, and who
// packs. What a group does: tile_groups.cc.
//
// Op(B) goes into panels of pairs (panels_of_b.cc), which are rows of its tiles as they
// lie. Rows of op(A) are tiles as well, where they are whole lines and the sum is whole
// tiles. Others are brought into group-local memory (rows_of_a.h).
//
// Where the rows of a group stay in its second-level cache, a group packs op(B) for
// itself, some panels at a time, and multiplies by them at once: one dispatch, and
// op(B) comes through memory once. Time of oneDNN / own time with op(B) packed before,
// and so, on one unit of an Intel with 2 MiB: 64x1000x1000 0.75 and 1.12, 32x1056x1056
// 0.67 and 0.95, 256x1056x1056 0.97 and 1.17, 512 cubed 0.96 and 1.04; on two
// 64x1024x1024 0.70 and 1.5. Where rows come in several parts, each would pack all of
// op(B) again: in three parts 1000 cubed had 1.17 for 1.25 and 1024 1.16 for 1.46.
// Asking for the next rows of op(B) while tiles are multiplied changed nothing.
//
// Still wasted: groups of the same columns pack the same panels; a grid is chosen
// before the way, so that 1024 cubed on four units is cut into 2 x 2 groups, whose rows
// do not come in one part, and has two dispatches, where 4 x 1 might do with one; where
// rows of C are multiples of 4 KiB apart a block's share a set of the first-level cache
// (64x4096x64 has 0.8 of oneDNN's speed).
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/rows_of_a.h"
#include "kernels/matmul/tile_groups.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kSlotBytes = sizeof(float);

// For a part of A. Of 2 MiB, rows of a part and GFLOP/s of tiles alone: at 1024 160 and
// 1453, 256 and 1567, 320 and 1522, 512 and 1275; at 2048 96 and 1180, 160 and 1225,
// 256 and 1323, 512 and 745.
std::int64_t part_bytes(const CacheInfo& caches) noexcept {
  return static_cast<std::int64_t>(caches.l2_bytes) / 8 * 3;
}

// Of the sum, that rows are brought near of at once: 32 of an odd number of lines are
// less than the 256 KiB that every device has for a group.
constexpr std::int64_t kMostSlots = 127 * kTileSlots;
std::int64_t depth_blocks(const Params& p, const PanelFormat& format) noexcept {
  return divide_up(format.slots(p.k), kMostSlots);
}

// Below 8 million multiply-adds a group of its own costs more than it saves: 256 cubed,
// which are twice as many, took 28 us on one unit of an Intel and 24 on two.
constexpr std::int64_t kTimesAsFast = 64;

Grid grid_of_one_pack(const Params& p, std::uint32_t units) {
  return share(p.m, p.n, divide_up(p.k, kTimesAsFast), kBlockRows, kBlockCols, units);
}

// The least of what a group does, in products of a block of rows and a panel: it has to
// fetch each block of its rows, and to fetch and pack each of its panels, which take as
// long as 8 and 6 products. (On two units 512 cubed took 154 us cut by rows and 170 to
// 183 by columns.)
Grid grid_of_many_packs(const Params& p, std::uint32_t most_units) {
  constexpr std::int64_t kRows = 8;
  constexpr std::int64_t kPanel = 6;
  const std::int64_t units =
      useful_units(p.m, p.n, divide_up(p.k, kTimesAsFast), most_units);
  const std::int64_t blocks = divide_up(p.m, kBlockRows);
  const std::int64_t panels = divide_up(p.n, kBlockCols);
  Grid best;
  std::int64_t least = 0;
  for (std::int64_t rows = 1; rows <= std::min(units, blocks); ++rows) {
    const std::int64_t cols = std::min(units / rows, panels);
    const std::int64_t high = divide_up(blocks, rows);
    const std::int64_t wide = divide_up(panels, cols);
    const std::int64_t time = high * wide + kRows * high + kPanel * wide;
    if (least == 0 || time < least) {
      least = time;
      best = {rows, cols};
    }
  }
  return best;
}

// How the rows of a group are cut.
struct PartsOfA {
  std::int64_t count = 1;
  std::int64_t rows = 0;       // a multiple of kBlockRows
  std::int64_t local_row = 0;  // bytes
  std::int64_t bytes() const noexcept { return rows * local_row; }
};
PartsOfA parts_of_a(const Params& p, const PanelFormat& format, const Grid& grid,
                    const CacheInfo& caches) noexcept {
  const std::int64_t slots = slots_of(format, p, depth_blocks(p, format), 0).size();
  PartsOfA parts;
  parts.local_row = spread_row_bytes(slots * kSlotBytes);
  const std::int64_t most = part_bytes(caches) / (parts.local_row * kBlockRows);
  const std::int64_t blocks = divide_up(divide_up(p.m, grid.rows), kBlockRows);
  parts.count = divide_up(blocks, std::max<std::int64_t>(most, 1));
  parts.rows = divide_up(blocks, parts.count) * kBlockRows;
  return parts;
}

// Of panels that a group packs at once. One block is best near the rows that pass by
// it, but rows of op(B) are read 64 bytes at a time. oneDNN's time / own time of 32, 64
// and 128 columns: 64x1000x1000 1.04, 1.12 and 1.13, 256x1056x1056 1.13, 1.15 and 1.17,
// 512 cubed 1.08, 1.03 and 1.02.
std::int64_t packed_at_once(std::int64_t rows, const CacheInfo& caches) noexcept {
  constexpr std::int64_t kFewRows = 256;
  constexpr std::int64_t kBlock = kBlockTiles * kTileSlots * kBlockCols * kSlotBytes;
  if (rows > kFewRows) return kBlock;
  return std::max(kBlock, static_cast<std::int64_t>(caches.l2_bytes) / 8);
}

// What a group needs to pack for itself.
struct ByGroup {
  Grid grid;
  PartsOfA parts;
  std::int64_t panels_bytes = 0;
  std::size_t scratch_bytes = 0;
  std::size_t local_bytes() const noexcept {
    return static_cast<std::size_t>(parts.bytes() + panels_bytes +
                                    kPackSlack * kSlotBytes) +
           scratch_bytes;
  }
};
ByGroup by_group(const Params& p, const PanelFormat& format, std::uint32_t units,
                 const CacheInfo& caches) noexcept {
  ByGroup group;
  group.grid = grid_of_many_packs(p, units);
  group.parts = parts_of_a(p, format, group.grid, caches);
  group.panels_bytes = packed_at_once(group.parts.rows, caches);
  if (p.transpose_b) {
    group.scratch_bytes = format.scratch_bytes(kBlockTiles * kTileSlots);
  }
  return group;
}

Dim3 groups_of(const Grid& grid) noexcept {
  return {static_cast<std::uint32_t>(grid.cols), static_cast<std::uint32_t>(grid.rows),
          1};
}
std::string configuration_of(const PanelFormat& format, const PartsOfA& parts,
                             const Grid& grid) {
  return std::string(format.name) +
         " isa=" + std::string(to_string(format.kernels.isa)) +
         "+amx mr=" + std::to_string(kBlockRows) + " nr=" + std::to_string(kBlockCols) +
         " part=" + std::to_string(parts.rows) +
         " groups=" + std::to_string(grid.rows) + "x" + std::to_string(grid.cols);
}

using SharedTools = std::shared_ptr<const TileTools>;

std::unique_ptr<Prepared> prepare_one_pack(Device& device, const Params& p,
                                           const SharedTools& tools) {
  const PanelFormat& format = tools->format;
  const Grid grid = grid_of_one_pack(p, device.caps().compute_units);
  const PartsOfA parts = parts_of_a(p, format, grid, cache_info());
  TileGroups constants = {p, depth_blocks(p, format), parts.rows, parts.local_row};
  PanelsOfB panels(device, p, std::shared_ptr<const PanelFormat>(tools, &format),
                   constants.depth_blocks,
                   std::min(grid.rows * grid.cols, divide_up(p.n, kBlockCols)));
  constants.far = 2 * panels.bytes() > cache_info().l2_bytes;
  ProductOfPanels<TileGroups>::What what;
  what.name = "matmul.packed.tiles";
  what.function = multiply_tiles_group;
  what.tools = tools;
  what.groups = groups_of(grid);
  what.local_bytes = static_cast<std::size_t>(parts.bytes());
  what.configuration = configuration_of(format, parts, grid);
  return std::make_unique<ProductOfPanels<TileGroups>>(device, std::move(panels),
                                                       std::move(what), constants);
}

std::unique_ptr<Prepared> prepare_many_packs(Device& device, const Params& p,
                                             const SharedTools& tools) {
  const PanelFormat& format = tools->format;
  const ByGroup group = by_group(p, format, device.caps().compute_units, cache_info());
  TileGroups constants = {p, depth_blocks(p, format), group.parts.rows,
                          group.parts.local_row};
  constants.panels_at = group.parts.bytes();
  constants.panels_bytes = group.panels_bytes;
  HostDispatch<TileGroups>::What what;
  what.name = "matmul.packed.tiles_by_group";
  what.function = pack_and_multiply_tiles_group;
  what.tools = tools;
  what.groups = groups_of(group.grid);
  what.local_bytes = group.local_bytes();
  what.configuration = configuration_of(format, group.parts, group.grid) +
                       " packs=" + std::to_string(group.grid.rows);
  return std::make_unique<HostDispatch<TileGroups>>(device, std::move(what),
                                                    accesses_of(p), constants);
}

}  // namespace

bool whole_tiles_win(const Params& p, Isa isa) noexcept {
  return isa == Isa::avx512 && has_bf16_tiles() && p.m >= kTileRows &&
         p.n >= kTileCols && p.k >= kTileSteps;
}

PackOfB whole_tiles_pack(const Params& p, const Caps& caps,
                         const CacheInfo& caches) noexcept {
  const ByGroup group =
      by_group(p, bf16_tiles_format(Isa::avx512), caps.compute_units, caches);
  return group.parts.count == 1 && group.local_bytes() <= caps.limits.max_local_bytes
             ? PackOfB::by_group
             : PackOfB::once;
}

std::unique_ptr<Prepared> whole_tiles_prepare(const PrepareContext& context,
                                              const Params& params,
                                              WholeTilesMultiply multiply,
                                              PackOfB pack) {
  const auto tools = std::make_shared<const TileTools>(
      TileTools{bf16_tiles_format(selected_isa()), multiply});
  return (pack == PackOfB::once ? prepare_one_pack : prepare_many_packs)(
      *context.device, params, tools);
}

}  // namespace assay::matmul
