// SPDX-License-Identifier: MIT
// Rows turned into columns in registers, for kernels that transpose and that pack.
// Compiled once for each target by the file that includes it; not for HWY_SCALAR,
// whose vectors hold no block.
#if defined(ASSAY_KERNELS_COMMON_TURN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_COMMON_TURN_INL_H_
#undef ASSAY_KERNELS_COMMON_TURN_INL_H_
#else
#define ASSAY_KERNELS_COMMON_TURN_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/common/simd_targets.h"

HWY_BEFORE_NAMESPACE();
namespace assay {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
// Turns blocks of four by four: v[k] is row k of each, then column k.
template <class DTile, class VTile = hn::Vec<DTile>>
HWY_INLINE void turn_blocks_of_four(DTile d, VTile* v) {
  const hn::Repartition<double, DTile> wide;
  const auto low = [&](VTile a, VTile b) ASSAY_INLINE_LAMBDA {
    return hn::BitCast(
        d, hn::InterleaveLower(wide, hn::BitCast(wide, a), hn::BitCast(wide, b)));
  };
  const auto high = [&](VTile a, VTile b) ASSAY_INLINE_LAMBDA {
    return hn::BitCast(
        d, hn::InterleaveUpper(wide, hn::BitCast(wide, a), hn::BitCast(wide, b)));
  };
  const VTile a = hn::InterleaveLower(d, v[0], v[1]);
  const VTile b = hn::InterleaveUpper(d, v[0], v[1]);
  const VTile c = hn::InterleaveLower(d, v[2], v[3]);
  const VTile e = hn::InterleaveUpper(d, v[2], v[3]);
  v[0] = low(a, c);
  v[1] = high(a, c);
  v[2] = low(b, e);
  v[3] = high(b, e);
}

// Gives store(column, vector) the columns 4 b + k, b = 0, 1, ..., of a square of as
// many rows as D has elements, whose blocks are turned.
template <class DTile, class Store>
HWY_INLINE void gather_columns(DTile d, const hn::Vec<DTile>* v, std::int64_t k,
                               const Store& store) {
  constexpr std::size_t kRows = hn::MaxLanes(DTile());
  if constexpr (kRows == 4) {
    store(k, v[k]);
  } else if constexpr (kRows == 8) {
    store(k, hn::ConcatLowerLower(d, v[4 + k], v[k]));
    store(4 + k, hn::ConcatUpperUpper(d, v[4 + k], v[k]));
  } else {
    static_assert(kRows == 16 && HWY_TARGET == HWY_AVX3, "no larger vectors are known");
#if HWY_TARGET == HWY_AVX3
    using V = hn::Vec<DTile>;
    // Blocks of 16 bytes of two vectors in one instruction, which nothing in Highway
    // is.
    const auto even = [](V p, V q) ASSAY_INLINE_LAMBDA {
      return V{_mm512_shuffle_f32x4(p.raw, q.raw, _MM_SHUFFLE(2, 0, 2, 0))};
    };
    const auto odd = [](V p, V q) ASSAY_INLINE_LAMBDA {
      return V{_mm512_shuffle_f32x4(p.raw, q.raw, _MM_SHUFFLE(3, 1, 3, 1))};
    };
    const V even_low = even(v[k], v[4 + k]);
    const V even_high = even(v[8 + k], v[12 + k]);
    store(k, even(even_low, even_high));
    store(8 + k, odd(even_low, even_high));
    const V odd_low = odd(v[k], v[4 + k]);
    const V odd_high = odd(v[8 + k], v[12 + k]);
    store(4 + k, even(odd_low, odd_high));
    store(12 + k, odd(odd_low, odd_high));
#endif
  }
}

// Gives store(column, vector) the columns of as many rows as D has elements, `stride`
// apart, in whole vectors.
template <class DTile, class Store>
HWY_INLINE void turn_square(DTile d, const float* from, std::int64_t stride,
                            const Store& store) {
  constexpr std::int64_t kRows = hn::MaxLanes(DTile());
  hn::Vec<DTile> v[kRows];
  for (std::int64_t r = 0; r < kRows; ++r) v[r] = hn::LoadU(d, from + r * stride);
  for (std::int64_t r = 0; r < kRows; r += 4) turn_blocks_of_four(d, v + r);
  for (std::int64_t k = 0; k < 4; ++k) gather_columns(d, v, k, store);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace assay
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_COMMON_TURN_INL_H_
