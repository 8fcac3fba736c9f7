// SPDX-License-Identifier: MIT
// Step 2: three passes over each row, all in vectors.
//
// What naive wasted: sums have four chains of a vector each, and rows are shared by the
// compute units.
//
// Still wasted: a short row is loaded three times though it fits registers; the first
// pass over a row beyond the cache waits for memory with nothing to compute, and every
// line of y is read before it is overwritten. Step 3 is streamed.cc.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layernorm/vectorized.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/layernorm/moments-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {
namespace {

void one_row(const Params& p, const float* x, const float* gamma, const float* beta,
             float* y) noexcept {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Moments row = moments_of(x, p);
  std::int64_t i = 0;
  for (; i + lanes <= p.cols; i += lanes) {
    hn::StoreU(normalized(hn::LoadU(d, x + i), row, hn::LoadU(d, gamma + i),
                          hn::LoadU(d, beta + i)),
               d, y + i);
  }
  const std::int64_t tail = p.cols - i;
  if (tail == 0) return;
  store_tail(
      normalized(load_tail(d, x + i, tail, 0), row, load_tail(d, gamma + i, tail, 0),
                 load_tail(d, beta + i, tail, 0)),
      d, y + i, tail);
}

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split, streams] = context.constants_as<Parts>();
  const auto* const x = context.bindings[kX].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  for (std::int64_t row = split.begin(context.group.x);
       row < split.end(context.group.x, p.rows); ++row) {
    one_row(p, x + row * p.cols, context.bindings[kGamma].as<const float>(),
            context.bindings[kBeta].as<const float>(), y + row * p.cols);
  }
}

}  // namespace

HostKernel vectorized_kernel_of_target() noexcept;
HostKernel vectorized_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::layernorm {

std::unique_ptr<Prepared> vectorized_prepare(const PrepareContext& context,
                                             const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_rows(p.rows, p.cols, context.device->caps().compute_units);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"layernorm.vectorized",
                                ASSAY_CALL_FOR_ISA(isa, vectorized_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts)},
      accesses_of(problem), Parts{p, split, false});
}

}  // namespace assay::layernorm
#endif
