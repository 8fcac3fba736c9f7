// SPDX-License-Identifier: MIT
// The implementations: a naive loop, the kernel under test, and the library.
#include "gemv.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"
#include "kernels/vendor/library_calls.h"

namespace gemv {
namespace {

using assay::Implementation;
using assay::PrepareContext;
using assay::Prepared;
using assay::Problem;
using assay::Provider;

struct Constants {
  Params params;
  assay::Split split;  // of the rows
};

void naive(const assay::GroupContext& context) noexcept {
  const auto c = context.constants_as<Constants>();
  const auto* const x = context.bindings[kX].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  const auto* row = context.bindings[kA].as<const float>();
  for (std::int64_t i = 0; i < c.params.m; ++i, row += c.params.n) {
    float sum = 0;
    for (std::int64_t j = 0; j < c.params.n; ++j) sum += row[j] * x[j];
    y[i] = sum;
  }
}

// Sixteen sums a row, which do not wait for one another and which a compiler may put
// into vectors. Groups take parts of the rows, so each compute unit has one.
void rows(const assay::GroupContext& context) noexcept {
  constexpr std::int64_t kSums = 16;
  const auto c = context.constants_as<Constants>();
  const std::int64_t n = c.params.n;
  const auto* const x = context.bindings[kX].as<const float>();
  const auto* const a = context.bindings[kA].as<const float>();
  auto* const y = context.bindings[kY].as<float>();
  const std::int64_t end = c.split.end(context.group.x, c.params.m);
  for (std::int64_t i = c.split.begin(context.group.x); i < end; ++i) {
    const float* const row = a + i * n;
    float sums[kSums] = {};
    std::int64_t j = 0;
    for (; j + kSums <= n; j += kSums) {
      for (std::int64_t s = 0; s < kSums; ++s) sums[s] += row[j + s] * x[j + s];
    }
    for (std::int64_t s = 0; j < n; ++j, ++s) sums[s] += row[j] * x[j];
    for (std::int64_t half = kSums / 2; half > 0; half /= 2) {
      for (std::int64_t s = 0; s < half; ++s) sums[s] += sums[s + half];
    }
    y[i] = sums[0];
  }
}

std::unique_ptr<Prepared> dispatch(const PrepareContext& context,
                                   const Problem& problem, const char* name,
                                   assay::HostKernel kernel, std::uint32_t units) {
  assay::require_supported(assay::needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const assay::Split split = assay::split_for_units(p.m, 1, 1, units);
  return std::make_unique<assay::HostDispatch<Constants>>(
      *context.device,
      assay::HostDispatch<Constants>::What{
          name, kernel, {split.parts, 1, 1}, "parts=" + std::to_string(split.parts)},
      assay::accesses_of(problem), Constants{p, split});
}

std::unique_ptr<Prepared> prepare_naive(const PrepareContext& context,
                                        const Problem& problem) {
  return dispatch(context, problem, "gemv.naive", naive, 1);
}

std::unique_ptr<Prepared> prepare_rows(const PrepareContext& context,
                                       const Problem& problem) {
  return dispatch(context, problem, "gemv.rows", rows,
                  context.device->caps().compute_units);
}

std::unique_ptr<Prepared> prepare_openblas(const PrepareContext& context,
                                           const Problem& problem) {
  using Sgemv =
      void (*)(int order, int transpose, int m, int n, float alpha, const float* a,
               int lda, const float* x, int x_step, float beta, float* y, int y_step);
  constexpr int kNoTranspose = 111;  // CblasNoTrans
  const assay::vendor::Library& library = assay::vendor::required_library(context);
  assay::vendor::require_function(library, "cblas_sgemv");
  return assay::vendor::whole_call(
      context, problem, "cblas_sgemv",
      [sgemv = library.function<Sgemv>("cblas_sgemv"),
       p = params_of(problem)](std::span<const assay::BoundRange> operands) {
        const auto m = static_cast<int>(p.m);
        const auto n = static_cast<int>(p.n);
        sgemv(assay::vendor::kRowMajor, kNoTranspose, m, n, 1.0F,
              operands[kA].as<const float>(), n, operands[kX].as<const float>(), 1,
              0.0F, operands[kY].as<float>(), 1);
      });
}

constexpr Implementation kTable[] = {
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "the formula as two loops, in one group",
     .library = {},
     .unsupported = assay::needs_host_kernels,
     .prepare = prepare_naive},
    {.name = "rows",
     .provider = Provider::custom,
     .idea = "sixteen sums a row, a part of the rows for each compute unit",
     .library = {},
     .unsupported = assay::needs_host_kernels,
     .prepare = prepare_rows},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "cblas_sgemv; the library brings its threads",
     .library = "openblas",
     .unsupported = assay::needs_host_kernels,
     .prepare = prepare_openblas},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace gemv
