// SPDX-License-Identifier: MIT
// What both steps in vectors share: the weighted sum of one pass, parts of vectors.
// Compiled once for each target by the file that includes it.
#if defined(ASSAY_KERNELS_GAUSSIAN_TAPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_GAUSSIAN_TAPS_INL_H_
#undef ASSAY_KERNELS_GAUSSIAN_TAPS_INL_H_
#else
#define ASSAY_KERNELS_GAUSSIAN_TAPS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/common/tail-inl.h"
#include "kernels/gaussian/gaussian.h"

HWY_BEFORE_NAMESPACE();
namespace assay::gaussian {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using assay::HWY_NAMESPACE::load_tail;
using assay::HWY_NAMESPACE::store_tail;

constexpr std::int64_t kLanes = hn::MaxLanes(D());

template <int kRadius>
struct Taps {
  V w[kRadius + 1];
};

template <int kRadius>
HWY_INLINE Taps<kRadius> taps_of(const Weights& weights) {
  Taps<kRadius> taps;
  for (int t = 0; t <= kRadius; ++t) {
    taps.w[t] = hn::Set(D(), weights[static_cast<std::size_t>(t)]);
  }
  return taps;
}

// The weighted sum of at(-r) .. at(r). Everything is summed in this order, in any lane
// of a vector and for any cut of the image: the same bits.
template <int kRadius, class At>
HWY_INLINE V weighted(const Taps<kRadius>& taps, const At& at) {
  V sum = hn::Mul(taps.w[0], at(0));
  for (int t = 1; t <= kRadius; ++t) {
    sum = hn::MulAdd(taps.w[t], hn::Add(at(-t), at(t)), sum);
  }
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::gaussian
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_GAUSSIAN_TAPS_INL_H_
