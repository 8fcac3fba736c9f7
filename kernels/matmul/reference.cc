// SPDX-License-Identifier: MIT
// The oracle: the formula in double, as plain loops. Never a contestant.
//
// Its own error, about sqrt(k) * 2^-53 of the magnitude, is 2^-29 of the bound it sets.
// The loops are ordered so that a compiler vectorizes the innermost one (a row of sums
// stays in the first-level cache); nothing is blocked, unrolled or reordered by hand.
#include <cmath>
#include <cstddef>
#include <vector>

#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {
namespace {

// op(X) of `rows` x `cols` as a tight row-major copy.
std::vector<float> tight(const float* x, bool transposed, std::int64_t rows,
                         std::int64_t cols, std::int64_t ld) {
  std::vector<float> copy;
  copy.reserve(static_cast<std::size_t>(rows * cols));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      copy.push_back(transposed ? x[j * ld + i] : x[i * ld + j]);
    }
  }
  return copy;
}

}  // namespace

OracleResult reference(const Params& p, const Arrays& arrays) {
  const auto n = static_cast<std::size_t>(p.n);
  const auto size = static_cast<std::size_t>(p.m * p.n);
  OracleResult result{std::vector<double>(size), std::vector<double>(size)};

  if (p.alpha != 0.0F && p.k > 0 && size > 0) {
    const std::vector<float> a = tight(arrays.a, p.transpose_a, p.m, p.k, p.lda);
    const std::vector<float> b = tight(arrays.b, p.transpose_b, p.k, p.n, p.ldb);
    for (std::size_t i = 0; i < static_cast<std::size_t>(p.m); ++i) {
      double* const value = &result.value[i * n];
      double* const magnitude = &result.magnitude[i * n];
      for (std::size_t l = 0; l < static_cast<std::size_t>(p.k); ++l) {
        const double left = a[i * static_cast<std::size_t>(p.k) + l];
        const float* const right = &b[l * n];
        for (std::size_t j = 0; j < n; ++j) {
          const double term = left * static_cast<double>(right[j]);
          value[j] += term;
          magnitude[j] += std::fabs(term);
        }
      }
    }
  }
  for (std::size_t at = 0; at < size; ++at) {
    const std::size_t in_c = at / n * static_cast<std::size_t>(p.ldc) + at % n;
    const double old = p.beta == 0.0F ? 0.0 : arrays.c[in_c];
    const double alpha = p.alpha;
    const double beta = p.beta;
    result.value[at] = alpha * result.value[at] + beta * old;
    result.magnitude[at] =
        std::fabs(alpha) * result.magnitude[at] + std::fabs(beta * old);
  }
  return result;
}

namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const Arrays arrays = arrays_of(context);
  const OracleResult result = reference(p, arrays);
  for (std::int64_t i = 0; i < p.m; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      arrays.c[i * p.ldc + j] =
          static_cast<float>(result.value[static_cast<std::size_t>(i * p.n + j)]);
    }
  }
}

}  // namespace

std::unique_ptr<Prepared> reference_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  require_supported(f32_on_host(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Dim3 groups = {p.m > 0 && p.n > 0 ? 1U : 0U, 1, 1};
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"matmul.reference", compute_group, groups},
      accesses_of(p), p);
}

}  // namespace assay::matmul
