// SPDX-License-Identifier: MIT
// A loop of cblas_sgemm of any CBLAS library: what there is to call where a library has
// no function for batches (OpenBLAS 0.3.21 has none). All in one call, or a part of the
// matrices a compute unit.
#include <algorithm>
#include <limits>

#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/batched_matmul/implementations.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/vendor/library_calls.h"

namespace assay::batched_matmul {
namespace {

constexpr const char* kName = "cblas_sgemm";

void call(vendor::SgemmFunction sgemm, const Params& p, std::int64_t begin,
          std::int64_t end, std::span<const BoundRange> operands) {
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  const auto* const a = operands[kA].as<const float>();
  const auto* const b = operands[kB].as<const float>();
  auto* const c = operands[kC].as<float>();
  for (std::int64_t t = begin; t < end; ++t) {
    float* const out = c + t * p.stride_c;
    // Implementations of CBLAS disagree on which checks come first.
    if (p.k == 0) {
      std::fill(out, out + p.m * p.n, 0.0F);
      continue;
    }
    sgemm(vendor::kRowMajor, vendor::kNoTranspose, vendor::kNoTranspose, narrow(p.m),
          narrow(p.n), narrow(p.k), 1.0F, a + t * p.stride_a, narrow(p.k),
          b + t * p.stride_b, narrow(p.n), 0.0F, out, narrow(p.n));
  }
}

}  // namespace

std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps) {
  const Params& p = params_of(problem);
  if (std::max({p.m, p.n, p.k}) > std::numeric_limits<int>::max()) {
    return "CBLAS takes extents below 2^31";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  const std::int64_t count = p.m == 0 || p.n == 0 ? 0 : p.count;
  return vendor::whole_call(
      context, problem, kName,
      [sgemm = vendor::required_library(context).sgemm(), p, count](auto operands) {
        call(sgemm, p, 0, count, operands);
      });
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  const Split split = split_of(p, context.device->caps().compute_units);
  return vendor::partitioned_call(
      context, problem, kName, split.parts,
      [sgemm = vendor::functions_of_units<vendor::SgemmFunction>(context, kName), p,
       split](std::uint32_t unit, std::uint32_t part, auto operands) {
        call(sgemm[unit], p, split.begin(part), split.end(part, p.count), operands);
      });
}

}  // namespace assay::batched_matmul
