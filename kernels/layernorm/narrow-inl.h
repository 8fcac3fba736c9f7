// SPDX-License-Identifier: MIT
// Several rows in one vector: for rows of at most half of its lanes. Compiled once for
// each target by the file that includes it.
#if defined(ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#undef ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#else
#define ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/layernorm/layernorm.h"
#include "kernels/layernorm/moments-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {

// What a group computes.
struct Rows {
  Params p;
  const float* x;
  const float* gamma;
  const float* beta;
  float* y;
  std::int64_t count;
};

#if HWY_TARGET != HWY_SCALAR
// A row takes kRow lanes, a power of two, of which it fills `cols`, more than half.
template <int kRow>
struct Narrow {
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  static constexpr std::int64_t kRows = kLanes / kRow;
  using Index = hn::Vec<hn::RebindToSigned<D>>;

  Index spread;  // lane of the vector as loaded that a row's lane comes from
  Index close;   // and back
  hn::Mask<D> filled;
  V gamma;
  V beta;
};

template <int kRow>
HWY_INLINE Narrow<kRow> narrow_of(const Rows& r) {
  constexpr std::int64_t kLanes = Narrow<kRow>::kLanes;
  const std::int64_t cols = r.p.cols;
  const D d;
  const hn::RebindToSigned<D> di;
  HWY_ALIGN std::int32_t spread[kLanes];
  HWY_ALIGN std::int32_t close[kLanes] = {};
  HWY_ALIGN std::int32_t fills[kLanes];
  HWY_ALIGN float scales[kLanes];
  HWY_ALIGN float shifts[kLanes];
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    const std::int64_t row = lane / kRow;
    const std::int64_t col = lane % kRow < cols ? lane % kRow : 0;
    spread[lane] = static_cast<std::int32_t>(row * cols + col);
    fills[lane] = lane % kRow < cols ? 1 : 0;
    scales[lane] = r.gamma[col];
    shifts[lane] = r.beta[col];
    if (fills[lane] != 0) close[row * cols + col] = static_cast<std::int32_t>(lane);
  }
  return {hn::Load(di, spread), hn::Load(di, close),
          hn::RebindMask(d, hn::Ne(hn::Load(di, fills), hn::Zero(di))),
          hn::Load(d, scales), hn::Load(d, shifts)};
}

// The sum of each row, in all of its lanes. Whichever lanes a row has, its sum is added
// up in the same order.
template <int kRow>
HWY_INLINE V sum_of_rows(V v) {
  if constexpr (kRow >= 2) v = hn::Add(v, hn::Shuffle2301(v));
  if constexpr (kRow >= 4) v = hn::Add(v, hn::Shuffle1032(v));
#if HWY_TARGET == HWY_AVX3
  if constexpr (kRow >= 8) v = hn::Add(v, hn::SwapAdjacentBlocks(v));
#endif
  return v;
}

template <int kRow>
HWY_INLINE V normalized_rows(const Narrow<kRow>& narrow, V count, float epsilon, V x) {
  const D d;
  const V spread = hn::IfThenElseZero(
      narrow.filled, hn::TableLookupLanes(x, hn::IndicesFromVec(d, narrow.spread)));
  const V mean = hn::Div(sum_of_rows<kRow>(spread), count);
  const V v = hn::IfThenElseZero(narrow.filled, hn::Sub(spread, mean));
  const V scale = scale_of(sum_of_rows<kRow>(hn::Mul(v, v)), count, epsilon);
  return hn::TableLookupLanes(hn::MulAdd(hn::Mul(v, scale), narrow.gamma, narrow.beta),
                              hn::IndicesFromVec(d, narrow.close));
}

template <int kRow>
void narrow_rows(const Rows& r) noexcept {
  using Shared = Narrow<kRow>;
  const D d;
  const Shared narrow = narrow_of<kRow>(r);
  const V count = hn::Set(d, static_cast<float>(r.p.cols));
  const std::int64_t step = Shared::kRows * r.p.cols;
  const std::int64_t elements = r.count * r.p.cols;
  std::int64_t i = 0;
  // A whole vector is stored, of which the next one overwrites what it does not hold.
  for (; i + Shared::kLanes <= elements; i += step) {
    hn::StoreU(normalized_rows(narrow, count, r.p.epsilon, hn::LoadU(d, r.x + i)), d,
               r.y + i);
  }
  for (; i < elements; i += step) {
    const std::int64_t left = elements - i;
    const V v =
        normalized_rows(narrow, count, r.p.epsilon, load_tail(d, r.x + i, left, 0));
    store_tail(v, d, r.y + i, left < step ? left : step);
  }
}

#endif

// False when rows fill more than half of a vector, and nothing is done.
HWY_INLINE bool share_vectors([[maybe_unused]] const Rows& r) noexcept {
#if HWY_TARGET != HWY_SCALAR
  if (r.p.cols == 1) return narrow_rows<1>(r), true;
  if (r.p.cols == 2) return narrow_rows<2>(r), true;
#endif
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  if (r.p.cols <= 4) return narrow_rows<4>(r), true;
#endif
#if HWY_TARGET == HWY_AVX3
  if (r.p.cols <= 8) return narrow_rows<8>(r), true;
#endif
  return false;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
