// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands.
//
// Still wasted: exp of the C library computes one element a call, some ten times what a
// vector needs for one of its lanes; sums and maxima wait for one another; all compute
// units but one idle. Step 2 is vectorized.cc.
#include <cmath>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/softmax/implementations.h"
#include "kernels/softmax/softmax.h"

namespace assay::softmax {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* x = context.bindings[kX].as<const float>();
  auto* y = context.bindings[kY].as<float>();
  if (p.cols == 0) return;
  for (std::int64_t row = 0; row < p.rows; ++row, x += p.cols, y += p.cols) {
    float largest = x[0];
    for (std::int64_t i = 1; i < p.cols; ++i) {
      if (x[i] > largest) largest = x[i];
    }
    double sum = 0;
    for (std::int64_t i = 0; i < p.cols; ++i) {
      y[i] = std::exp(x[i] - largest);
      sum += y[i];
    }
    for (std::int64_t i = 0; i < p.cols; ++i) y[i] /= static_cast<float>(sum);
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"softmax.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::softmax
