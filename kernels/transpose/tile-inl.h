// SPDX-License-Identifier: MIT
// Tiles of A turned in registers. Compiled once for each target by the file that
// includes it; not for HWY_SCALAR, whose vectors hold no tile.
#if defined(ASSAY_KERNELS_TRANSPOSE_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_TRANSPOSE_TILE_INL_H_
#undef ASSAY_KERNELS_TRANSPOSE_TILE_INL_H_
#else
#define ASSAY_KERNELS_TRANSPOSE_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/common/cache_info.h"
#include "kernels/common/opaque.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET != HWY_SCALAR
using assay::HWY_NAMESPACE::turn_blocks_of_four;
using assay::HWY_NAMESPACE::turn_square;
#endif

// By value: behind a reference it would be read again after each store of a vector,
// which may alias anything.
struct Matrices {
  const float* a;
  std::int64_t lda;
  float* b;
  std::int64_t ldb;
};

#if HWY_TARGET != HWY_SCALAR
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr std::int64_t kTile = hn::MaxLanes(D());

// As many rows and columns as a vector has elements.
template <bool kStreams>
HWY_INLINE void turn_vectors(Matrices x, std::int64_t i, std::int64_t j) {
  const D d;
  float* const into = opaque(x.b + j * x.ldb + i);
  const auto store = [&](std::int64_t column, V vector) ASSAY_INLINE_LAMBDA {
    float* const to = into + column * x.ldb;
    if (kStreams) {
      hn::Stream(vector, d, to);
    } else {
      hn::StoreU(vector, d, to);
    }
  };
  turn_square(d, opaque(x.a + i * x.lda + j), x.lda, store);
}

// A line's elements of rows and of columns. Each line of A is read at once, whatever
// set of a cache it falls into, and lines of B are completed before the next ones.
template <bool kStreams>
HWY_INLINE void turn_lines(Matrices x, std::int64_t i, std::int64_t j) {
  for (std::int64_t c = j; c < j + kLine; c += kTile) {
    for (std::int64_t r = i; r < i + kLine; r += kTile) turn_vectors<kStreams>(x, r, c);
  }
}

// Block b of the vector is the four elements at from + b * stride. (A mask on a load
// that repeats a block is no shuffle.)
template <class DTile>
HWY_INLINE hn::Vec<DTile> load_blocks(DTile d, const float* from, std::int64_t stride) {
  if constexpr (hn::MaxLanes(DTile()) == 4) {
    return hn::LoadU(d, from);
  } else if constexpr (hn::MaxLanes(DTile()) == 8) {
    const hn::Half<DTile> half;
    return hn::Combine(d, hn::LoadU(half, from + stride), hn::LoadU(half, from));
  } else {
#if HWY_TARGET == HWY_AVX3
    // As numbers: masks that were compared for cost what whole lines do.
    using Mask = hn::Mask<DTile>;
    hn::Vec<DTile> v = hn::LoadDup128(d, from);
    v = hn::IfThenElse(Mask{0x00f0}, hn::LoadDup128(d, from + stride), v);
    v = hn::IfThenElse(Mask{0x0f00}, hn::LoadDup128(d, from + 2 * stride), v);
    return hn::IfThenElse(Mask{0xf000}, hn::LoadDup128(d, from + 3 * stride), v);
#endif
  }
}

// kLanes rows of 4 kQuads columns: blocks of four by four are all there is to turn, as
// the loads have put them where they belong, and few of these loads of 16 bytes cross a
// cache line.
template <int kLanes, int kQuads>
HWY_INLINE void turn_quads(Matrices x, std::int64_t i, std::int64_t j) {
  const hn::FixedTag<float, kLanes> d;
  const float* from = opaque(x.a + i * x.lda + j);
  float* to = opaque(x.b + j * x.ldb + i);
  for (int quad = 0; quad < kQuads; ++quad, from += 4, to += 4 * x.ldb) {
    hn::Vec<decltype(d)> v[4];
    for (int k = 0; k < 4; ++k) v[k] = load_blocks(d, from + k * x.lda, 4 * x.lda);
    turn_blocks_of_four(d, v);
    for (int k = 0; k < 4; ++k) hn::StoreU(v[k], d, to + k * x.ldb);
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace assay::transpose
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_TRANSPOSE_TILE_INL_H_
