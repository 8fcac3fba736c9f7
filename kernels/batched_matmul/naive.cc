// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands.
//
// Still wasted: a multiply-add waits for the one before, B is read down its columns,
// and all compute units but one idle. Step 2 is tiled.cc.
#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/batched_matmul/implementations.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"

namespace assay::batched_matmul {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  if (p.m == 0 || p.n == 0) return;
  for (std::int64_t t = 0; t < p.count; ++t) {
    const auto* const a = context.bindings[kA].as<const float>() + begin_of_a(p, t);
    const auto* const b = context.bindings[kB].as<const float>() + begin_of_b(p, t);
    auto* const c = context.bindings[kC].as<float>() + t * p.stride_c;
    for (std::int64_t i = 0; i < p.m; ++i) {
      for (std::int64_t j = 0; j < p.n; ++j) {
        float sum = 0;
        for (std::int64_t l = 0; l < p.k; ++l) sum += a[i * p.k + l] * b[l * p.n + j];
        c[i * p.n + j] = sum;
      }
    }
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"batched_matmul.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::batched_matmul
