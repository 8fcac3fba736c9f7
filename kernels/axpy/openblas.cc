// SPDX-License-Identifier: MIT
// axpy by cblas_saxpy of any CBLAS library: one call, or a part a compute unit.
#include <cstdint>

#include "kernels/axpy/axpy.h"
#include "kernels/axpy/implementations.h"
#include "kernels/vendor/library_calls.h"

namespace assay::axpy {
namespace {

using SaxpyFunction = void (*)(int n, float alpha, const float* x, int x_step, float* y,
                               int y_step);
constexpr const char* kName = "cblas_saxpy";

void call(SaxpyFunction saxpy, const Params& p, std::int64_t begin, std::int64_t end,
          std::span<const BoundRange> operands) {
  if (begin == end) return;
  saxpy(static_cast<int>(end - begin), p.alpha, operands[kX].as<const float>() + begin,
        1, operands[kY].as<float>() + begin, 1);
}

}  // namespace

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  const vendor::Library& library = vendor::required_library(context);
  vendor::require_function(library, kName);
  return vendor::whole_call(
      context, problem, kName,
      [saxpy = library.function<SaxpyFunction>(kName),
       p = params_of(problem)](auto operands) { call(saxpy, p, 0, p.n, operands); });
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  const Params p = params_of(problem);
  const Split split =
      split_for_units(p.n, kLeastPart, kQuantum, context.device->caps().compute_units);
  return vendor::partitioned_call(
      context, problem, kName, split.parts,
      [saxpy = vendor::functions_of_units<SaxpyFunction>(context, kName), p, split](
          std::uint32_t unit, std::uint32_t part, auto operands) {
        call(saxpy[unit], p, split.begin(part), split.end(part, p.n), operands);
      });
}

}  // namespace assay::axpy
