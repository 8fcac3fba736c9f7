// SPDX-License-Identifier: MIT
// transpose by cblas_somatcopy, OpenBLAS's own: one call, or some rows of B a unit.
#include <cstdint>

#include "kernels/transpose/implementations.h"
#include "kernels/transpose/transpose.h"
#include "kernels/vendor/library_calls.h"

namespace assay::transpose {
namespace {

using SomatcopyFunction = void (*)(int order, int transpose, int rows, int cols,
                                   float alpha, const float* a, int lda, float* b,
                                   int ldb);
constexpr const char* kName = "cblas_somatcopy";

// Columns [begin, end) of A.
void call(SomatcopyFunction somatcopy, const Params& p, std::int64_t begin,
          std::int64_t end, std::span<const BoundRange> operands) {
  if (begin == end || p.m == 0) return;
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  somatcopy(vendor::kRowMajor, vendor::kTranspose, narrow(p.m), narrow(end - begin),
            1.0F, operands[kA].as<const float>() + begin, narrow(p.lda),
            operands[kB].as<float>() + begin * p.ldb, narrow(p.ldb));
}

}  // namespace

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  const vendor::Library& library = vendor::required_library(context);
  vendor::require_function(library, kName);
  return vendor::whole_call(
      context, problem, kName,
      [somatcopy = library.function<SomatcopyFunction>(kName),
       p = params_of(problem)](std::span<const BoundRange> operands) {
        call(somatcopy, p, 0, p.n, operands);
      });
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  const Params p = params_of(problem);
  const Split split = split_of(p, context.device->caps().compute_units);
  return vendor::partitioned_call(
      context, problem, kName, split.parts,
      [somatcopy = vendor::functions_of_units<SomatcopyFunction>(context, kName), p,
       split](std::uint32_t unit, std::uint32_t part,
              std::span<const BoundRange> operands) {
        call(somatcopy[unit], p, split.begin(part), split.end(part, p.n), operands);
      });
}

}  // namespace assay::transpose
