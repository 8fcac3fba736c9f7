// SPDX-License-Identifier: MIT
// packed of matmul_bf16 by the unit for products of whole tiles (AMX), which does
// fourteen times the products that multiply-adds of f32 do.
//
// Op(B) goes into panels of pairs (panels_of_b.cc), which are rows of its tiles as they
// lie. Rows of op(A) are tiles as well, where they are whole lines and the sum is whole
// tiles. Others are brought into group-local memory, where tiles end with zeros: of a
// transposed A turned, rows and sums that end within a tile, rows between lines.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {
namespace {

struct Tools {
  PanelFormat format;
  WholeTilesMultiply multiply = nullptr;
};

struct Constants {
  Params params;
  std::int64_t depth_blocks = 0;
  std::int64_t part_rows = 0;  // of A at a time, at most; a multiple of kBlockRows
  std::int64_t local_row = 0;  // bytes between them in group-local memory
  bool far = false;            // panels take more than half of the second-level cache
};

// Rows and steps of op(A), the sum padded to whole tiles.
struct RowsOfA {
  const Params& params;
  const std::uint16_t* a = nullptr;
  Range rows;
  Range steps;
  std::int64_t padded = 0;
};
// Where they are brought: rows `row_bytes` apart, with zeros behind the last step.
struct Nearer {
  std::byte* to = nullptr;
  std::int64_t row_bytes = 0;
};

constexpr std::int64_t kBytes = 2;  // of an element

const std::byte* first_of(const RowsOfA& x) noexcept {
  return static_cast<const std::byte*>(
      static_cast<const void*>(x.a + x.rows.begin * x.params.lda + x.steps.begin));
}
bool lies_in_tiles(const RowsOfA& x) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(first_of(x));
  return !x.params.transpose_a && x.padded == x.steps.size() &&
         x.params.lda * kBytes % kTileRowBytes == 0 && address % kTileRowBytes == 0;
}

void copy_rows(const RowsOfA& x, const Nearer& near) noexcept {
  std::byte* to = near.to;
  const std::byte* from = first_of(x);
  const auto bytes = static_cast<std::size_t>(x.steps.size() * kBytes);
  const auto rest = static_cast<std::size_t>((x.padded - x.steps.size()) * kBytes);
  for (std::int64_t i = 0; i < x.rows.size(); ++i) {
    std::memcpy(to, from, bytes);
    std::memset(to + bytes, 0, rest);
    to += near.row_bytes;
    from += x.params.lda * kBytes;
  }
}

// A block of steps and rows at a time: each line of A and of the copy is in the
// first-level cache until all of it was used.
void turn_rows(const RowsOfA& x, const Nearer& near) noexcept {
  constexpr std::int64_t kSide = 32;
  const std::int64_t stride = near.row_bytes / kBytes;
  auto* const first = static_cast<std::uint16_t*>(static_cast<void*>(near.to));
  for (std::int64_t step = 0; step < x.padded; step += kSide) {
    for (std::int64_t row = 0; row < x.rows.size(); row += kSide) {
      const std::int64_t last_row = std::min(row + kSide, x.rows.size());
      for (std::int64_t i = row; i < last_row; ++i) {
        for (std::int64_t l = step; l < step + kSide; ++l) {
          const bool there = l < x.steps.size();
          first[i * stride + l] =
              there ? x.a[(x.steps.begin + l) * x.params.lda + x.rows.begin + i]
                    : std::uint16_t{0};
        }
      }
    }
  }
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& tools = *static_cast<const Tools*>(context.user);
  const PanelFormat& format = tools.format;
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[0].as<const std::uint16_t>();
  auto* const c = context.bindings[1].as<float>();
  const auto* const packed = context.bindings[2].as<const float>();

  const std::int64_t panels = divide_up(p.n, kBlockCols);
  const Range mine = part(panels, context.groups.x, context.group.x);
  const Range rows = part(p.m, context.groups.y, context.group.y);
  const std::int64_t col = mine.begin * kBlockCols;
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = slots_of(format, p, constants.depth_blocks, index);
    const Nearer near = {context.local.data(), constants.local_row};
    WholeTilesArgs args;
    args.panels = packed + panel_offset(panels, block, mine.begin, kBlockCols);
    args.slots = block.size();
    args.ldc = p.ldc;
    args.cols = std::min(mine.end * kBlockCols, p.n) - col;
    args.alpha = p.alpha;
    args.beta = index == 0 ? p.beta : 1.0F;
    args.far = constants.far;
    RowsOfA here = {p, a, rows, steps_of(format, p, block),
                    block.size() * format.steps_of_slot};
    const bool in_place = lies_in_tiles(here);
    for (; here.rows.begin < rows.end; here.rows.begin = here.rows.end) {
      // A part, or what is left of it behind whole blocks of rows.
      here.rows.end = std::min(here.rows.begin + constants.part_rows, rows.end);
      const std::int64_t whole = here.rows.size() / kBlockRows * kBlockRows;
      if (in_place && whole > 0) {
        here.rows.end = here.rows.begin + whole;
        args.a = first_of(here);
        args.a_row = p.lda * kBytes;
      } else {
        args.a = near.to;
        args.a_row = near.row_bytes;
        (p.transpose_a ? turn_rows : copy_rows)(here, near);
      }
      args.rows = here.rows.size();
      args.c = c + here.rows.begin * p.ldc + col;
      tools.multiply(args);
    }
  }
}

// For a part of A. Of 2 MiB, rows of a part and GFLOP/s of tiles alone: at 1024 160 and
// 1453, 256 and 1567, 320 and 1522, 512 and 1275; at 2048 96 and 1180, 160 and 1225,
// 256 and 1323, 512 and 745.
std::int64_t part_bytes(const CacheInfo& caches) noexcept {
  return static_cast<std::int64_t>(caches.l2_bytes) / 8 * 3;
}

// Of the sum, that rows are brought near of at once: 32 of an odd number of lines are
// less than the 256 KiB that every device has for a group.
constexpr std::int64_t kMostSlots = 127 * kTileSlots;
// An odd number of lines: the 32 rows of a block begin in as many sets of a cache.
std::int64_t spread_row(std::int64_t bytes) noexcept {
  return bytes / kTileRowBytes % 2 == 0 ? bytes + kTileRowBytes : bytes;
}

std::int64_t depth_blocks(const Params& p, const PanelFormat& format) noexcept {
  return divide_up(format.slots(p.k), kMostSlots);
}

// Below 17 million multiply-adds a group of its own costs more than it saves: 256
// cubed, which are as many, took 25 us on one unit and 50 on four.
Grid grid_of(const Params& p, Device& device) {
  constexpr std::int64_t kTimesAsFast = 128;
  return share(p.m, p.n, divide_up(p.k, kTimesAsFast), kBlockRows, kBlockCols,
               device.caps().compute_units);
}
}  // namespace

bool whole_tiles_win(const Params& p, Isa isa) noexcept {
  return isa == Isa::avx512 && has_bf16_tiles() && p.m >= kTileRows &&
         p.n >= kTileCols && p.k >= kTileSteps;
}

std::unique_ptr<Prepared> whole_tiles_prepare(const PrepareContext& context,
                                              const Params& params,
                                              WholeTilesMultiply multiply) {
  Device& device = *context.device;
  const auto tools =
      std::make_shared<const Tools>(Tools{bf16_tiles_format(selected_isa()), multiply});
  const PanelFormat& format = tools->format;
  const Grid grid = grid_of(params, device);
  Constants constants = {params, depth_blocks(params, format)};
  PanelsOfB panels(device, params, std::shared_ptr<const PanelFormat>(tools, &format),
                   constants.depth_blocks,
                   std::min(grid.rows * grid.cols, divide_up(params.n, kBlockCols)));
  const std::int64_t slots = slots_of(format, params, constants.depth_blocks, 0).size();
  constants.local_row = spread_row(slots * std::int64_t{sizeof(float)});
  const std::int64_t most =
      part_bytes(cache_info()) / (constants.local_row * kBlockRows);
  const std::int64_t blocks = divide_up(divide_up(params.m, grid.rows), kBlockRows);
  const std::int64_t parts = divide_up(blocks, std::max<std::int64_t>(most, 1));
  constants.part_rows = divide_up(blocks, parts) * kBlockRows;
  constants.far = 2 * panels.bytes() > cache_info().l2_bytes;
  ProductOfPanels<Constants>::What what;
  what.name = "matmul.packed.tiles";
  what.function = multiply_group;
  what.tools = tools;
  what.groups = {static_cast<std::uint32_t>(grid.cols),
                 static_cast<std::uint32_t>(grid.rows), 1};
  what.local_bytes =
      static_cast<std::size_t>(constants.part_rows * constants.local_row);
  what.configuration =
      std::string(format.name) + " isa=" + std::string(to_string(format.kernels.isa)) +
      "+amx mr=" + std::to_string(kBlockRows) + " nr=" + std::to_string(kBlockCols) +
      " part=" + std::to_string(constants.part_rows) +
      " groups=" + std::to_string(grid.rows) + "x" + std::to_string(grid.cols);
  return std::make_unique<ProductOfPanels<Constants>>(device, std::move(panels),
                                                      std::move(what), constants);
}

}  // namespace assay::matmul
