// SPDX-License-Identifier: MIT
// exp of what is not positive, in vectors, and a pass that makes a row's largest
// element. Compiled once for each target by the file that includes it.
#if defined(ASSAY_KERNELS_SOFTMAX_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_SOFTMAX_EXP_INL_H_
#undef ASSAY_KERNELS_SOFTMAX_EXP_INL_H_
#else
#define ASSAY_KERNELS_SOFTMAX_EXP_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include "kernels/common/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::softmax {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::load_tail;
using assay::HWY_NAMESPACE::store_tail;

inline constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// exp(x) = 2^n exp(r), n the integer nearest to x / ln 2, |r| <= ln(2) / 2. exp(r) is 1
// + r + r^2 q(r); q interpolates at Chebyshev nodes of the interval and leaves 4e-9,
// far below the 6e-8 of rounding. (One coefficient less left 1.5e-7.) ln 2 is split so
// that n times the first part is exact. Below ln(2^-126) the result is 0; NaN stays.
template <class D>
HWY_INLINE hn::Vec<D> exp_of_nonpositive(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> integers;
  // Added to 1.5 * 2^23 + 127 a number is rounded to an integer, which stands in the
  // last bits with an exponent's bias on it: rounding, conversion and bias for one
  // addition.
  const auto magic = hn::Set(d, 0x1.8000fep+23F);
  const auto shifted = hn::MulAdd(x, hn::Set(d, 0x1.715476p+0F), magic);
  const auto n = hn::Sub(shifted, magic);
  auto r = hn::NegMulAdd(n, hn::Set(d, 0x1.62e4p-1F), x);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.7f7d1cp-20F), r);
  auto p = hn::Set(d, 0x1.6d4324p-10F);
  p = hn::MulAdd(p, r, hn::Set(d, 0x1.123d9p-7F));
  p = hn::MulAdd(p, r, hn::Set(d, 0x1.5554eap-5F));
  p = hn::MulAdd(p, r, hn::Set(d, 0x1.55547cp-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 0.5F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0F));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(integers, shifted));
  const auto result = hn::Mul(p, hn::BitCast(d, exponent));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -0x1.5d589ep+6F)), result);
}

// In every lane. Four maxima, so that none waits for the one before.
template <class D>
HWY_INLINE hn::Vec<D> largest_of(D d, const float* x, std::int64_t cols) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto a = hn::Set(d, kMinusInfinity);
  auto b = a;
  auto c = a;
  auto e = a;
  std::int64_t i = 0;
  for (; i + 4 * lanes <= cols; i += 4 * lanes) {
    a = hn::Max(a, hn::LoadU(d, x + i));
    b = hn::Max(b, hn::LoadU(d, x + i + lanes));
    c = hn::Max(c, hn::LoadU(d, x + i + 2 * lanes));
    e = hn::Max(e, hn::LoadU(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= cols; i += lanes) a = hn::Max(a, hn::LoadU(d, x + i));
  if (i < cols) b = hn::Max(b, load_tail(d, x + i, cols - i, kMinusInfinity));
  return hn::MaxOfLanes(d, hn::Max(hn::Max(a, b), hn::Max(c, e)));
}

// Steps of a sum, two vectors each, before it starts again from 0: of few different
// terms each addition errs the same way. 944 287 columns of integers up to 3 in one sum
// of 16 lanes err by 3.8e-4, where 2.4e-4 are allowed.
constexpr std::int64_t kMostSteps = 512;

// A block of exp_row(): its sums are in the lanes.
template <class D>
HWY_INLINE hn::Vec<D> exp_block(D d, const float* x, std::int64_t cols,
                                hn::Vec<D> largest, const float* ahead, float* e) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto sum = hn::Zero(d);
  auto other = hn::Zero(d);
  const auto step = [&](std::int64_t at) HWY_ATTR {
    const auto v = exp_of_nonpositive(d, hn::Sub(hn::LoadU(d, x + at), largest));
    hn::StoreU(v, d, e + at);
    hwy::Prefetch(ahead + at);
    return v;
  };
  std::int64_t i = 0;
  for (; i + 2 * lanes <= cols; i += 2 * lanes) {
    sum = hn::Add(sum, step(i));
    other = hn::Add(other, step(i + lanes));
  }
  for (; i + lanes <= cols; i += lanes) sum = hn::Add(sum, step(i));
  if (i < cols) {
    const auto v = exp_of_nonpositive(
        d, hn::Sub(load_tail(d, x + i, cols - i, kMinusInfinity), largest));
    store_tail(v, d, e + i, cols - i);
    other = hn::Add(other, v);
  }
  return hn::Add(sum, other);
}

// e[i] = exp(x[i] - largest); gives their sum in every lane. Meanwhile fetches as many
// elements from `ahead`, the row that is next: finding its largest element would wait
// for memory with nothing to compute.
template <class D>
HWY_INLINE hn::Vec<D> exp_row(D d, const float* x, std::int64_t cols,
                              hn::Vec<D> largest, const float* ahead, float* e) {
  const std::int64_t block = kMostSteps * 2 * static_cast<std::int64_t>(hn::Lanes(d));
  if (cols <= block) {
    return hn::SumOfLanes(d, exp_block(d, x, cols, largest, ahead, e));
  }
  auto total = hn::Zero(d);
  for (std::int64_t i = 0; i < cols; i += block) {
    const std::int64_t count = cols - i < block ? cols - i : block;
    total = hn::Add(total, exp_block(d, x + i, count, largest, ahead + i, e + i));
  }
  return hn::SumOfLanes(d, total);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::softmax
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_SOFTMAX_EXP_INL_H_
