// SPDX-License-Identifier: MIT
#include "kernels/peak/tiles.h"

#include "kernels/common/tile_unit.h"

#if defined(__x86_64__)
#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#endif

namespace assay::peak {

#if defined(__x86_64__)
namespace {

constexpr int kLeft = kTileChains;
constexpr int kRight = kTileChains + 1;
using Words = std::array<std::uint32_t, kTileRows * kTileRowBytes / 4>;

template <int... kChain>
float chains(std::integer_sequence<int, kChain...> /*sums*/, std::int64_t steps,
             const Words& left, const Words& right) noexcept {
  TileUnit::configure();
  (TileUnit::zero<kChain>(), ...);
  TileUnit::load<kLeft>(left.data(), kTileRowBytes);
  TileUnit::load<kRight>(right.data(), kTileRowBytes);
  for (std::int64_t step = 0; step < steps; ++step) {
    (TileUnit::add_product<kChain, kLeft, kRight>(), ...);
  }
  alignas(64) std::array<float, kTileRows * kTileCols> sums{};
  float total = 0;
  ((TileUnit::store<kChain>(sums.data(), kTileRowBytes), total += sums[0]), ...);
  TileUnit::release();
  return total;
}

}  // namespace

float bf16_tiles(std::int64_t steps, float seed) noexcept {
  // Pairs of bf16: the upper half of an f32 is one.
  const std::uint32_t upper = std::bit_cast<std::uint32_t>(seed) >> 16U;
  alignas(64) Words left{};
  alignas(64) Words right{};
  left.fill(0x3f803f80U);
  right.fill(upper << 16U | upper);
  return chains(std::make_integer_sequence<int, kTileChains>(), steps, left, right);
}

#else

float bf16_tiles(std::int64_t /*steps*/, float seed) noexcept { return seed; }

#endif

}  // namespace assay::peak
