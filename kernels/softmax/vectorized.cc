// SPDX-License-Identifier: MIT
// Step 2: three passes over each row, all in vectors, with an exp of our own.
//
// What naive wasted: exp is some fifteen instructions for a whole vector here; maxima
// and sums have chains of their own; rows are shared by the compute units.
//
// Still wasted: a short row is loaded and stored three times for work that fits
// registers, and beyond a cache every line of y is read before it is overwritten.
// Step 3 is streamed.cc.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/softmax/implementations.h"
#include "kernels/softmax/softmax.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax/vectorized.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/softmax/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::softmax {
namespace HWY_NAMESPACE {
namespace {

void one_row(const float* x, std::int64_t cols, float* y) noexcept {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto sum = exp_row(d, x, cols, largest_of(d, x, cols), x, y);
  const auto scale = hn::Div(hn::Set(d, 1.0F), sum);
  std::int64_t i = 0;
  for (; i + lanes <= cols; i += lanes) {
    hn::StoreU(hn::Mul(hn::LoadU(d, y + i), scale), d, y + i);
  }
  if (i == cols) return;
  store_tail(hn::Mul(load_tail(d, y + i, cols - i, 0), scale), d, y + i, cols - i);
}

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split, streams] = context.constants_as<Parts>();
  const auto* const x = context.bindings[kX].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  for (std::int64_t row = split.begin(context.group.x);
       row < split.end(context.group.x, p.rows); ++row) {
    one_row(x + row * p.cols, p.cols, y + row * p.cols);
  }
}

}  // namespace

HostKernel vectorized_kernel_of_target() noexcept;
HostKernel vectorized_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::softmax
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::softmax {

std::unique_ptr<Prepared> vectorized_prepare(const PrepareContext& context,
                                             const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_rows(p.rows, p.cols, context.device->caps().compute_units);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"softmax.vectorized",
                                ASSAY_CALL_FOR_ISA(isa, vectorized_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts)},
      accesses_of(problem), Parts{p, split, false});
}

}  // namespace assay::softmax
#endif
