// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/direct_tiles.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/opaque.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/split.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/direct_tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using namespace assay::HWY_NAMESPACE;  // NOLINT(google-build-using-namespace): ours

// C = alpha * sum + beta * C. Alpha and beta are loaded after the sum. Where they are 1
// and 0 the sum is stored as it is, the same bits: as many multiplications as a step
// has took 1 % at 64 and 0.4 % at 100 (Zen 4, one thread; 3 % at 32). Nothing came of
// four steps a turn of the loop, nor of heights of tiles without divisions.
struct ScaleAndAdd {
  const DirectArgs& args;

  template <std::size_t kVectors>
  HWY_INLINE void begin(const TilePlace& place, std::size_t rows) const {
    if (!args.far_c) return;
    const float* c = args.c + place.row * args.ldc + place.col;
    for (std::size_t row = 0; row < rows; ++row, c += args.ldc) {
      for (std::int64_t at = 0; at < std::int64_t{kVectors} * kProductLanes;
           at += kLine) {
        __builtin_prefetch(c + at, 0, 2);
      }
    }
  }

  template <std::size_t kVectors, bool kTail, class Each>
  HWY_INLINE void finish(const TilePlace& place, const Each& each) const {
    const ProductTag d;
    using V = hn::Vec<ProductTag>;
    float* const c = args.c + place.row * args.ldc + place.col;
    const V scale = hn::Set(d, args.alpha);
    const auto put = [&](std::size_t row, std::size_t vector, V sum, auto with_old,
                         auto scaled) ASSAY_INLINE_LAMBDA {
      float* const to = c + static_cast<std::int64_t>(row) * args.ldc +
                        static_cast<std::int64_t>(vector) * kProductLanes;
      const auto store = [&](auto part) ASSAY_INLINE_LAMBDA {
        V result = sum;
        if constexpr (with_old()) {
          const V old =
              hn::Mul(hn::Set(d, args.beta), load_sum<part()>(to, place.tail));
          result = hn::MulAdd(scale, sum, old);
        } else if constexpr (scaled()) {
          result = hn::Mul(scale, sum);
        }
        store_sum<part()>(result, to, place.tail);
      };
      if (kTail && vector + 1 == kVectors) {
        store(std::true_type());
      } else {
        store(std::false_type());
      }
    };
    if (args.beta != 0.0F) {
      each([&](std::size_t row, std::size_t vector, V sum) ASSAY_INLINE_LAMBDA {
        put(row, vector, sum, std::true_type(), std::true_type());
      });
    } else if (args.alpha == 1.0F) {
      each([&](std::size_t row, std::size_t vector, V sum) ASSAY_INLINE_LAMBDA {
        put(row, vector, sum, std::false_type(), std::false_type());
      });
    } else {
      each([&](std::size_t row, std::size_t vector, V sum) ASSAY_INLINE_LAMBDA {
        put(row, vector, sum, std::false_type(), std::true_type());
      });
    }
  }
};

#if HWY_TARGET == HWY_AVX3
// A last vector of at most four columns multiplies nothing in three quarters of its
// lanes: at 100 columns 11 % of all multiply-adds. Here a vector holds four rows of
// four columns instead. The same sums, to the bit: each in order of l, fused.
constexpr std::int64_t kFewColumns = 4;
constexpr std::int64_t kQuad = 4;  // of rows, and of steps

struct FewColumns {
  const float* a = nullptr;  // of the first row
  std::int64_t row = 0;      // in elements
  const float* b = nullptr;
  float* c = nullptr;
  std::int64_t cols = 0;
  std::int64_t shift = 0;  // rows that the last vector shares with what is done already
};

// sizeof...(kBlock) vectors, which wait for each other's multiply-adds no longer than
// from six on.
template <std::size_t... kBlock>
HWY_INLINE void few_columns(std::index_sequence<kBlock...> /*vectors*/,
                            const DirectArgs& args, const FewColumns& x) {
  const ProductTag d;
  const hn::Half<ProductTag> d8;
  const hn::Half<decltype(d8)> d4;
  using V = hn::Vec<ProductTag>;
  V sums[] = {((void)kBlock, hn::Zero(d))...};
  const std::int64_t row = opaque(x.row);
  // The first row of a vector.
  const auto first = [&](std::size_t vector) ASSAY_INLINE_LAMBDA {
    const bool last = vector + 1 == sizeof...(kBlock);
    return static_cast<std::int64_t>(vector) * kQuad - (last ? x.shift : 0);
  };
  const float* a[] = {opaque(x.a + first(kBlock) * x.row)...};
  const float* b = x.b;
  const auto mask = hn::FirstN(d, static_cast<std::size_t>(x.cols));
  alignas(64) static constexpr std::int32_t kFourTimes[] = {0, 1, 2, 3, 0, 1, 2, 3,
                                                            0, 1, 2, 3, 0, 1, 2, 3};
  const auto four_times = hn::SetTableIndices(d, kFourTimes);
  // Four steps of four rows, a row in each 128 bits.
  const auto block = [&](const float* at, const auto& load) ASSAY_INLINE_LAMBDA {
    return hn::Combine(d, hn::Combine(d8, load(at + 3 * row), load(at + 2 * row)),
                       hn::Combine(d8, load(at + row), load(at)));
  };
  const auto steps = [&](std::int64_t count, const auto& load) ASSAY_INLINE_LAMBDA {
    const V rows_of_a[] = {block(a[kBlock], load)...};
    const auto step = [&](auto which) ASSAY_INLINE_LAMBDA {
      constexpr int kStep = which;
      if (kStep >= count) return;
      const V row_of_b = hn::TableLookupLanes(hn::MaskedLoad(mask, d, b), four_times);
      ((sums[kBlock] = hn::MulAdd(hn::Broadcast<kStep>(rows_of_a[kBlock]), row_of_b,
                                  sums[kBlock])),
       ...);
      b += args.ldb;
    };
    step(std::integral_constant<int, 0>());
    step(std::integral_constant<int, 1>());
    step(std::integral_constant<int, 2>());
    step(std::integral_constant<int, 3>());
    ((a[kBlock] += kQuad), ...);
  };
  std::int64_t left = args.depth;
  for (; left >= kQuad; left -= kQuad) {
    steps(kQuad,
          [&](const float* at) ASSAY_INLINE_LAMBDA { return hn::LoadU(d4, at); });
  }
  if (left > 0) {
    steps(left,
          [&](const float* at) ASSAY_INLINE_LAMBDA { return load_part(d4, at, left); });
  }

  alignas(64) float all[sizeof...(kBlock)][hn::MaxLanes(ProductTag())];
  (hn::Store(sums[kBlock], d, all[kBlock]), ...);
  const auto scale = hn::Set(d4, args.alpha);
  for (std::size_t vector = 0; vector < sizeof...(kBlock); ++vector) {
    const std::int64_t row_of_vector = first(vector);
    const std::int64_t done = static_cast<std::int64_t>(vector) * kQuad - row_of_vector;
    for (std::int64_t i = done; i < kQuad; ++i) {
      float* const to = x.c + (row_of_vector + i) * args.ldc;
      const auto sum = hn::Load(d4, all[vector] + kQuad * i);
      auto result = hn::Mul(scale, sum);
      if (args.beta != 0.0F) {
        const auto old = hn::Mul(hn::Set(d4, args.beta), load_part(d4, to, x.cols));
        result = hn::MulAdd(scale, sum, old);
      }
      store_tail(result, d4, to, x.cols);
    }
  }
}

template <std::size_t kBlocks>
void few_columns_of(const DirectArgs& args, const FewColumns& x) noexcept {
  few_columns(std::make_index_sequence<kBlocks>(), args, x);
}

// The last columns of all rows, at least four.
void few_columns_of_all(const DirectArgs& args, FewColumns x) noexcept {
  using Rows = void (*)(const DirectArgs&, const FewColumns&) noexcept;
  constexpr Rows kOf[] = {few_columns_of<1>, few_columns_of<2>, few_columns_of<3>,
                          few_columns_of<4>, few_columns_of<5>, few_columns_of<6>,
                          few_columns_of<7>};
  constexpr auto kMost = static_cast<std::int64_t>(std::size(kOf));
  const std::int64_t vectors = divide_up(args.rows, kQuad);
  const std::int64_t parts = divide_up(vectors, kMost);
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t count =
        balanced_begin(vectors, parts, part + 1) - balanced_begin(vectors, parts, part);
    if (part + 1 == parts) x.shift = vectors * kQuad - args.rows;
    kOf[count - 1](args, x);
    x.a += count * kQuad * x.row;
    x.c += count * kQuad * args.ldc;
  }
}
#endif

void multiply_part(const DirectArgs& args) noexcept {
  ProductOperands x = {args.a, args.a_row, args.a_step, args.b, args.ldb, args.depth};
#if HWY_TARGET == HWY_AVX3
  if (args.b_pair != 0) {
    x.b_pair = args.b_pair;
    product_block(x, args.rows, args.cols, true, ScaleAndAdd{args});
    return;
  }
#endif
  std::int64_t cols = args.cols;
#if HWY_TARGET == HWY_AVX3
  const std::int64_t few = cols % kProductLanes;
  if (cols > kProductLanes && few > 0 && few <= kFewColumns && args.a_step == 1 &&
      args.rows >= kQuad && args.depth > 0) {
    cols -= few;
    few_columns_of_all(args,
                       {args.a, args.a_row, args.b + cols, args.c + cols, few, 0});
  }
#endif
  product_block(x, args.rows, cols, ScaleAndAdd{args});
}

void multiply(const DirectArgs& args) noexcept {
  for_parts_of_sum(args, [&](DirectArgs part, std::int64_t first) {
    if (first > 0) part.b += first * part.ldb;
    multiply_part(part);
  });
}

}  // namespace

const DirectTiles& direct_tiles_of_target() noexcept;
const DirectTiles& direct_tiles_of_target() noexcept {
  static constexpr DirectTiles kTiles = {
      .isa = ASSAY_ISA_OF_TARGET,
      .rows = kTileRows[2],
      .wide_rows = kTileRows[4],
      .lanes = kProductLanes,
      .multiply = multiply,
  };
  return kTiles;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const DirectTiles& direct_tiles(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, direct_tiles_of_target);
}

}  // namespace assay::matmul
#endif
