// SPDX-License-Identifier: MIT
#include "kernels/conv2d/cuts.h"

#include <algorithm>
#include <limits>

#include "kernels/common/checked_math.h"

namespace assay::conv2d {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
constexpr std::int64_t kLine = 64 / kFloat;  // of cache, in floats
constexpr std::int64_t kPage = 4096 / kFloat;

// Steps of a block of the sum. A panel of weights (64 KiB of AVX-512's) then stays in
// the second-level cache while a group's pixels pass by it, and the output, read and
// written once more for each block, costs under 1 % of the multiply-adds.
constexpr std::int64_t kMostDepth = 512;

// Multiply-adds below which a group of its own costs more than it saves: as matmul.
constexpr double kLeastGroupProducts = 128 * 1024;
// Pixels below which a group leaves multiply-adds waiting for each other: as a tile.
constexpr std::int64_t kLeastRows = 14;

// A step of a pixel and a panel is one cycle of two multiply-add vectors. Gathering a
// step of a pixel costs a quarter of that, a step of a panel that comes from the last
// cache four times as much.
constexpr double kGatherCost = 0.25;
constexpr double kPanelCost = 4;

struct Grid {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
};

// The grid with at most one group a unit whose largest group costs least.
Grid cheapest(const Params& p, std::int64_t panels, std::int64_t units) noexcept {
  Grid best;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t rows = 1; rows <= units; ++rows) {
    const Grid grid{rows, std::min(units / rows, panels)};
    if (rows > 1 && p.pixels() / rows < kLeastRows) break;
    const auto height = static_cast<double>(divide_up(p.pixels(), grid.rows));
    const auto width = static_cast<double>(divide_up(panels, grid.cols));
    const double cost = height * width + kGatherCost * height + kPanelCost * width;
    if (cost < least) {
      least = cost;
      best = grid;
    }
  }
  return best;
}

}  // namespace

Cuts cut(const Params& p, std::int64_t panel, std::size_t l2_bytes,
         std::size_t max_local_bytes, std::uint32_t units) noexcept {
  Cuts cuts;
  cuts.depth_blocks = std::max<std::int64_t>(divide_up(p.depth(), kMostDepth), 1);
  if (p.pixels() == 0 || p.filters == 0) return cuts;
  const double products = static_cast<double>(p.pixels()) *
                          static_cast<double>(p.filters) *
                          static_cast<double>(std::max<std::int64_t>(p.depth(), 1));
  const auto useful = static_cast<std::int64_t>(
      std::clamp(products / kLeastGroupProducts, 1.0, static_cast<double>(units)));
  const Grid grid = cheapest(p, divide_up(p.filters, panel), useful);
  cuts.col_groups = grid.cols;
  cuts.row_groups = grid.rows;
  // Patches a multiple of 4 KiB apart would share few sets of the first-level cache.
  cuts.in_place = p.is_product() && p.channels % kPage != 0;
  if (cuts.in_place) return cuts;

  const std::int64_t depth = divide_up(p.depth(), cuts.depth_blocks);
  cuts.stride = divide_up(depth, kLine) * kLine + kLine;
  // Half of the second-level cache for patches, as many rounds of groups as it takes.
  const auto room =
      static_cast<std::int64_t>(std::min(l2_bytes / 2, max_local_bytes)) / kFloat;
  const std::int64_t most = std::max<std::int64_t>(room / cuts.stride, 1);
  cuts.row_groups *= divide_up(divide_up(p.pixels(), most), grid.rows);
  cuts.local_bytes = static_cast<std::size_t>(divide_up(p.pixels(), cuts.row_groups) *
                                              cuts.stride * kFloat);
  return cuts;
}

}  // namespace assay::conv2d
