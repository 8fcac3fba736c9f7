// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands.
//
// Still wasted: a sum waits four cycles for each addition (a compiler may not reorder
// it), where a core could start 32; all compute units but one idle; and rounding errors
// grow with n. Step 2 is blocked.cc.
#include <cmath>
#include <limits>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/reduce/implementations.h"
#include "kernels/reduce/reduce.h"

namespace assay::reduce {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const auto* const x = context.bindings[kX].as<const float>();
  const auto* const z = context.bindings[kZ].as<const float>();  // y but for a dot
  float result = p.kind == Kind::max ? -std::numeric_limits<float>::infinity() : 0.0F;
  for (std::int64_t i = 0; i < p.n; ++i) {
    switch (p.kind) {
      case Kind::sum:
        result += x[i];
        break;
      case Kind::dot:
        result += x[i] * z[i];
        break;
      case Kind::max:
        // A NaN stays: every comparison with it is false.
        if (!(x[i] <= result) && !std::isnan(result)) result = x[i];
        break;
    }
  }
  *context.bindings[y_of(p.kind)].as<float>() = result;
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"reduce.naive", compute_group, Dim3{}, ""},
      accesses_of(problem), params_of(problem));
}

}  // namespace assay::reduce
