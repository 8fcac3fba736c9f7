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

#if HWY_TARGET == HWY_AVX3
#define ASSAY_HAVE_BF16_DOTS
// Latency (6 cycles on Zen 5) times instructions a cycle (2) is 12.
constexpr std::size_t kDotChains = 16;

// VDPBF16PS, as in matmul's micro-kernels. A sum stops growing at 2^25: no overflow.
template <std::size_t... kChain>
HWY_INLINE float dot_chains(std::index_sequence<kChain...> /*chains*/,
                            std::int64_t steps, float seed) {
  const D d;
  const V ones = hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), 0x3f803f80U));
  const auto add = [&](V& sum) HWY_ATTR {
    // NOLINTNEXTLINE(hicpp-no-assembler)
    asm("vdpbf16ps %1, %1, %0" : "+v"(sum.raw) : "v"(ones.raw));
  };
  V x[] = {hn::Set(d, seed + static_cast<float>(kChain))...};
  for (std::int64_t step = 0; step < steps; ++step) (add(x[kChain]), ...);
  V total = hn::Zero(d);
  ((total = hn::Add(total, x[kChain])), ...);
  return hn::GetLane(hn::SumOfLanes(d, total));
}

float bf16_dots(std::int64_t steps, float seed) noexcept {
  return dot_chains(std::make_index_sequence<kDotChains>(), steps, seed);
}
#endif

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
  static const Loops kLoops = [] {
    const auto lanes = static_cast<double>(hn::Lanes(D()));
    Loops loops;
    loops.multiply_adds = multiply_adds;
    loops.flops_per_step = 2.0 * static_cast<double>(kChains) * lanes;
#ifdef ASSAY_HAVE_BF16_DOTS
    loops.bf16_dots = bf16_dots;
    loops.flops_per_bf16_step = 4.0 * static_cast<double>(kDotChains) * lanes;
#endif
    loops.triad = triad;
    return loops;
  }();
  return kLoops;
}
#undef ASSAY_HAVE_BF16_DOTS

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
