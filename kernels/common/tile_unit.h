// SPDX-License-Identifier: MIT
// The unit for products of whole tiles of bf16 that some x86 processors have (AMX):
// eight registers of 16 rows of 64 bytes, which are 16 x 16 f32, or 16 x 32 bf16, and
// one instruction that adds the product of two of them to a third.
//
// A tile of the left operand has 32 steps of the sum in each row. One of the right has
// 16 rows of 16 columns of pairs, the earlier step of each in the lower 16 bits.
#ifndef ASSAY_KERNELS_COMMON_TILE_UNIT_H_
#define ASSAY_KERNELS_COMMON_TILE_UNIT_H_

#include <array>
#include <cstdint>

namespace assay {

// Whether the processor has the unit and the system lets this process use it. Asks the
// system the first time: it saves the tiles of threads from then on. Thread-safe.
bool has_bf16_tiles() noexcept;

inline constexpr std::int64_t kTileRows = 16;
inline constexpr std::int64_t kTileRowBytes = 64;
inline constexpr std::int64_t kTileCols = kTileRowBytes / 4;   // f32, or pairs of bf16
inline constexpr std::int64_t kTileSteps = kTileRowBytes / 2;  // bf16

#if defined(__x86_64__)

// The registers are a thread's, configured before the first use and released after the
// last: a thread that keeps them makes the system save 8 KiB more whenever it switches.
// By the names of the instructions: the compilers' own functions want a target for each
// caller, and literal numbers, of which no loop could be made.
// Precondition of all: has_bf16_tiles().
// NOLINTBEGIN(hicpp-no-assembler)
struct TileUnit {
  // What LDTILECFG reads (Intel's manual, "AMX state").
  struct alignas(64) Configuration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::array<std::uint8_t, 14> reserved{};
    std::array<std::uint16_t, 16> row_bytes{64, 64, 64, 64, 64, 64, 64, 64};
    std::array<std::uint8_t, 16> rows{16, 16, 16, 16, 16, 16, 16, 16};
  };
  static_assert(sizeof(Configuration) == 64);

  static void configure() noexcept {
    static constexpr Configuration kAllWhole;
    asm volatile("ldtilecfg %0" : : "m"(kAllWhole));
  }
  static void release() noexcept { asm volatile("tilerelease"); }

  template <int kTile>
  static void zero() noexcept {
    asm volatile("tilezero %%tmm%c0" : : "n"(kTile));
  }
  // `row_bytes` from one row in memory to the next.
  template <int kTile>
  static void load(const void* from, std::int64_t row_bytes) noexcept {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2"
                 :
                 : "r"(from), "r"(row_bytes), "n"(kTile)
                 : "memory");
  }
  template <int kTile>
  static void store(void* to, std::int64_t row_bytes) noexcept {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)"
                 :
                 : "r"(to), "r"(row_bytes), "n"(kTile)
                 : "memory");
  }
  // kSum += kLeft * kRight. Of each sum the earlier and the later steps of the pairs
  // are added up apart, then to each other, then to what was there. Subnormal numbers
  // count as zeros, in and out; rounded to nearest whatever the thread has set.
  template <int kSum, int kLeft, int kRight>
  static void add_product() noexcept {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0"
                 :
                 : "n"(kSum), "n"(kLeft), "n"(kRight));
  }
};
// NOLINTEND(hicpp-no-assembler)

#endif

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_TILE_UNIT_H_
