// SPDX-License-Identifier: MIT
#include "kernels/matmul/blocking.h"

#include <algorithm>
#include <optional>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/micro_kernels.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
constexpr std::int64_t kMostBlockBytes = 256 * 1024;  // of A, in panels

// Multiply-adds below which a group of its own costs more than it saves.
constexpr std::int64_t kLeastGroupProducts = 128 * 1024;

// The grid with one group a unit whose largest group is smallest, in register tiles.
// Rows are cut first: a cut of the columns makes every group of a row pack the same
// block of op(A) again.
Grid smallest_groups(std::int64_t m, std::int64_t row_tiles, std::int64_t panels,
                     std::int64_t units) noexcept {
  Grid best;
  double least = 0;
  for (std::int64_t rows = std::min(units, m); rows >= 1; --rows) {
    const std::int64_t cols = std::min(units / rows, panels);
    // Rows cut evenly, not by tiles: the micro-kernel takes any height.
    const double group =
        std::max(static_cast<double>(m) / static_cast<double>(rows), 1.0) *
        static_cast<double>(divide_up(panels, cols));
    // 3 %: about what packing once more costs.
    if (least == 0 || group < 0.97 * least) {
      least = group;
      best = {rows, cols};
    }
  }
  // A group of fewer rows than a tile leaves multiply-adds waiting for each other.
  if (row_tiles < best.rows && panels >= units) best = {1, units};
  return best;
}

}  // namespace

std::int64_t useful_units(std::int64_t m, std::int64_t n, std::int64_t k,
                          std::uint32_t units) noexcept {
  // In floating point: m * n * k may overflow, and only its size matters.
  const double products =
      static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const double worth = products / static_cast<double>(kLeastGroupProducts);
  return worth < static_cast<double>(units)
             ? std::max<std::int64_t>(static_cast<std::int64_t>(worth), 1)
             : static_cast<std::int64_t>(units);
}

// KC: a panel of B (KC x NR), a panel of A (KC x MR) and the tile's lines of C share
// the first-level cache, but for no less than 256 steps: C is read and written once for
// each KC, and panels from the second-level cache come in time for a tile of 14 x 32
// (184 bytes a step of 28 multiply-adds). On one unit of a Zen 4 with 32 KiB, time at
// 176, which share its first level, / time at 264: 1024 1.049 [0.984, 1.119],
// 2048 1.016 [1.001, 1.031]; at 352 1.02 at both in two rounds each. The block of A
// takes a quarter of the second-level cache, and 256 KiB at most; the panels of B and
// the lines of C that stream through have the rest. Of the 2 MiB of an Intel, 512 KiB
// have 142, 142 and 153 GFLOP/s at 1000, 1024 and 2048 cubed, 256 143, 151 and 158, 128
// 136, 141 and 142, and 384 with 384 steps 142, 147 and 153.
BlockLimits block_limits(const CacheInfo& caches, std::int64_t mr, std::int64_t nr,
                         std::size_t max_local_bytes) noexcept {
  const auto l1 = static_cast<std::int64_t>(caches.l1d_bytes);
  const auto l2 = static_cast<std::int64_t>(caches.l2_bytes);
  const auto local = static_cast<std::int64_t>(max_local_bytes);
  BlockLimits limits;
  limits.kc = std::clamp<std::int64_t>(l1 / ((mr + nr) * kFloat) / 8 * 8, 256, 512);
  // The last panel may be padded by up to MR rows.
  const std::int64_t padding = (mr * limits.kc + kPackSlack) * kFloat;
  limits.a_block_bytes = std::min({l2 / 4, kMostBlockBytes, local - padding});
  return limits;
}

Grid share(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t mr,
           std::int64_t nr, std::uint32_t units) noexcept {
  return smallest_groups(m, divide_up(m, mr), divide_up(n, nr),
                         useful_units(m, n, k, units));
}

Cuts cut(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t mr,
         std::int64_t nr, const BlockLimits& limits, std::uint32_t units) noexcept {
  const std::int64_t panels = divide_up(n, nr);
  Cuts cuts;
  cuts.depth_blocks = divide_up(k, limits.kc);

  const std::int64_t useful = useful_units(m, n, k, units);
  const Grid grid = smallest_groups(m, divide_up(m, mr), panels, useful);

  // As many rounds of `grid.rows` row groups as it takes for a group's block to fit.
  const std::int64_t depth = divide_up(k, cuts.depth_blocks);
  const std::int64_t most_rows = std::max(limits.a_block_bytes / (depth * kFloat), mr);
  cuts.row_groups = grid.rows * divide_up(divide_up(m, most_rows), grid.rows);
  cuts.col_groups = grid.cols;
  cuts.pack_groups = std::min(useful, panels);

  const std::int64_t rows = divide_up(m, cuts.row_groups);
  cuts.local_bytes = static_cast<std::size_t>(
      (divide_up(rows, mr) * mr * depth + kPackSlack) * kFloat);
  return cuts;
}

std::int64_t panels_bytes(std::int64_t n, std::int64_t k, std::int64_t nr) noexcept {
  const auto elements = checked_multiply(divide_up(n, nr) * nr, k);
  const auto padded = elements ? checked_add(*elements, kPackSlack) : std::nullopt;
  const auto bytes = padded ? checked_multiply(*padded, kFloat) : std::nullopt;
  return bytes.value_or(-1);
}

}  // namespace assay::matmul
