// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands, in one group.
//
// Still wasted: the compiler vectorizes it for the baseline, 128 bits of the 512 a
// machine may have, and all compute units but one idle. Step 2 is unrolled.cc.
#include "kernels/axpy/axpy.h"
#include "kernels/axpy/implementations.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"

namespace assay::axpy {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  if (p.alpha == 0.0F) return;
  const auto* const x = context.bindings[kX].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  for (std::int64_t i = 0; i < p.n; ++i) y[i] += p.alpha * x[i];
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"axpy.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::axpy
