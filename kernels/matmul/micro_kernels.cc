// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/micro_kernels.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/opaque.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/micro_kernels.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Register tile, MR x NR with NR = 2 vectors. Accumulators live in registers, and a
// step of the sum costs MR broadcasts and 2 loads for 2 * MR multiply-adds, so a tall
// tile is better until the registers are full:
//   AVX-512  28 accumulators + 2 of B + 1 broadcast = 31 of 32. 14 multiply-add cycles
//            against 8 load cycles. 12 x 32 leaves more registers and reads B more
//            often.
//   AVX2     12 + 2 + 1 = 15 of 16.
//   others   8 + 2 + 1, and one for the product where multiply and add are separate.
#if HWY_TARGET == HWY_AVX3
constexpr std::size_t kMr = 14;
using D = hn::CappedTag<float, 16>;
#elif HWY_TARGET == HWY_AVX2
constexpr std::size_t kMr = 6;
using D = hn::CappedTag<float, 8>;
#else
constexpr std::size_t kMr = 4;
using D = hn::CappedTag<float, 4>;
#endif
using V = hn::Vec<D>;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kNr = 2 * kLanes;

// Steps of the sum between two rounds of hints, and how long before the end C is asked
// for: time for a line to come from memory, and not so early that the panels of A and B
// push it out of the first-level cache again.
constexpr std::int64_t kHintSteps = 8;
constexpr std::int64_t kLeadSteps = 128;
static_assert(kLeadSteps / kHintSteps >= static_cast<std::int64_t>(kMr));

// What a step of the sum does with a slot of A, broadcast, and a vector of slots of B.
struct Products {
  static HWY_INLINE V add(V a, V b, V sum) { return hn::MulAdd(a, b, sum); }
};
#if HWY_TARGET == HWY_AVX3
#define ASSAY_HAVE_BF16_PAIRS
// VDPBF16PS: two products in the time of one multiply-add (Zen 5: two a cycle, after 6
// cycles instead of 4, for which 28 sums are enough). By its name: Highway 1.0.3 has
// two multiply-adds for it, and an intrinsic wants a target of its own for all of this
// file.
struct PairProducts {
  static HWY_INLINE V add(V a, V b, V sum) {
    // NOLINTNEXTLINE(hicpp-no-assembler)
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
};
#endif

// One tile: `kRow` is 0 .. rows-1. The fold expressions unroll by construction; arrays
// indexed in loops stay in memory when GCC unrolls them too late. Alpha and beta come
// by reference and are loaded after the loop: held in registers over it, they made GCC
// 12 spill B at 13 rows (0.62 of peak instead of 1.00).
//
// While it computes, the tile asks for its lines of C and, for the second-level cache,
// for its share of the next panel of B, a line in each round. Against all hints for C
// at once before the loop and none for B (paired with OpenBLAS, one thread): 512
// from 1.01 to 1.04, 1024 from 0.95 to 1.04, 2048 from 0.93 to 1.03. The next panel of
// B into the first-level cache pushed out the present one (0.98 of this).
template <class Step, std::size_t... kRow>
HWY_INLINE void tile(std::index_sequence<kRow...> /*rows*/, const float* HWY_RESTRICT a,
                     const float* HWY_RESTRICT b, float* c, const MultiplyArgs& args,
                     const float* next) {
  const D d;
  const std::int64_t ldc = args.ldc;
  V left[] = {((void)kRow, hn::Zero(d))...};
  V right[] = {((void)kRow, hn::Zero(d))...};
  const auto step = [&](float scalar, V b0, V b1, V& x0, V& x1) HWY_ATTR {
    const V broadcast = hn::Set(d, scalar);
    x0 = Step::add(broadcast, b0, x0);
    x1 = Step::add(broadcast, b1, x1);
  };
  const float* row = c;
  const float* const last_row =
      c + (static_cast<std::int64_t>(sizeof...(kRow)) - 1) * ldc;
  for (std::int64_t l = args.depth; l > 0; --l) {
    if (l % kHintSteps == 0) {
      __builtin_prefetch(next, 0, 2);
      next += kLine;
      if (l <= kLeadSteps) {
        __builtin_prefetch(row, 1, 3);
        __builtin_prefetch(row + kNr - 1, 1, 3);
        if (row != last_row) row += ldc;
      }
    }
    const V b0 = hn::Load(d, b);
    const V b1 = hn::Load(d, b + kLanes);
    (step(a[kRow], b0, b1, left[kRow], right[kRow]), ...);
    a += kMr;
    b += kNr;
  }

  const V scale = hn::Set(d, args.alpha);
  if (args.beta == 0.0F) {
    const auto put = [&](float* to, V x0, V x1) HWY_ATTR {
      hn::StoreU(hn::Mul(scale, x0), d, to);
      hn::StoreU(hn::Mul(scale, x1), d, to + kLanes);
    };
    (put(c + static_cast<std::int64_t>(kRow) * ldc, left[kRow], right[kRow]), ...);
  } else {
    const V keep = hn::Set(d, args.beta);
    const auto put = [&](float* to, V x0, V x1) HWY_ATTR {
      const V c0 = hn::Mul(keep, hn::LoadU(d, to));
      const V c1 = hn::Mul(keep, hn::LoadU(d, to + kLanes));
      hn::StoreU(hn::MulAdd(scale, x0, c0), d, to);
      hn::StoreU(hn::MulAdd(scale, x1, c1), d, to + kLanes);
    };
    (put(c + static_cast<std::int64_t>(kRow) * ldc, left[kRow], right[kRow]), ...);
  }
}

using TileFunction = void (*)(const float* a, const float* b, float* c,
                              const MultiplyArgs& args, const float* next) noexcept;

template <class Step, std::size_t kRows>
void tile_of(const float* a, const float* b, float* c, const MultiplyArgs& args,
             const float* next) noexcept {
  tile<Step>(std::make_index_sequence<kRows>(), a, b, c, args, next);
}

struct TileTable {
  TileFunction of_rows[kMr];  // index: rows - 1
};
template <class Step, std::size_t... kIndex>
constexpr TileTable tile_table(std::index_sequence<kIndex...> /*rows minus 1*/) {
  return {{tile_of<Step, kIndex + 1>...}};
}
template <class Step>
constexpr TileTable kTiles = tile_table<Step>(std::make_index_sequence<kMr>());

// The last columns: a whole tile beside C, of which only the columns that exist are
// copied in and out. Same arithmetic as inside.
template <class Step>
void edge_tile(const float* a, const float* b, float* c, const MultiplyArgs& args,
               const float* next, std::int64_t rows, std::int64_t cols) noexcept {
  alignas(64) float beside[kMr * kNr] = {};
  const auto bytes = static_cast<std::size_t>(cols) * sizeof(float);
  if (args.beta != 0.0F) {
    for (std::int64_t i = 0; i < rows; ++i) {
      std::memcpy(beside + i * static_cast<std::int64_t>(kNr), c + i * args.ldc, bytes);
    }
  }
  MultiplyArgs inside = args;
  inside.ldc = kNr;
  kTiles<Step>.of_rows[rows - 1](a, b, beside, inside, next);
  for (std::int64_t i = 0; i < rows; ++i) {
    std::memcpy(c + i * args.ldc, beside + i * static_cast<std::int64_t>(kNr), bytes);
  }
}

// A panel of B stays in the first-level cache while all panels of A, in the second,
// pass by it.
template <class Step>
void multiply(const MultiplyArgs& args) noexcept {
  constexpr auto kWidth = static_cast<std::int64_t>(kNr);
  constexpr auto kHeight = static_cast<std::int64_t>(kMr);
  // Tiles that it takes to ask for a whole panel, a line in each round of hints.
  constexpr std::int64_t kShares = kWidth * kHintSteps / kLine;
  const std::int64_t panels = divide_up(args.rows, kHeight);
  const float* b = args.b;
  for (std::int64_t j = 0; j < args.cols; j += kWidth, b += kWidth * args.depth) {
    const std::int64_t cols = args.cols - j < kWidth ? args.cols - j : kWidth;
    const float* a = args.a;
    for (std::int64_t p = 0; p < panels; ++p, a += kHeight * args.depth) {
      const std::int64_t i = balanced_begin(args.rows, panels, p);
      const std::int64_t rows = balanced_begin(args.rows, panels, p + 1) - i;
      float* const c = args.c + i * args.ldc + j;
      // This tile's share of the next panel; after the last one, what is here already.
      const std::int64_t share = p * (args.depth / kHintSteps) * kLine;
      const bool there = j + kWidth < args.cols && p < kShares;
      const float* const next = b + (there ? kWidth * args.depth + share : 0);
      if (cols == kWidth) {
        kTiles<Step>.of_rows[rows - 1](a, b, c, args, next);
      } else {
        edge_tile<Step>(a, b, c, args, next, rows, cols);
      }
    }
  }
}

// Up to 512 bytes of a stored row at once, into panels side by side: rows are often
// 4 KiB multiples apart, where no prefetcher follows from one to the next. Of a product
// of 1024 cubed on a Zen 4 packing B took 0.5 % so, 0.8 % a panel at a time, and 1.1 %
// with hints 8 rows ahead; 256 and 1024 bytes 0.6.
template <std::size_t kWidth>
void pack_along_lanes(const PackArgs& args) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kWidth);
  constexpr std::int64_t kTogether = std::max<std::int64_t>(128 / kStep, 1);
  const std::int64_t panel = args.depth * kStep;
  const std::int64_t whole = args.lanes / kStep;
  const auto copy = [&](std::int64_t first, auto count) HWY_ATTR {
    const float* from = args.source + first * kStep;
    float* to = args.packed + first * panel;
    for (std::int64_t l = 0; l < args.depth; ++l, from += args.stride, to += kStep) {
      for (std::int64_t p = 0; p < count(); ++p) {
        std::memcpy(to + p * panel, from + p * kStep, kWidth * sizeof(float));
      }
    }
  };
  std::int64_t done = 0;
  for (; done + kTogether <= whole; done += kTogether) {
    copy(done, std::integral_constant<std::int64_t, kTogether>());
  }
  for (; done < whole; ++done) copy(done, std::integral_constant<std::int64_t, 1>());
  const std::int64_t left = args.lanes - whole * kStep;
  if (left == 0) return;
  const float* from = args.source + whole * kStep;
  float* to = args.packed + whole * panel;
  for (std::int64_t l = 0; l < args.depth; ++l, from += args.stride, to += kStep) {
    std::memset(to, 0, kWidth * sizeof(float));
    std::memcpy(to, from, static_cast<std::size_t>(left) * sizeof(float));
  }
}

#if HWY_TARGET != HWY_SCALAR
// Lanes [lane, lane + kRows) along the whole depth, a line of each row at a time.
template <std::int64_t kRows>
HWY_INLINE void turn_lanes(const PackArgs& args, std::int64_t lane,
                           std::int64_t width) {
  const hn::FixedTag<float, kRows> d;
  const auto turn = [&](const float* rows, float* steps) ASSAY_INLINE_LAMBDA {
    assay::HWY_NAMESPACE::turn_square(
        d, rows, args.stride, [&](std::int64_t step, auto column) ASSAY_INLINE_LAMBDA {
          hn::StoreU(column, d, steps + step * width);
        });
  };
  const float* const from = args.source + lane * args.stride;
  float* const to = args.packed + lane;
  std::int64_t l = 0;
  for (; l + kLine <= args.depth; l += kLine) {
    const float* const line = opaque(from + l);
    for (std::int64_t at = 0; at < kLine; at += kRows) {
      turn(line + at, to + (l + at) * width);
    }
  }
  for (; l + kRows <= args.depth; l += kRows) turn(from + l, to + l * width);
  for (; l < args.depth; ++l) {
    for (std::int64_t r = 0; r < kRows; ++r) {
      to[l * width + r] = from[r * args.stride + l];
    }
  }
}
#endif

// A few lanes at a time along the whole depth: as many stored rows, read in order. With
// all lanes at once, rows a multiple of 4 KiB apart fall into one set of the
// first-level cache and push each other out before their lines are used up. Of a
// product of 1024 cubed on a Zen 4, packing A took 0.7 % in eights and 1.1 % in fours
// with hints for the next four rows; hints lost 0.1 % and won 0.1 at 2048.
template <std::size_t kWidth>
void pack_along_depth(const PackArgs& args) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kWidth);
  std::int64_t lane = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr std::int64_t kLanes = hn::MaxLanes(hn::CappedTag<float, 8>());
  constexpr std::int64_t kRows = kStep >= kLanes ? kLanes : 4;
  const auto turn_in = [&](auto rows) HWY_ATTR {
    while (lane + rows() <= args.lanes) {
      turn_lanes<rows()>(args, lane, kStep);
      // A short last round repeats lanes instead of taking the rest one by one.
      const std::int64_t left = args.lanes - lane - rows();
      lane = left == 0 || left >= rows() ? lane + rows() : args.lanes - rows();
    }
  };
  if constexpr (kRows > 4) turn_in(std::integral_constant<std::int64_t, kRows>());
  turn_in(std::integral_constant<std::int64_t, 4>());
#endif
  for (; lane < args.lanes; ++lane) {
    for (std::int64_t l = 0; l < args.depth; ++l) {
      args.packed[l * kStep + lane] = args.source[lane * args.stride + l];
    }
  }
  for (; lane < kStep; ++lane) {
    for (std::int64_t l = 0; l < args.depth; ++l) args.packed[l * kStep + lane] = 0.0F;
  }
}

}  // namespace

const MicroKernels& micro_kernels_of_target() noexcept;
const MicroKernels& micro_kernels_of_target() noexcept {
  static constexpr MicroKernels kKernels = {
      .isa = ASSAY_ISA_OF_TARGET,
      .mr = kMr,
      .nr = kNr,
      .pack_a_along_lanes = pack_along_lanes<kMr>,
      .pack_b_along_lanes = pack_along_lanes<kNr>,
      .pack_a_along_depth = pack_along_depth<kMr>,
      .pack_b_along_depth = pack_along_depth<kNr>,
      .multiply = multiply<Products>,
#ifdef ASSAY_HAVE_BF16_PAIRS
      .multiply_bf16_pairs = multiply<PairProducts>,
#endif
  };
  return kKernels;
}
#undef ASSAY_HAVE_BF16_PAIRS

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const MicroKernels& micro_kernels(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, micro_kernels_of_target);
}

}  // namespace assay::matmul
#endif
