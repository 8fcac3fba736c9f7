// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands.
//
// Still wasted: rows of A are read in order, but each element goes to another row of B,
// of whose cache line fifteen of sixteen elements are written only when the line may be
// gone; all compute units but one are idle. Step 2 is tiled.cc.
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/transpose/implementations.h"
#include "kernels/transpose/transpose.h"

namespace assay::transpose {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const a = context.bindings[kA].as<const float>();
  auto* const b = context.bindings[kB].as<float>();
  for (std::int64_t i = 0; i < p.m; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) b[j * p.ldb + i] = a[i * p.lda + j];
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"transpose.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::transpose
