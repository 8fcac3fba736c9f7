// SPDX-License-Identifier: MIT
#include "kernels/conv2d/cuts.h"

#include <algorithm>
#include <limits>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/conv2d/patches.h"

namespace assay::conv2d {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
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

// Of the sum in one row of the filter, for lines: as long as a tile has to be for its
// output to be read and written once a row (3 % at 128).
constexpr std::int64_t kLeastRun = 128;
constexpr std::int64_t kMostLineBytes = 128 * 1024;

struct Grid {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
};

// The grid with at most one group a unit whose largest group costs least. Rows are cut
// into multiples of `quantum` pixels.
Grid cheapest(const Params& p, std::int64_t quantum, std::int64_t panels,
              std::int64_t units) noexcept {
  Grid best;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t rows = 1; rows <= units; ++rows) {
    const Grid grid{rows, std::min(units / rows, panels)};
    if (rows > 1 && p.pixels() / rows < std::max(kLeastRows, quantum)) break;
    const auto height =
        static_cast<double>(divide_up(p.pixels() / quantum, grid.rows) * quantum);
    const auto width = static_cast<double>(divide_up(panels, grid.cols));
    const double cost = height * width + kGatherCost * height + kPanelCost * width;
    if (cost < least) {
      least = cost;
      best = grid;
    }
  }
  return best;
}

// Lines of the image that `lines` lines of the output read, at most: where an image
// ends the next line of the output begins a whole filter later.
std::int64_t lines_read(const Params& p, std::int64_t lines) noexcept {
  const std::int64_t ends = (lines + p.out_height() - 2) / p.out_height();
  return (lines - 1) * p.stride + p.rows +
         ends * std::max<std::int64_t>(p.rows - p.stride, 0);
}

std::int64_t padded(std::int64_t floats) noexcept {
  return divide_up(floats, kLine) * kLine + kLine;
}

}  // namespace

// Against gathered patches, on one thread of a Zen 5, lines went from 0.84 to 0.92 of
// peak at 56x56x64, from 0.87 to 0.93 at 28x28x128, from 0.82 to 0.92 at 14x14x256 and
// from 0.69 to 0.86 at 7x7x512 (3x3, products inside the image counted).
//
// Lines 4 KiB apart, as patches, would share few sets of the first-level cache, and a
// short line does not fill a tile.
Patches patches_of(const Params& p) noexcept {
  const bool spread = p.stride * p.channels % kPage != 0;
  if (p.is_product() && spread) return Patches::in_place;
  const bool lines = p.rows * p.cols > 1 && p.cols * p.channels >= kLeastRun &&
                     spread && p.out_width() * 2 >= kLeastRows &&
                     p.rows * padded(padded_line(p)) * kFloat <= kMostLineBytes;
  return lines ? Patches::lines : Patches::gathered;
}

Cuts cut(const Params& p, std::int64_t panel, std::size_t l2_bytes,
         std::size_t max_local_bytes, std::uint32_t units) noexcept {
  Cuts cuts;
  cuts.patches = patches_of(p);
  cuts.depth_blocks = cuts.patches == Patches::lines
                          ? p.rows
                          : std::max<std::int64_t>(divide_up(p.depth(), kMostDepth), 1);
  if (p.pixels() == 0 || p.filters == 0) return cuts;
  const double products = static_cast<double>(p.pixels()) *
                          static_cast<double>(p.filters) *
                          static_cast<double>(std::max<std::int64_t>(p.depth(), 1));
  const auto useful = static_cast<std::int64_t>(
      std::clamp(products / kLeastGroupProducts, 1.0, static_cast<double>(units)));
  const bool lines = cuts.patches == Patches::lines;
  const std::int64_t quantum = lines ? p.out_width() : 1;
  const Grid grid = cheapest(p, quantum, divide_up(p.filters, panel), useful);
  cuts.col_groups = grid.cols;
  cuts.row_groups = grid.rows;
  if (cuts.patches == Patches::in_place) return cuts;

  // Half of the second-level cache for copies, as many rounds of groups as it takes.
  cuts.stride =
      padded(lines ? padded_line(p) : divide_up(p.depth(), cuts.depth_blocks));
  const auto room =
      static_cast<std::int64_t>(std::min(l2_bytes / 2, max_local_bytes)) / kFloat;
  const std::int64_t rows = p.pixels() / quantum;
  const auto floats = [&](std::int64_t groups) {
    const std::int64_t most = divide_up(rows, groups);
    return (lines ? lines_read(p, most) : most) * cuts.stride;
  };
  while (floats(cuts.row_groups) > room && cuts.row_groups + grid.rows <= rows) {
    cuts.row_groups += grid.rows;
  }
  cuts.local_bytes = static_cast<std::size_t>(floats(cuts.row_groups)) *
                     static_cast<std::size_t>(kFloat);
  return cuts;
}

}  // namespace assay::conv2d
