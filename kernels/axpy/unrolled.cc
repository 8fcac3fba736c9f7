// SPDX-License-Identifier: MIT
// Step 2: vectors as wide as the machine has, and a part for each compute unit.
//
// What naive wasted: a machine with 512-bit vectors loads 64 bytes of x and of y and
// stores 64 a cycle, where the baseline moves 16. Four vectors an iteration, so that
// counting and branching hide behind them; all of their loads come before all of their
// stores: a store between them keeps the loads of the other stream waiting (16 777 216
// elements on a Zen 5: 2.66 ms for 2.93, which is OpenBLAS's time).
//
// Lost: fetching 2 or 8 KiB ahead, both streams or one (2.79 ms; in cache 2.46 us for
// 2.24): the hardware foresees two streams, and the same bytes move either way.
//
// On an Intel from memory vectors of 256 bits (kernels/common/isa.h), one thread, ms:
// 10.2 for 11.4; one vector at a time 10.7, asking for y 2 KiB ahead as much, and 10.6
// with 256 bits, past the cache 14.
//
// Still wasted: nothing that another order of the same loads and stores would give
// back. Twelve bytes move for two flops; beyond a cache the time is theirs.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/axpy/axpy.h"
#include "kernels/axpy/implementations.h"
#include "kernels/common/cache_info.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/axpy/unrolled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::axpy {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// An element's bits do not depend on where a part begins: all lanes, the tail's too,
// round alike.
void add_scaled(std::int64_t n, float alpha, const float* HWY_RESTRICT x,
                float* HWY_RESTRICT y) noexcept {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto scale = hn::Set(d, alpha);
  const auto sum_at = [&](std::int64_t at) HWY_ATTR {
    return hn::MulAdd(scale, hn::LoadU(d, x + at), hn::LoadU(d, y + at));
  };
  std::int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const auto first = sum_at(i);
    const auto second = sum_at(i + lanes);
    const auto third = sum_at(i + 2 * lanes);
    const auto fourth = sum_at(i + 3 * lanes);
    hn::StoreU(first, d, y + i);
    hn::StoreU(second, d, y + i + lanes);
    hn::StoreU(third, d, y + i + 2 * lanes);
    hn::StoreU(fourth, d, y + i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) hn::StoreU(sum_at(i), d, y + i);
  if (i == n) return;
  const auto sum =
      hn::MulAdd(scale, assay::HWY_NAMESPACE::load_tail(d, x + i, n - i, 0),
                 assay::HWY_NAMESPACE::load_tail(d, y + i, n - i, 0));
  assay::HWY_NAMESPACE::store_tail(sum, d, y + i, n - i);
}

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split] = context.constants_as<Parts>();
  if (p.alpha == 0.0F) return;
  const std::int64_t begin = split.begin(context.group.x);
  add_scaled(split.end(context.group.x, p.n) - begin, p.alpha,
             context.bindings[kX].as<const float>() + begin,
             context.bindings[kY].as<float>() + begin);
}

}  // namespace

HostKernel axpy_kernel_of_target() noexcept;
HostKernel axpy_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::axpy
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::axpy {

std::unique_ptr<Prepared> unrolled_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = streaming_isa(comes_from_memory(problem.compulsory_bytes()));
  const Split split =
      split_for_units(p.n, kLeastPart, kQuantum, context.device->caps().compute_units);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"axpy.unrolled",
                                ASSAY_CALL_FOR_ISA(isa, axpy_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts)},
      accesses_of(problem), Parts{p, split});
}

}  // namespace assay::axpy
#endif
