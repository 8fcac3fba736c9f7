// SPDX-License-Identifier: MIT
// multiply_whole_tiles() of any unit: the machine's, or a test's model of it, so that
// all but the instructions is tested on machines that lack them.
#ifndef ASSAY_KERNELS_MATMUL_WHOLE_TILES_INL_H_
#define ASSAY_KERNELS_MATMUL_WHOLE_TILES_INL_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "kernels/common/checked_math.h"
#include "kernels/common/split.h"
#include "kernels/matmul/whole_tiles.h"

namespace assay::matmul {

// How sums meet what is in C. The same for all blocks of a C that are alike: where one
// is cut decides nothing about its bits.
enum class Onto : std::uint8_t {
  nothing,  // alpha is 1, C is not read: stored as they are
  sums,     // alpha and beta are 1: what is there is where sums begin
  scaled,   // any others: after the sum
};
constexpr Onto onto(float alpha, float beta) noexcept {
  if (alpha != 1.0F) return Onto::scaled;
  if (beta == 0.0F) return Onto::nothing;
  return beta == 1.0F ? Onto::sums : Onto::scaled;
}

// A block of C, and of the sum.
struct WholeTilesBlock {
  const std::byte* a = nullptr;
  const float* b = nullptr;
  std::int64_t tiles = 0;
  float* c = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  float beta = 0;
  // Of the block of a panel that follows, to ask for beside each tile; 0: none.
  const float* next = nullptr;
  std::int64_t next_lines = 0;
};

// Panels beyond the second-level cache, and C. At 1024 tiles alone have 1383 GFLOP/s
// with both and 1275 without, at 256, where all is near, 1867 and 1965. Asking for A in
// the same way lost 10 to 20 % everywhere.
inline void ask_ahead(const WholeTilesArgs& args, const WholeTilesBlock& block,
                      std::int64_t tile) noexcept {
  constexpr auto kLineFloats = kTileCols;
  const float* next = block.next + tile * block.next_lines * kLineFloats;
  for (std::int64_t i = 0; i < block.next_lines; ++i, next += kLineFloats) {
    __builtin_prefetch(next, 0, 2);
  }
  const std::int64_t last = std::min(2 * tile + 2, block.rows);
  for (std::int64_t i = 2 * tile; i < last; ++i) {
    __builtin_prefetch(block.c + i * args.ldc, 1, 3);
    __builtin_prefetch(block.c + i * args.ldc + kTileCols, 1, 3);
  }
}

// One or two by two tiles of C, registers 0 to 3; B has 4 and 5, A 6 and 7.
template <class Unit, bool kTwoRows>
void add_products(const WholeTilesArgs& args, const WholeTilesBlock& block) noexcept {
  constexpr std::int64_t kPanelRow = kBlockCols * std::int64_t{sizeof(float)};
  const std::byte* a = block.a;
  const std::int64_t a_row = args.a_row;
  const float* b = block.b;
  for (std::int64_t tile = 0; tile < block.tiles; ++tile) {
    if (block.next_lines > 0) ask_ahead(args, block, tile);
    Unit::template load<4>(b, kPanelRow);
    Unit::template load<6>(a, a_row);
    Unit::template add_product<0, 6, 4>();
    Unit::template load<5>(b + kTileCols, kPanelRow);
    Unit::template add_product<1, 6, 5>();
    if constexpr (kTwoRows) {
      Unit::template load<7>(a + kTileRows * a_row, a_row);
      Unit::template add_product<2, 7, 4>();
      Unit::template add_product<3, 7, 5>();
    }
    a += kTileRowBytes;
    b += kTileSlots * kBlockCols;
  }
}

// Sums in registers 0 to 3 from C, or from zeros, and to it. `c` has whole tiles.
template <class Unit, bool kTwoRows>
void begin_sums(bool with_old, const float* c, std::int64_t ldc) noexcept {
  if (!with_old) {
    Unit::template zero<0>();
    Unit::template zero<1>();
    Unit::template zero<2>();
    Unit::template zero<3>();
    return;
  }
  const std::int64_t row = ldc * std::int64_t{sizeof(float)};
  Unit::template load<0>(c, row);
  Unit::template load<1>(c + kTileCols, row);
  if constexpr (kTwoRows) {
    Unit::template load<2>(c + kTileRows * ldc, row);
    Unit::template load<3>(c + kTileRows * ldc + kTileCols, row);
  }
}
template <class Unit, bool kTwoRows>
void store_sums(float* c, std::int64_t ldc) noexcept {
  const std::int64_t row = ldc * std::int64_t{sizeof(float)};
  Unit::template store<0>(c, row);
  Unit::template store<1>(c + kTileCols, row);
  if constexpr (kTwoRows) {
    Unit::template store<2>(c + kTileRows * ldc, row);
    Unit::template store<3>(c + kTileRows * ldc + kTileCols, row);
  }
}

// What is not whole, and what is scaled, goes through a block beside C.
template <class Unit, bool kTwoRows>
void multiply_beside(const WholeTilesArgs& args, const WholeTilesBlock& block,
                     Onto how) noexcept {
  alignas(64) std::array<float, kBlockRows * kBlockCols> beside{};
  const auto bytes = static_cast<std::size_t>(block.cols) * sizeof(float);
  if (how == Onto::sums) {
    for (std::int64_t i = 0; i < block.rows; ++i) {
      std::memcpy(beside.data() + i * kBlockCols, block.c + i * args.ldc, bytes);
    }
  }
  begin_sums<Unit, kTwoRows>(how == Onto::sums, beside.data(), kBlockCols);
  add_products<Unit, kTwoRows>(args, block);
  store_sums<Unit, kTwoRows>(beside.data(), kBlockCols);
  for (std::int64_t i = 0; i < block.rows; ++i) {
    const float* const sums = beside.data() + i * kBlockCols;
    float* const c = block.c + i * args.ldc;
    if (how != Onto::scaled) {
      std::memcpy(c, sums, bytes);
    } else if (block.beta == 0.0F) {
      for (std::int64_t j = 0; j < block.cols; ++j) c[j] = args.alpha * sums[j];
    } else {
      for (std::int64_t j = 0; j < block.cols; ++j) {
        c[j] = args.alpha * sums[j] + block.beta * c[j];
      }
    }
  }
}

template <class Unit, bool kTwoRows>
void multiply_block(const WholeTilesArgs& args, const WholeTilesBlock& block) noexcept {
  const Onto how = onto(args.alpha, block.beta);
  constexpr std::int64_t kRows = kTwoRows ? kBlockRows : kTileRows;
  if (how == Onto::scaled || block.rows < kRows || block.cols < kBlockCols) {
    multiply_beside<Unit, kTwoRows>(args, block, how);
    return;
  }
  begin_sums<Unit, kTwoRows>(how == Onto::sums, block.c, args.ldc);
  add_products<Unit, kTwoRows>(args, block);
  store_sums<Unit, kTwoRows>(block.c, args.ldc);
}

// Panel after panel, of each block after block of the sum, of each all rows.
template <class Unit>
void multiply_whole_tiles_by(const WholeTilesArgs& args) noexcept {
  const std::int64_t tiles = args.slots / kTileSlots;
  const std::int64_t parts = divide_up(tiles, kBlockTiles);
  const std::int64_t row_blocks = divide_up(args.rows, kBlockRows);
  // Two tiles of B, which are side by side.
  constexpr std::int64_t kPairLines = 2 * kTileRows;
  Unit::configure();
  for (std::int64_t col = 0; col < args.cols; col += kBlockCols) {
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t first = balanced_begin(tiles, parts, part);
      WholeTilesBlock block;
      block.b = args.panels + col * args.slots + first * kTileSlots * kBlockCols;
      block.tiles = balanced_begin(tiles, parts, part + 1) - first;
      block.cols = std::min(kBlockCols, args.cols - col);
      block.beta = part == 0 ? args.beta : 1.0F;
      const float* next = block.b + block.tiles * kTileSlots * kBlockCols;
      if (args.far) block.next_lines = divide_up(kPairLines, row_blocks);
      for (std::int64_t row = 0; row < args.rows; row += kBlockRows) {
        block.a = args.a + row * args.a_row + first * kTileRowBytes;
        block.c = args.c + row * args.ldc + col;
        block.rows = std::min(kBlockRows, args.rows - row);
        block.next = next;
        next += block.tiles * block.next_lines * kTileCols;
        if (block.rows > kTileRows) {
          multiply_block<Unit, true>(args, block);
        } else {
          multiply_block<Unit, false>(args, block);
        }
      }
    }
  }
  Unit::release();
}

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_WHOLE_TILES_INL_H_
