// SPDX-License-Identifier: MIT
// The last elements of an array, fewer than a vector has lanes: what is beyond them is
// neither read nor written. Compiled once for each target by the file that includes it,
// after hwy/highway.h.
#if defined(ASSAY_KERNELS_COMMON_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_COMMON_TAIL_INL_H_
#undef ASSAY_KERNELS_COMMON_TAIL_INL_H_
#else
#define ASSAY_KERNELS_COMMON_TAIL_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace assay {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Lanes from `count` on hold `fill`. 0 <= count < lanes.
template <class D>
HWY_INLINE hn::Vec<D> load_tail(D d, const float* p, std::int64_t count, float fill) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  // Masked loads touch no masked lane.
  const auto mask = hn::FirstN(d, static_cast<std::size_t>(count));
  return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, p), hn::Set(d, fill));
#else
  HWY_ALIGN float lanes[hn::MaxLanes(d)];
  hn::Store(hn::Set(d, fill), d, lanes);
  for (std::int64_t i = 0; i < count; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
#endif
}

template <class D>
HWY_INLINE void store_tail(hn::Vec<D> v, D d, float* p, std::int64_t count) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, p);
#else
  HWY_ALIGN float lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  for (std::int64_t i = 0; i < count; ++i) p[i] = lanes[i];
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace assay
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_COMMON_TAIL_INL_H_
