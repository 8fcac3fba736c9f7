// SPDX-License-Identifier: MIT
// Sums and dots by cblas_ssum (OpenBLAS's own) and cblas_sdot: one call, or a part a
// compute unit whose results are added up by the last dispatch.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"
#include "kernels/reduce/implementations.h"
#include "kernels/reduce/reduce.h"
#include "kernels/vendor/library_calls.h"

namespace assay::reduce {
namespace {

using SumFunction = float (*)(int n, const float* x, int x_step);
using DotFunction = float (*)(int n, const float* x, int x_step, const float* z,
                              int z_step);

// As ours: fewer elements are not worth a unit of their own.
constexpr std::int64_t kLeastPart = 65536;

const char* name_of(Kind kind) {
  return kind == Kind::dot ? "cblas_sdot" : "cblas_ssum";
}

struct Functions {
  SumFunction sum = nullptr;
  DotFunction dot = nullptr;
};

// OpenBLAS 0.3.21 on its AVX-512 cores leaves out some elements and takes others three
// times, which cancels out on a ramp and hardly anywhere else. A speed that drops work
// is nothing to compare with.
void require_right_sum(const vendor::Library& library, SumFunction sum) {
  std::vector<float> x;
  float right = 0;
  for (int i = 0; i < 256; ++i) {
    x.push_back(static_cast<float>(i * i * 7 % 23));
    right += x.back();
  }
  const float got = sum(256, x.data(), 1);
  if (got == right) return;
  const vendor::Identity& identity = library.identity();
  throw Error(StatusCode::not_supported, "cblas_ssum of '" + identity.resolved_path +
                                             "' (core " + identity.core_name +
                                             ") adds wrongly: " + std::to_string(got) +
                                             " for a sum of " + std::to_string(right) +
                                             "; compare N:dot, or another library");
}

Functions functions_of(const vendor::Library& library, Kind kind) {
  vendor::require_function(library, name_of(kind));
  if (kind == Kind::dot) return {nullptr, library.function<DotFunction>("cblas_sdot")};
  const auto sum = library.function<SumFunction>("cblas_ssum");
  require_right_sum(library, sum);
  return {sum, nullptr};
}

float call(const Functions& functions, std::int64_t begin, std::int64_t end,
           std::span<const BoundRange> operands) {
  const auto n = static_cast<int>(end - begin);
  if (n == 0) return 0;
  const auto* const x = operands[kX].as<const float>() + begin;
  if (functions.sum != nullptr) return functions.sum(n, x, 1);
  return functions.dot(n, x, 1, operands[kZ].as<const float>() + begin, 1);
}

}  // namespace

std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps) {
  if (params_of(problem).kind == Kind::max) {
    return "CBLAS has no maximum of values, only the index of the largest magnitude";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  return vendor::whole_call(
      context, problem, name_of(p.kind),
      [functions = functions_of(vendor::required_library(context), p.kind),
       p](std::span<const BoundRange> operands) {
        *operands[y_of(p.kind)].as<float>() = call(functions, 0, p.n, operands);
      });
}

std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem) {
  require_supported(openblas_unsupported(problem, context.device->caps()));
  const Params p = params_of(problem);
  const std::uint32_t units = context.device->caps().compute_units;
  const vendor::Library& library = vendor::required_library(context);
  std::vector<Functions> functions;
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    functions.push_back(functions_of(library.instance(unit), p.kind));
  }
  const Split split = split_for_units(p.n, kLeastPart, 16, units);
  const auto partial = std::make_shared<std::vector<float>>(split.parts);
  return vendor::partitioned_call(
      context, problem, name_of(p.kind), split.parts,
      [functions, p, split, partial](std::uint32_t unit, std::uint32_t part,
                                     std::span<const BoundRange> operands) {
        (*partial)[part] =
            call(functions[unit], split.begin(part), split.end(part, p.n), operands);
      },
      [p, partial](std::span<const BoundRange> operands) {
        float sum = 0;
        for (const float one : *partial) sum += one;
        *operands[y_of(p.kind)].as<float>() = sum;
      });
}

}  // namespace assay::reduce
