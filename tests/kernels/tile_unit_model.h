// SPDX-License-Identifier: MIT
// kernels/common/tile_unit.h's unit as Intel's manual describes it, for machines that
// lack it. Each thread has registers of its own, as there.
#ifndef TESTS_KERNELS_TILE_UNIT_MODEL_H_
#define TESTS_KERNELS_TILE_UNIT_MODEL_H_

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "kernels/common/narrow_floats.h"
#include "kernels/common/tile_unit.h"

namespace assay::testing_support {

struct TileUnitModel {
  using Tile = std::array<std::array<std::uint32_t, kTileCols>, kTileRows>;
  inline static thread_local bool configured_ = false;
  inline static thread_local std::array<Tile, 8> tiles_;

  static void configure() noexcept {
    configured_ = true;
    tiles_.fill({});
  }
  static void release() noexcept { configured_ = false; }
  // The real ones end the process.
  static Tile& tile(int index) noexcept {
    if (!configured_) std::abort();
    return tiles_[static_cast<std::size_t>(index)];
  }

  template <int kTile>
  static void zero() noexcept {
    tile(kTile) = {};
  }
  template <int kTile>
  static void load(const void* from, std::int64_t row_bytes) noexcept {
    const auto* source = static_cast<const std::byte*>(from);
    for (auto& row : tile(kTile)) {
      std::memcpy(row.data(), source, kTileRowBytes);
      source += row_bytes;
    }
  }
  template <int kTile>
  static void store(void* to, std::int64_t row_bytes) noexcept {
    auto* target = static_cast<std::byte*>(to);
    for (const auto& row : tile(kTile)) {
      std::memcpy(target, row.data(), kTileRowBytes);
      target += row_bytes;
    }
  }

  static float flushed(float x) noexcept {
    return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0F, x)
                                                            : x;
  }
  static float number(std::uint32_t upper_half) noexcept {
    return flushed(std::bit_cast<float>(upper_half & 0xffff0000U));
  }
  template <int kSum, int kLeft, int kRight>
  static void add_product() noexcept {
    for (std::size_t m = 0; m < kTileRows; ++m) {
      for (std::size_t n = 0; n < kTileCols; ++n) {
        float earlier = 0;
        float later = 0;
        for (std::size_t k = 0; k < kTileCols; ++k) {
          const std::uint32_t left = tile(kLeft)[m][k];
          const std::uint32_t right = tile(kRight)[k][n];
          earlier =
              flushed(std::fma(number(left << 16U), number(right << 16U), earlier));
          later = flushed(std::fma(number(left), number(right), later));
        }
        std::uint32_t& sum = tile(kSum)[m][n];
        sum = std::bit_cast<std::uint32_t>(
            flushed(flushed(std::bit_cast<float>(sum)) + flushed(earlier + later)));
      }
    }
  }
};

}  // namespace assay::testing_support

#endif  // TESTS_KERNELS_TILE_UNIT_MODEL_H_
