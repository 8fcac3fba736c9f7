// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/peak/loops.h"

#include <utility>

#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/peak/loops.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::peak {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Latency (4 or 5 cycles) times multiply-adds a cycle (2) is 10; 12 keep every unit
// busy and fit 16 registers with the two constants.
constexpr std::size_t kChains = 12;

// x = x * scale + offset with |scale| < 1 goes to a fixed point: no overflow, no
// denormals (which cost extra cycles), and no step can be left out.
template <std::size_t... kChain>
HWY_INLINE float chains(std::index_sequence<kChain...> /*chains*/, std::int64_t steps,
                        float seed) {
  const D d;
  const V scale = hn::Set(d, 0.5F);
  const V offset = hn::Set(d, seed);
  V x[] = {hn::Set(d, seed + static_cast<float>(kChain))...};
  for (std::int64_t step = 0; step < steps; ++step) {
    ((x[kChain] = hn::MulAdd(x[kChain], scale, offset)), ...);
  }
  V total = hn::Zero(d);
  ((total = hn::Add(total, x[kChain])), ...);
  return hn::GetLane(hn::SumOfLanes(d, total));
}

float multiply_adds(std::int64_t steps, float seed) noexcept {
  return chains(std::make_index_sequence<kChains>(), steps, seed);
}

// Plain stores: each line of `a` is read before it is written, which is not counted.
void triad(float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
           const float* HWY_RESTRICT c, std::size_t count, float scalar) noexcept {
  const D d;
  const V scale = hn::Set(d, scalar);
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::MulAdd(scale, hn::LoadU(d, c + i), hn::LoadU(d, b + i)), d, a + i);
  }
  for (; i < count; ++i) a[i] = b[i] + scalar * c[i];
}

}  // namespace

const Loops& loops_of_target() noexcept;
const Loops& loops_of_target() noexcept {
  static const Loops loops = {
      multiply_adds,
      2.0 * static_cast<double>(kChains) * static_cast<double>(hn::Lanes(D())), triad};
  return loops;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::peak
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::peak {

const Loops& best_loops() noexcept {
  return ASSAY_CALL_FOR_ISA(host_isa(), loops_of_target);
}

}  // namespace assay::peak
#endif
