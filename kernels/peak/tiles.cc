// SPDX-License-Identifier: MIT
#include "kernels/peak/tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#define ASSAY_TILES 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <bit>

namespace assay::peak {

#ifdef ASSAY_TILES
namespace {

constexpr int kRows = 16;
constexpr int kRowBytes = 64;

// What LDTILECFG reads (Intel's manual, "AMX state").
struct alignas(64) Configuration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> row_bytes{};
  std::array<std::uint8_t, 16> rows{};
};
static_assert(sizeof(Configuration) == 64);

bool processor_has_tiles() noexcept {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned kBf16 = 1U << 22U;
  constexpr unsigned kTiles = 1U << 24U;
  return (edx & kBf16) != 0 && (edx & kTiles) != 0;
}

// Linux hands out the 8 KiB of tiles a thread to those that ask.
bool system_permits() noexcept {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

bool has_bf16_tiles() noexcept {
  static const bool kHas = processor_has_tiles() && system_permits();
  return kHas;
}

__attribute__((target("amx-tile,amx-bf16"))) float bf16_tiles(std::int64_t steps,
                                                              float seed) noexcept {
  Configuration configuration;
  std::fill_n(configuration.row_bytes.begin(), 8, std::uint16_t{kRowBytes});
  std::fill_n(configuration.rows.begin(), 8, std::uint8_t{kRows});
  // Pairs of bf16: the upper half of an f32 is one.
  const std::uint32_t upper = std::bit_cast<std::uint32_t>(seed) >> 16U;
  alignas(64) std::array<std::uint32_t, kRows * kRowBytes / 4> left{};
  alignas(64) std::array<std::uint32_t, kRows * kRowBytes / 4> right{};
  left.fill(0x3f803f80U);
  right.fill(upper << 16U | upper);
  _tile_loadconfig(&configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_loadd(6, left.data(), kRowBytes);
  _tile_loadd(7, right.data(), kRowBytes);
  for (std::int64_t step = 0; step < steps; ++step) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
    _tile_dpbf16ps(4, 6, 7);
    _tile_dpbf16ps(5, 6, 7);
  }
  alignas(64) std::array<float, kRows * kRowBytes / 4> sums{};
  float total = 0;
  _tile_stored(0, sums.data(), kRowBytes);
  total += sums[0];
  _tile_stored(1, sums.data(), kRowBytes);
  total += sums[0];
  _tile_stored(2, sums.data(), kRowBytes);
  total += sums[0];
  _tile_stored(3, sums.data(), kRowBytes);
  total += sums[0];
  _tile_stored(4, sums.data(), kRowBytes);
  total += sums[0];
  _tile_stored(5, sums.data(), kRowBytes);
  total += sums[0];
  _tile_release();
  return total;
}

#else

bool has_bf16_tiles() noexcept { return false; }
float bf16_tiles(std::int64_t /*steps*/, float seed) noexcept { return seed; }

#endif

}  // namespace assay::peak
