// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands.
//
// Still wasted: (2 r + 1)^2 products where 2 (2 r + 1) do, each waiting for the sum of
// those before; every address is clamped though only the edges need it; all compute
// units but one are idle. Step 2 is separable.cc.
#include <cstdlib>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/gaussian/gaussian.h"
#include "kernels/gaussian/implementations.h"

namespace assay::gaussian {
namespace {

float sum_of(const Parts& parts, const float* plane, std::int64_t row,
             std::int64_t col) noexcept {
  const Params& p = parts.params;
  float sum = 0;
  for (std::int64_t s = -p.radius; s <= p.radius; ++s) {
    const float* const from = plane + clamped(row + s, p.height) * p.width;
    for (std::int64_t t = -p.radius; t <= p.radius; ++t) {
      // The product of two weights is a multiple of 2^-22, at most 1: exact.
      const float weight = parts.weights[static_cast<std::size_t>(std::abs(s))] *
                           parts.weights[static_cast<std::size_t>(std::abs(t))];
      sum += weight * from[clamped(col + t, p.width)];
    }
  }
  return sum;
}

void compute_group(const GroupContext& context) noexcept {
  const auto parts = context.constants_as<Parts>();
  const Params& p = parts.params;
  const auto* plane = context.bindings[kX].as<const float>();
  auto* y = context.bindings[kY].as<float>();
  for (std::int64_t index = 0; index < p.planes; ++index) {
    for (std::int64_t row = 0; row < p.height; ++row) {
      for (std::int64_t col = 0; col < p.width; ++col) {
        *y++ = sum_of(parts, plane, row, col);
      }
    }
    plane += p.height * p.width;
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Dim3 groups = p.rows() == 0 || p.width == 0 ? Dim3{0, 1, 1} : Dim3{};
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"gaussian.naive", compute_group, groups, "isa=scalar"},
      accesses_of(problem), Parts{p, weights_of(p), {}, false});
}

}  // namespace assay::gaussian
