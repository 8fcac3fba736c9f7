// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands, its sums in double: added one after the other in
// f32, squares below half an ulp of the sum so far are all lost, always in one
// direction, and 4099 graded ones missed the bound by half of it.
//
// Still wasted: both sums wait for one addition after the other (a compiler may not
// reorder them, so nothing is vectorized), and all compute units but one are idle.
// Step 2 is vectorized.cc.
#include <cmath>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"

namespace assay::layernorm {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* x = context.bindings[kX].as<const float>();
  const auto* const gamma = context.bindings[kGamma].as<const float>();
  const auto* const beta = context.bindings[kBeta].as<const float>();
  auto* y = context.bindings[kY].as<float>();
  if (p.cols == 0) return;
  const auto n = static_cast<double>(p.cols);
  for (std::int64_t row = 0; row < p.rows; ++row, x += p.cols, y += p.cols) {
    double sum = 0;
    for (std::int64_t i = 0; i < p.cols; ++i) sum += x[i];
    const auto mean = static_cast<float>(sum / n);
    double squares = 0;
    for (std::int64_t i = 0; i < p.cols; ++i) {
      squares += (x[i] - mean) * (x[i] - mean);
    }
    const auto t = static_cast<float>(1.0 / std::sqrt(squares / n + p.epsilon));
    for (std::int64_t i = 0; i < p.cols; ++i) {
      y[i] = (x[i] - mean) * t * gamma[i] + beta[i];
    }
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"layernorm.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::layernorm
