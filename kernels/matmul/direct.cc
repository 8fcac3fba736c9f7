// SPDX-License-Identifier: MIT
// packed without packing: the same register tile reads A and B where they lie.
//
// Copying both operands into panels is work of order n^2 and a dispatch of its own: a
// third of the time at 64 cubed and 5 % at 512. It buys reads in one line, which a
// cache that holds op(B) does not need. One dispatch, no workspace. A transposed A is
// another pair of strides; a transposed B would need a gather for each vector, and is
// packed.
//
// Each element is one sum in order of l, as in packed (which starts again at each block
// of the depth), for any grid of groups.
//
// Still wasted: where n is no multiple of a vector, the last one multiplies nothing in
// its other lanes (at 100, 7 vectors for 6.25); tiles of a short sum wait for their
// stores at both ends; where rows of B are no whole lines apart a vector is two lines
// (plain_a_beats_direct() says from where on panels are known to be faster).
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/split.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"

namespace assay::matmul {
namespace {

struct Constants {
  Params params;
  std::int64_t part_rows = 0;  // of A, multiplied by all columns before the next ones
};

// Part of op(A) that stays in the second-level cache while strip after strip of B comes
// by. With all rows instead each strip makes op(A) come again: 17 MB at 512, and in
// parts op(B) 10. GFLOP/s of tiles alone with all rows and with an eighth of a cache of
// 1 MiB, medians (and the best) of one thread of a Zen 4 whose peak is 118: 512 105.0
// and 108.6 (114.5 and 115.1), 550 98 and 106 (106 and 109); at 256 and 384 the same.
// In the library 512 takes 5.2 % [4.5, 6.0] less time on one unit (A/B of the gate; on
// two it cannot tell).
//
// Where op(B) is larger than that cache each part makes it come again from the last
// one, and parts of a quarter are best: of 600x600x600 and 96x1000x1000 on one thread
// of the Zen 4 an eighth had 96 and 84 GFLOP/s, a quarter 108 and 104, half 108 and
// 105; of 48x1000x1000 and 96x1000x1000 on an Intel with 2 MiB (family 6, model 207)
// 106 and 107, 133 and 129, 133 and 145. On another Intel with as much of it a quarter
// is better as soon as op(B) leaves it little: oneDNN's time / own time of an eighth
// and a quarter at 640 0.97 and 0.96, 650 0.86 and 0.89, 700 0.79 and 0.88, 720 0.96
// and 0.98.
std::int64_t part_bytes(const Params& p, const CacheInfo& caches) {
  CacheInfo beside = caches;
  if (has_large_second_cache(caches)) beside.l2_bytes = caches.l2_bytes / 4 * 3;
  return static_cast<std::int64_t>(caches.l2_bytes) / (direct_wins(p, beside) ? 8 : 4);
}
std::int64_t rows_of_part(const Params& p, const DirectTiles& tiles,
                          const CacheInfo& caches) {
  const auto row_bytes = static_cast<std::int64_t>(sizeof(float)) * p.k;
  return std::max<std::int64_t>(1, part_bytes(p, caches) / (row_bytes * tiles.rows)) *
         tiles.rows;
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& tiles = *static_cast<const DirectTiles*>(context.user);
  const auto [p, part_rows] = context.constants_as<Constants>();
  const Arrays x = arrays_of(context);
  const std::int64_t row = balanced_begin(p.m, context.groups.y, context.group.y);
  const std::int64_t last_row =
      balanced_begin(p.m, context.groups.y, context.group.y + 1);
  const std::int64_t width = 2 * tiles.lanes;
  const std::int64_t strips = divide_up(p.n, width);
  const std::int64_t col =
      width * balanced_begin(strips, context.groups.x, context.group.x);
  const std::int64_t last_col = std::min(
      p.n, width * balanced_begin(strips, context.groups.x, context.group.x + 1));
  DirectArgs args;
  args.a_row = p.transpose_a ? 1 : p.lda;
  args.a_step = p.transpose_a ? p.lda : 1;
  args.b = x.b + col;
  args.ldb = p.ldb;
  args.ldc = p.ldc;
  args.cols = last_col - col;
  args.depth = p.k;
  args.alpha = p.alpha;
  args.beta = p.beta;
  for (std::int64_t i = row; i < last_row; i += part_rows) {
    args.a = x.a + i * args.a_row;
    args.c = x.c + i * p.ldc + col;
    args.rows = std::min(part_rows, last_row - i);
    tiles.multiply(args);
  }
}

}  // namespace

// Tiles alone, one thread of a Zen 5 with 1 MiB of second-level cache, best of nine,
// direct / packed: 32 1.74, 64 1.30, 100 1.43, 128 1.17, 200 1.19, 256 1.10, 384 1.06,
// 512 1.05, 600 1.05, 768 0.95, 1000 1.07, 1024 0.89, 1200 1.06, 1536 0.89; with a
// transposed A within 1 % of that. Beyond the cache it is the row stride that decides:
// rows a multiple of 1 KiB apart share few sets.
bool direct_wins(const Params& p, const CacheInfo& caches) noexcept {
  constexpr std::int64_t kFloat = sizeof(float);
  return !p.transpose_b && fits_second_cache(p.k, p.n, kFloat, caches);
}

// Beyond it for few rows, which panels of op(B) are not worth: GFLOP/s of panels of
// both, of plain_a.cc and in place, one thread of a Zen 4, medians: 12x800x1000 69, 71
// and 108; 64x1000x1000 85, 94 and 107; 128x1000x1000 88, 96 and 105; 48x20000x1000 72,
// 72 and 97; of an Intel (family 6, model 207) 48x1000x1000 102, 103 and 133,
// 96x1000x1000 126, 128 and 145. With a third part of A plain_a.cc is as good
// (192x1000x1000 97, 104 and 102). Rows of B that share few sets of the second-level
// cache are gone before the next tile needs them: 16x1024x512 82, 84 and 103,
// 40x1024x1024 89, 96 and 98, 64x1024x1024 94, 102 and 89, and on the Intel 93, 94
// and 64.
//
// And for many rows of a B not much larger: in the library plain_a.cc took 1.02 times
// as long at 600 on the Zen 4, and 0.97 at 1000, at 800 on the Intel 1.02 and at 1000
// 0.88 (tiles alone). Zen 4: 1.02 at 800 as well, which is beyond.
bool direct_wins_beyond_cache(const Params& p, const CacheInfo& caches) noexcept {
  constexpr std::int64_t kFloat = sizeof(float);
  constexpr std::int64_t kFewSets = 512;
  constexpr std::int64_t kStripColumns = 32;
  constexpr std::int64_t kTwoTiles = 28;
  constexpr double kTimesTheCache = 1.5;
  const double part = static_cast<double>(caches.l2_bytes) / 4;
  const double column = static_cast<double>(p.k) * double{kFloat};
  if (p.transpose_a || p.transpose_b || column * kStripColumns > part) return false;
  if (p.ldb * kFloat % kFewSets == 0) return p.m <= kTwoTiles;
  return column * static_cast<double>(p.m) <= 2 * part ||
         column * static_cast<double>(p.n) <= kTimesTheCache * 4 * part;
}

std::unique_ptr<Prepared> direct_prepare(const PrepareContext& context,
                                         const Params& params) {
  Device& device = *context.device;
  const DirectTiles& tiles = direct_tiles(selected_isa());
  const Constants constants = {params, rows_of_part(params, tiles, cache_info())};
  const Grid grid = share(params.m, params.n, params.k, tiles.rows, 2 * tiles.lanes,
                          device.caps().compute_units);
  HostDispatch<Constants>::What what;
  what.name = "matmul.packed.direct";
  what.function = multiply_group;
  what.groups = {static_cast<std::uint32_t>(grid.cols),
                 static_cast<std::uint32_t>(grid.rows), 1};
  what.configuration = "isa=" + std::string(to_string(tiles.isa)) +
                       " direct mr=" + std::to_string(tiles.rows) +
                       " nr=" + std::to_string(2 * tiles.lanes) +
                       " part=" + std::to_string(constants.part_rows) +
                       " groups=" + std::to_string(grid.rows) + "x" +
                       std::to_string(grid.cols);
  what.tools = of_static(&tiles);
  return std::make_unique<HostDispatch<Constants>>(device, std::move(what),
                                                   accesses_of(params), constants);
}

}  // namespace assay::matmul
