// SPDX-License-Identifier: MIT
// Rows turned into columns in registers, for kernels that transpose and that pack.
// Compiled once for each target by the file that includes it; but for opaque(), not for
// HWY_SCALAR, whose vectors hold no block.
#if defined(ASSAY_KERNELS_COMMON_TURN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_COMMON_TURN_INL_H_
#undef ASSAY_KERNELS_COMMON_TURN_INL_H_
#else
#define ASSAY_KERNELS_COMMON_TURN_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/common/simd_targets.h"

HWY_BEFORE_NAMESPACE();
namespace assay {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The compiler may not know where an address comes from: it would carry one for each
// row and each column of a tile through the loop around it, twice as many as there are
// registers, and set them up for each strip. In whole lines of 512 bits, of OpenBLAS's
// speed at transposing on a Zen 4, without and with: 64x64 0.44 and 0.99, 512x512 0.72
// and 0.97, 1024x1024 1.2 and 1.6.
template <class T>
HWY_INLINE T* opaque(T* at) {
  asm("" : "+r"(at));
  return at;
}

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

// Gives store(column, vector) the columns k and 4 + k of eight by eight, the blocks of
// which are turned: v[0..3] of the first four rows, v[4..7] of the others.
template <class D8, class Store>
HWY_INLINE void gather_columns_of_eight(D8 d, const hn::Vec<D8>* v, std::int64_t k,
                                        const Store& store) {
  store(k, hn::ConcatLowerLower(d, v[4 + k], v[k]));
  store(4 + k, hn::ConcatUpperUpper(d, v[4 + k], v[k]));
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace assay
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_COMMON_TURN_INL_H_
