// SPDX-License-Identifier: MIT
// packed of matmul_bf16 without a packed A: where pairs of A are slots as they lie.
//
// By dot products multiplying takes half the time, and packing twice the share that it
// has of f32: 4 % for A and 3 % for B at 256. Two steps of a plain A lie side by side,
// which is what a slot is, so A needs no panels. B does, and the first tile of a panel
// makes it while it multiplies (pair_tiles.cc): one dispatch, and no workspace but a
// panel in the first-level cache.
//
// One thread of a Zen 5, tiles alone, time of panels / time here: 128 1.21, 256 1.11,
// 384 1.08, 512 1.06, 1000 1.07, 1024 1.05 (four groups of rows; with two 1.04). On a
// Zen 4 the last two, and those beyond, are plain_a.cc's.
//
// Still wasted: groups of the same columns make the same panels; the first tile has
// fewer rows than registers allow.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/pair_tiles.h"

namespace assay::matmul {
namespace {

struct Constants {
  Params params;
  std::int64_t most_slots = 0;
};

void multiply_group(const GroupContext& context) noexcept {
  const auto& tiles = *static_cast<const PairTiles*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const std::int64_t row = balanced_begin(p.m, context.groups.y, context.group.y);
  const std::int64_t last_row =
      balanced_begin(p.m, context.groups.y, context.group.y + 1);
  const std::int64_t panels = divide_up(p.n, tiles.cols);
  const std::int64_t col =
      tiles.cols * balanced_begin(panels, context.groups.x, context.group.x);
  const std::int64_t last_col = std::min(
      p.n, tiles.cols * balanced_begin(panels, context.groups.x, context.group.x + 1));
  PairArgs args;
  args.a = context.bindings[kA].as<const std::uint16_t>() + row * p.lda;
  args.lda = p.lda;
  args.b = context.bindings[kB].as<const std::uint16_t>() + col;
  args.ldb = p.ldb;
  args.c = context.bindings[kC].as<float>() + row * p.ldc + col;
  args.ldc = p.ldc;
  args.rows = last_row - row;
  args.cols = last_col - col;
  args.depth = p.k;
  args.most_slots = constants.most_slots;
  args.panel = reinterpret_cast<float*>(context.local.data());
  args.alpha = p.alpha;
  args.beta = p.beta;
  tiles.multiply(args);
}

// A panel takes two thirds of the first-level cache: the rows of A that pass by and
// the lines of C have the rest. At 512, 128 or 192 slots instead of 256: 2 % slower.
std::int64_t most_slots(const CacheInfo& caches, const PairTiles& tiles) noexcept {
  const auto bytes = static_cast<std::int64_t>(caches.l1d_bytes) * 2 / 3;
  const auto slot_bytes = tiles.cols * static_cast<std::int64_t>(sizeof(float));
  return std::clamp<std::int64_t>(bytes / slot_bytes / 8 * 8, 256, 512);
}

constexpr std::int64_t kBytes = 2;  // of an element

// Of a group: while they pass by each panel they have to stay in the second-level
// cache, beside what else goes through.
std::int64_t most_rows(const Params& p, const CacheInfo& caches) noexcept {
  return static_cast<std::int64_t>(caches.l2_bytes) / 2 / kBytes / p.k;
}
// Fewer rows make the same panels too often.
constexpr std::int64_t kLeastRows = 128;

}  // namespace

// Rows a multiple of 4 KiB apart share one set of the first-level cache, which has
// fewer ways than a tile has rows. Where op(B) comes from the last cache, each group's
// first tiles wait for it, 64 bytes of a row at a time, and panels that are made once
// are better (plain_a.cc).
bool pairs_win(const Params& p, const CacheInfo& caches) noexcept {
  constexpr std::int64_t kSameSet = 4096;
  return !p.transpose_a && !p.transpose_b && p.lda * kBytes % kSameSet != 0 &&
         fits_second_cache(p.k, p.n, kBytes, caches) &&
         most_rows(p, caches) >= std::min(p.m, kLeastRows);
}

std::unique_ptr<Prepared> pairs_prepare(const PrepareContext& context,
                                        const Params& p) {
  Device& device = *context.device;
  const Isa isa = selected_isa();
  const PairTiles& tiles = pair_tiles(isa);
  const Constants constants = {p, most_slots(cache_info(), tiles)};
  const Grid grid =
      share(p.m, p.n, p.k, tiles.rows, tiles.cols, device.caps().compute_units);
  const std::int64_t most = std::max<std::int64_t>(most_rows(p, cache_info()), 1);
  const std::int64_t rows = grid.rows * divide_up(divide_up(p.m, grid.rows), most);
  HostDispatch<Constants>::What what;
  what.name = "matmul.packed.pairs";
  what.function = multiply_group;
  what.groups = {static_cast<std::uint32_t>(grid.cols),
                 static_cast<std::uint32_t>(rows), 1};
  what.configuration = "pairs isa=" + std::string(to_string(isa)) +
                       " plain A mr=" + std::to_string(tiles.rows) +
                       " nr=" + std::to_string(tiles.cols) +
                       " groups=" + std::to_string(rows) + "x" +
                       std::to_string(grid.cols);
  what.local_bytes =
      static_cast<std::size_t>(constants.most_slots * tiles.cols) * sizeof(float);
  what.tools = of_static(&tiles);
  return std::make_unique<HostDispatch<Constants>>(device, std::move(what),
                                                   accesses_of(p), constants);
}

}  // namespace assay::matmul
