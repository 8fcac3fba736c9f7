// SPDX-License-Identifier: MIT
// packed without panels of A: the tiles of direct.cc take its elements from rows, which
// stay in the second-level cache, a part of them at a time, while panel after panel of
// op(B) comes by.
//
// What panels of A waste: copying each element between lanes, 2 % of a product of 1024
// cubed; and blocks of the sum, at each but the first of which C is read and written
// once more. What reading B in place wastes, beyond the second-level cache: each part
// of A makes it come again from rows that lie pages apart. In panels it comes in order,
// and each is of the whole sum.
//
// Tiles and packing alone, one thread, GFLOP/s of panels / here / all in place: on a
// Zen 4 whose peak is 118, 600 104, 107 and 96; 1000 106, 110 and 103; 1100 105, 110
// and 97; 1400 107, 109 and 87; 1024 108, 110 and 87; on an Intel (family 6, model 207)
// 600 104, 117 and 100; 1000 152, 161 and 142; 1100 149, 160 and 129. Parts of an
// eighth to a quarter of the second-level cache are within 1 % of each other there.
//
// Of pairs of bf16 the same, by the tiles of pairs.cc, which lost where B is larger
// than the second-level cache. In the library on one thread of the Zen 4, oneDNN's time
// / that of pairs.cc and / here: 1000 0.90 and 1.03, 1024 0.93 and 1.08, 1400 0.75 and
// 1.06, 1800 0.66 and 1.00.
//
// Rows a multiple of 4 KiB apart share one set of the first-level cache, and 16-bit
// storage has to be widened: such rows are brought into group-local memory, spread. At
// 1024, time in place / brought there: on the Zen 4 0.99 to 1.01, on the Intel 1.09.
//
// A first tile that made each panel while it multiplied (as in pairs.cc; no dispatch
// for packing) lost: of oneDNN's speed at 1000 0.95 and 0.98 without, at 1100 1.00
// and 1.06, for it reads B 128 bytes a row, and packing 512.
//
// By tiles of four vectors (`wide`) two panels at a time: six rows, which share a set
// without loss, and C is asked for before its tile is multiplied: 2048 cubed in blocks
// of 512 steps 162 GFLOP/s with that and 151 without (Intel, tiles and packing alone).
// Asking for the next tile's rows of A took 4 % more time, for its lines of C the same
// as for this one's.
//
// Still wasted: op(B) goes through memory once more than it must; by tiles of two
// vectors, of a sum that is short (256 steps and 2048 columns: panels have 6 % more on
// the Zen 4, 15 % on the Intel) C is not asked for before it is needed.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/pair_tiles.h"
#include "kernels/matmul/panels_of_b.h"
#include "kernels/matmul/widening.h"

namespace assay::matmul {
namespace {

struct Tools {
  PanelFormat format;
  // Of static storage. Which of them multiplies is the format's.
  const DirectTiles* tiles = nullptr;
  const PairTiles* pairs = nullptr;
  bool wide = false;  // two panels at a time

  bool of_pairs() const noexcept { return format.steps_of_slot == 2; }
  std::int64_t rows_of_tile() const noexcept {
    if (of_pairs()) return pairs->rows;
    return wide ? tiles->wide_rows : tiles->rows;
  }
  // Of an element of A as it is multiplied: pairs are made of two as they are stored.
  std::int64_t element_bytes() const noexcept {
    return of_pairs() ? format.element_bytes()
                      : static_cast<std::int64_t>(sizeof(float));
  }
};

struct Constants {
  Params params;
  std::int64_t part_halves = 0;  // half tiles of a part, at most
  std::int64_t local_row = 0;    // bytes between rows brought near; 0: none are
};

// A part is of whole halves of a tile: balanced over a part, no tile is low.
std::int64_t half_tile(const Tools& tools) noexcept {
  return std::max<std::int64_t>(tools.rows_of_tile() / 2, 1);
}

// Rows of A, as they are multiplied; the stride counts their elements.
struct Rows {
  const void* first = nullptr;
  std::int64_t stride = 0;
  std::int64_t count = 0;
};

// Rows of A into group-local memory.
Rows bring_near(const Tools& tools, const Constants& constants, const Rows& from,
                std::byte* to) noexcept {
  const PanelFormat& format = tools.format;
  const std::int64_t k = constants.params.k;
  const Rows near = {to, constants.local_row / tools.element_bytes(), from.count};
  if (tools.element_bytes() != format.element_bytes()) {
    format.widening->of(format.type)(
        {static_cast<const std::uint16_t*>(from.first), from.stride,
         static_cast<float*>(static_cast<void*>(to)), near.stride, from.count, k});
    return near;
  }
  const auto* source = static_cast<const std::byte*>(from.first);
  for (std::int64_t i = 0; i < from.count; ++i) {
    std::memcpy(to, source, static_cast<std::size_t>(k * format.element_bytes()));
    to += constants.local_row;
    source += from.stride * format.element_bytes();
  }
  return near;
}

// Rows of A by panels `mine`, into C from its column 0 on.
void multiply_floats(const Tools& tools, const Params& p, const Rows& rows,
                     const Range& mine, const float* packed, float* c) noexcept {
  const std::int64_t nr = tools.format.kernels.nr;
  DirectArgs args;
  args.a = static_cast<const float*>(rows.first);
  args.a_row = rows.stride;
  args.a_step = 1;
  args.ldb = nr;
  args.ldc = p.ldc;
  args.rows = rows.count;
  args.depth = p.k;
  args.alpha = p.alpha;
  args.beta = p.beta;
  args.far_c = tools.wide;
  std::int64_t panel = mine.begin;
  while (panel < mine.end) {
    const std::int64_t left = p.n - panel * nr;
    const bool two = tools.wide && panel + 2 <= mine.end && left >= 2 * nr;
    args.b = packed + panel * p.k * nr;
    args.b_pair = two ? p.k * nr : 0;
    args.c = c + panel * nr;
    args.cols = two ? 2 * nr : std::min(nr, left);
    tools.tiles->multiply(args);
    panel += two ? 2 : 1;
  }
}
void multiply_pairs(const Tools& tools, const Params& p, const Rows& rows,
                    const Range& mine, const float* packed, float* c) noexcept {
  // Blocks of the sum, which are of the bits: C is read again for each.
  constexpr std::int64_t kMostSlots = 512;
  const std::int64_t nr = tools.pairs->cols;
  PairArgs args;
  args.a = static_cast<const std::uint16_t*>(rows.first);
  args.lda = rows.stride;
  args.c = c + mine.begin * nr;
  args.ldc = p.ldc;
  args.rows = rows.count;
  args.cols = std::min(mine.end * nr, p.n) - mine.begin * nr;
  args.depth = p.k;
  args.most_slots = kMostSlots;
  args.panels = packed + mine.begin * tools.format.slots(p.k) * nr;
  args.alpha = p.alpha;
  args.beta = p.beta;
  if (args.cols > 0) tools.pairs->multiply_panels(args);
}

void multiply_group(const GroupContext& context) noexcept {
  const auto& tools = *static_cast<const Tools*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const a = context.bindings[kA].as<const std::byte>();
  auto* const c = context.bindings[kC].as<float>();
  const auto* const packed = context.bindings[kB].as<const float>();

  const Range rows = part(p.m, context.groups.y, context.group.y);
  const Range mine =
      part(divide_up(p.n, tools.format.kernels.nr), context.groups.x, context.group.x);
  const std::int64_t height = half_tile(tools);
  const std::int64_t halves = divide_up(rows.size(), height);
  const std::int64_t parts = divide_up(halves, constants.part_halves);
  for (std::int64_t index = 0; index < parts; ++index) {
    const Range here = part(halves, parts, index);
    const std::int64_t row = rows.begin + here.begin * height;
    Rows of_a = {a + row * p.lda * tools.format.element_bytes(), p.lda,
                 std::min(rows.begin + here.end * height, rows.end) - row};
    if (constants.local_row > 0) {
      of_a = bring_near(tools, constants, of_a, context.local.data());
    }
    const auto multiply = tools.of_pairs() ? multiply_pairs : multiply_floats;
    multiply(tools, p, of_a, mine, packed, c + row * p.ldc);
  }
}

// A fifth of 1 MiB of second-level cache is for a part of A: the panel that comes by
// and the one that follows it have as much, and C the rest. Panels are no longer where
// the cache is larger, and half of what is beyond goes to the part: of 2 MiB on one
// unit of an Intel a third has 142 GFLOP/s at 1000 cubed and 143 at 1024, a fifth 137
// and 140, half 144 and 143.
constexpr auto kUsualCache = static_cast<std::int64_t>(kUsualSecondCache);
std::int64_t part_bytes(const CacheInfo& caches) noexcept {
  const auto l2 = static_cast<std::int64_t>(caches.l2_bytes);
  return std::min(l2, kUsualCache) / 5 +
         std::max<std::int64_t>(l2 - kUsualCache, 0) / 2;
}

// Rows so far apart share one set of a first-level cache.
constexpr std::int64_t kSetPeriod = 4096;
bool rows_share_a_set(const Params& p, std::int64_t element_bytes) noexcept {
  return p.lda * element_bytes % kSetPeriod == 0;
}
// Bytes between two rows in group-local memory: whole lines, and spread.
std::int64_t spread_row(std::int64_t bytes) noexcept {
  const auto line = static_cast<std::int64_t>(kLineBytes);
  const std::int64_t row = divide_up(bytes, line) * line;
  return row % kSetPeriod == 0 ? row + line : row;
}

Tools tools_of(const PanelFormat& format, bool wide) noexcept {
  return {format, &direct_tiles(format.kernels.isa), &pair_tiles(format.kernels.isa),
          wide};
}

// Panels of the whole sum leave the second-level cache to a part.
bool panel_leaves_cache(double column_bytes, const CacheInfo& caches) noexcept {
  constexpr double kPanelColumns = 32;
  return column_bytes * kPanelColumns <= static_cast<double>(caches.l2_bytes) / 4;
}

}  // namespace

// The panels of op(B) come from the last cache as often as there are parts of A: no
// more of them than that holds beside others' data, and no longer ones than leave the
// second-level cache to a part. Beyond, of f32, 1536 to 2048 cubed panels of both are
// as fast or 2 to 4 % faster on both machines; of pairs, which are multiplied twice as
// fast, 2048 has 1.06 of oneDNN's speed in panels and 1.01 here (Zen 4).
//
// An Intel with 2 MiB of second-level cache has 1.08 of this speed in panels at 2048,
// too, and where rows are brought near 1.05 at 1024 (one unit and two); of f16, which
// always are, 1.03 at 1000 and 640, 1.06 at 1024. By wide tiles it goes
// wide_panels_win()'s way.
bool plain_a_wins(const Params& p, DType storage, std::int64_t steps_of_slot,
                  const CacheInfo& caches) noexcept {
  constexpr std::int64_t kLeastDepth = 512;
  const auto l2 = static_cast<double>(caches.l2_bytes);
  const bool pairs = steps_of_slot == 2;
  const double most_panels =
      pairs ? 6 * l2 : 8 * std::min(l2, static_cast<double>(kUsualCache));
  const double column = static_cast<double>(p.k) * double{sizeof(float)} /
                        static_cast<double>(steps_of_slot);
  const bool near = storage != DType::f32 || rows_share_a_set(p, sizeof(float));
  const bool slow_near = !pairs && near && has_large_second_cache(caches);
  return !p.transpose_a && p.k >= kLeastDepth && panel_leaves_cache(column, caches) &&
         column * static_cast<double>(p.n) <= most_panels && !slow_near;
}

// Wide tiles hold four vectors of B for 10 loads and 24 multiply-adds a step, two for
// 16 and 28, and an Intel with a large second-level cache has fewer multiply-adds a
// cycle the more loads it does (docs/results/kernels.md). On one unit and on two, time
// in panels of both (1500: here, by tiles of two vectors) / here, or by in_turn.cc:
// 1000x1000x1000 1.07, 1024 1.02 and 1.01, 256x1024x1024 1.02 and 1.07, 1500 1.10 and
// 1.07, 1700 1.07, 1800 1.07, 1000x3000x1000 1.09, 3000x3000x1000 1.07, 2000x256x2000
// 1.42 and 1.18, 2048 0.98 to 1.01 and 0.99; of few rows 64x1024x1024 0.95, and of a
// short sum 2000x100x2000 0.95. In turn with rows a multiple of 4 KiB apart, bars of
// two days: 2048 cubed 0.962 [0.956, 0.969] of oneDNN's speed, in panels of both 0.981
// [0.977, 0.985].
bool wide_panels_win(const Params& p, std::int64_t element_bytes,
                     const CacheInfo& caches) noexcept {
  constexpr std::int64_t kLeastRows = 128;
  constexpr std::int64_t kLeastDepth = 128;
  return !p.transpose_a && p.m >= kLeastRows && p.k >= kLeastDepth &&
         !(in_turn_wins(p, caches) && rows_share_a_set(p, element_bytes));
}

// In both cases op(B) in place no longer shares the first two levels with the rest, and
// a unit has rows enough to pay for packing.
//
// Rows of B that are no whole lines apart cost tiles in place two lines a vector, of
// which the last one's other half was not asked for; panels are aligned. On one unit of
// an Intel with 2 MiB of second-level cache, GFLOP/s in place and here by tiles of two
// vectors: 450 cubed 154 and 152, 470 150 and 155, 600 138 to 143 and 155, 700 129 and
// 148; 256x600x600 148 and 146, 350x600x600 148 and 154; whole lines 576 164 and 157,
// 640 160 and 156. On two units 500 290 and 277, 600 277 and 290, 700 269 and 294.
// (Hints for that half in place: 600 5 % and 700 7 % faster, but 450 and 512, which has
// none, 1 to 2 % slower.)
//
// Rows of B a multiple of 2 KiB apart share few sets: 512 cubed has 154 GFLOP/s in
// place and 163 here by wide tiles, on two units 293 and 302; 480 and 640 are the same.
// What is stored in 16 bits would be widened whole to be in place: 450 142 and 154, 640
// 150 and 159, 384 163 and 165. Machines with up to 1 MiB have not been asked.
bool plain_a_beats_direct(const Params& p, DType storage, const CacheInfo& caches,
                          std::uint32_t units) noexcept {
  constexpr std::int64_t kLeastRowsOfUnit = 250;
  constexpr std::int64_t kLeastRowsOfLines = 300;
  constexpr std::int64_t kLeastDepth = 256;
  constexpr std::int64_t kFewSets = 2048;
  constexpr double kPartOfCache = 0.4;
  constexpr auto kFloat = static_cast<std::int64_t>(sizeof(float));
  if (p.transpose_a || p.transpose_b || !has_large_second_cache(caches)) return false;
  const bool lines = p.ldb % kLine == 0;
  const bool few_sets = p.ldb * kFloat % kFewSets == 0;
  if (storage == DType::f32 && (rows_share_a_set(p, kFloat) || (lines && !few_sets))) {
    return false;
  }
  const double column = static_cast<double>(p.k) * double{kFloat};
  return p.m / static_cast<std::int64_t>(units) >=
             (lines ? kLeastRowsOfUnit : kLeastRowsOfLines) &&
         p.k >= kLeastDepth && panel_leaves_cache(column, caches) &&
         column * static_cast<double>(p.n) >
             kPartOfCache * static_cast<double>(caches.l2_bytes);
}

std::unique_ptr<Prepared> plain_a_prepare(const PrepareContext& context,
                                          const Params& params,
                                          const PanelFormat& format, PlainA how) {
  Device& device = *context.device;
  const std::uint32_t units = device.caps().compute_units;
  const Tools tools = tools_of(format, how.wide);
  const std::int64_t nr = format.kernels.nr;
  const std::int64_t height = half_tile(tools);
  const Grid grid =
      share(params.m, params.n, params.k, tools.rows_of_tile(), nr, units);
  PanelsOfB panels(device, params, std::make_shared<const PanelFormat>(format), 1,
                   std::min<std::int64_t>(divide_up(params.n, nr), units),
                   std::move(how.workspace));
  const bool near = tools.element_bytes() != format.element_bytes() ||
                    (!tools.wide && rows_share_a_set(params, format.element_bytes()));
  const std::int64_t row = params.k * tools.element_bytes();
  Constants constants = {params};
  constants.local_row = near ? spread_row(row) : 0;
  constants.part_halves = std::max<std::int64_t>(
      part_bytes(cache_info()) / (std::max(row, constants.local_row) * height), 1);
  ProductOfPanels<Constants>::What what;
  what.name = "matmul.packed.plain_a";
  what.function = multiply_group;
  what.tools = std::make_shared<const Tools>(tools);
  what.groups = {static_cast<std::uint32_t>(grid.cols),
                 static_cast<std::uint32_t>(grid.rows), 1};
  what.local_bytes =
      static_cast<std::size_t>(constants.part_halves * height * constants.local_row);
  what.configuration = format.name.empty() ? "" : std::string(format.name) + " ";
  what.configuration += "isa=" + std::string(to_string(format.kernels.isa)) +
                        " plain A mr=" + std::to_string(tools.rows_of_tile()) +
                        " nr=" + std::to_string(tools.wide ? 2 * nr : nr) +
                        " part=" + std::to_string(constants.part_halves * height) +
                        (near ? " near" : "") + " groups=" + std::to_string(grid.rows) +
                        "x" + std::to_string(grid.cols);
  return std::make_unique<ProductOfPanels<Constants>>(device, std::move(panels),
                                                      std::move(what), constants);
}

}  // namespace assay::matmul
