// SPDX-License-Identifier: MIT
// Means and scales of rows, one or some at a time, in vectors. Compiled once for each
// target by the file that includes it.
#if defined(ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#undef ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#else
#define ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/common/tail-inl.h"
#include "kernels/layernorm/layernorm.h"

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

// What a group computes.
struct Rows {
  Params p;
  const float* x;
  const float* gamma;
  const float* beta;
  float* y;
  std::int64_t count;
};

struct Moments {
  V mean;
  V scale;  // 1 / sqrt(var + eps)
};

template <class Some>
HWY_INLINE hn::Vec<Some> scale_of(Some some, hn::Vec<Some> squares, hn::Vec<Some> count,
                                  float epsilon) {
  const auto variance = hn::Add(hn::Div(squares, count), hn::Set(some, epsilon));
  return hn::Div(hn::Set(some, 1.0F), hn::Sqrt(variance));
}

#if HWY_TARGET != HWY_SCALAR
using Four = hn::CappedTag<float, 4>;

// Halves added until four lanes are left.
template <class Some = D>
HWY_INLINE hn::Vec<Four> fold(hn::Vec<Some> v) {
  if constexpr (hn::MaxLanes(Some()) <= 4) {
    return v;
  } else {
    const hn::Half<Some> half;
    return fold<hn::Half<Some>>(
        hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// a and b folded to two lanes each: abab.
HWY_INLINE hn::Vec<Four> pairs(V a, V b) {
  const Four d;
  const auto x = fold(a);
  const auto y = fold(b);
  return hn::Add(hn::InterleaveLower(d, x, y), hn::InterleaveUpper(d, x, y));
}
#endif

// The sum of each row's lanes.
template <int kRows>
HWY_INLINE void sum_lanes(const V (&rows)[kRows], float (&sums)[kRows]) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kRows == 4) {
    const Four d;
    const auto ab = pairs(rows[0], rows[1]);
    const auto cd = pairs(rows[2], rows[3]);
    hn::StoreU(
        hn::Add(hn::ConcatLowerLower(d, cd, ab), hn::ConcatUpperUpper(d, cd, ab)), d,
        sums);
    return;
  }
  if constexpr (kRows == 2) {
    const auto ab = pairs(rows[0], rows[1]);
    const auto both = hn::Add(ab, hn::Shuffle1032(ab));
    sums[0] = hn::GetLane(both);
    sums[1] = hn::GetLane(hn::Shuffle2301(both));
    return;
  }
#endif
  for (int row = 0; row < kRows; ++row) {
    sums[row] = hn::GetLane(hn::SumOfLanes(D(), rows[row]));
  }
}

// A row's sum becomes its mean, and its sum of squares its scale. Only the lanes that
// rows need go through the divider: it takes four times as long for 16 lanes as for
// four.
template <int kRows>
HWY_INLINE void to_means(float (&sums)[kRows], std::int64_t cols) {
  const hn::CappedTag<float, kRows> d;
  const auto count = hn::Set(d, static_cast<float>(cols));
  for (std::size_t i = 0; i < kRows; i += hn::MaxLanes(d)) {
    hn::StoreU(hn::Div(hn::LoadU(d, sums + i), count), d, sums + i);
  }
}

template <int kRows>
HWY_INLINE void to_scales(float (&squares)[kRows], const Params& p) {
  const hn::CappedTag<float, kRows> d;
  const auto count = hn::Set(d, static_cast<float>(p.cols));
  for (std::size_t i = 0; i < kRows; i += hn::MaxLanes(d)) {
    hn::StoreU(scale_of(d, hn::LoadU(d, squares + i), count, p.epsilon), d,
               squares + i);
  }
}

HWY_INLINE Moments moments_of(const float* x, const Params& p) {
  const D d;
  const auto add = [](V v, V acc) HWY_ATTR { return hn::Add(acc, v); };
  float mean[] = {hn::GetLane(sum_over(x, p.cols, 0, add))};
  to_means(mean, p.cols);
  const auto square = [about = hn::Set(d, mean[0])](V v, V acc) HWY_ATTR {
    const V difference = hn::Sub(v, about);
    return hn::MulAdd(difference, difference, acc);
  };
  float scale[] = {hn::GetLane(sum_over(x, p.cols, mean[0], square))};
  to_scales(scale, p);
  return {hn::Set(d, mean[0]), hn::Set(d, scale[0])};
}

// (x - mean) * scale * gamma + beta
HWY_INLINE V normalized(V x, const Moments& row, V gamma, V beta) {
  return hn::MulAdd(hn::Mul(hn::Sub(x, row.mean), row.scale), gamma, beta);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_LAYERNORM_MOMENTS_INL_H_
