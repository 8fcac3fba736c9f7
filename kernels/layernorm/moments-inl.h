// SPDX-License-Identifier: MIT
// Mean and scale of a row, in vectors. Compiled once for each target by the file that
// includes it.
#if defined(ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#undef ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#else
#define ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/common/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::load_tail;
using assay::HWY_NAMESPACE::store_tail;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Steps of a sum, four vectors each, before it starts again from 0: small squares that
// a long sum beside large ones drops are dropped one by one. Of one lane a step
// (scalar) 19 185 elements of magnitudes 2^-20 .. 2^20 in one sum have a variance off
// by up to 728 u, where 562 are allowed; of 64 lanes 34.
constexpr std::int64_t kMostSteps = 512;

// A block of sum_over(): its sums are in the lanes. Four, so that none waits for the
// one before.
template <class Function>
HWY_INLINE V sum_block(const float* x, std::int64_t cols, float fill,
                       const Function& f) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  V a = hn::Zero(d);
  V b = a;
  V c = a;
  V e = a;
  std::int64_t i = 0;
  for (; i + 4 * lanes <= cols; i += 4 * lanes) {
    a = f(hn::LoadU(d, x + i), a);
    b = f(hn::LoadU(d, x + i + lanes), b);
    c = f(hn::LoadU(d, x + i + 2 * lanes), c);
    e = f(hn::LoadU(d, x + i + 3 * lanes), e);
  }
  for (; i + lanes <= cols; i += lanes) a = f(hn::LoadU(d, x + i), a);
  if (i < cols) b = f(load_tail(d, x + i, cols - i, fill), b);
  return hn::Add(hn::Add(a, b), hn::Add(c, e));
}

// Sum over i of f(x[i]), in every lane. What the tail lacks stands as `fill`, whose f
// is 0.
template <class Function>
HWY_INLINE V sum_over(const float* x, std::int64_t cols, float fill,
                      const Function& f) {
  const D d;
  const std::int64_t block = kMostSteps * 4 * static_cast<std::int64_t>(hn::Lanes(d));
  if (cols <= block) return hn::SumOfLanes(d, sum_block(x, cols, fill, f));
  V total = hn::Zero(d);
  for (std::int64_t i = 0; i < cols; i += block) {
    const std::int64_t count = cols - i < block ? cols - i : block;
    total = hn::Add(total, sum_block(x + i, count, fill, f));
  }
  return hn::SumOfLanes(d, total);
}

struct Moments {
  V mean;
  V scale;  // 1 / sqrt(var + eps)
};

HWY_INLINE V scale_of(V squares, V count, float epsilon) {
  const D d;
  const V variance = hn::Add(hn::Div(squares, count), hn::Set(d, epsilon));
  return hn::Div(hn::Set(d, 1.0F), hn::Sqrt(variance));
}

HWY_INLINE Moments moments_of(const float* x, std::int64_t cols, float epsilon) {
  const D d;
  const V count = hn::Set(d, static_cast<float>(cols));
  const V sum =
      sum_over(x, cols, 0, [](V v, V acc) HWY_ATTR { return hn::Add(acc, v); });
  const V mean = hn::Div(sum, count);
  const auto square = [mean](V v, V acc) HWY_ATTR {
    const V difference = hn::Sub(v, mean);
    return hn::MulAdd(difference, difference, acc);
  };
  const V squares = sum_over(x, cols, hn::GetLane(mean), square);
  return {mean, scale_of(squares, count, epsilon)};
}

// (x - mean) * scale * gamma + beta
HWY_INLINE V normalized(V x, const Moments& row, V gamma, V beta) {
  return hn::MulAdd(hn::Mul(hn::Sub(x, row.mean), row.scale), gamma, beta);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
