// SPDX-License-Identifier: MIT
#include "regression/cli/known_work.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>

namespace assay::cli {
namespace {

[[noreturn]] void refuse(const measure::Comparison& comparison,
                         const std::string& why) {
  throw Error(StatusCode::bad_file, comparison.id + ": " + why);
}

std::unique_ptr<Problem> problem_of(const measure::Comparison& comparison,
                                    const Op& op) {
  try {
    return op.make_problem(comparison.shape, DType::f32);
  } catch (const Error& error) {
    refuse(comparison, error.what());
  }
}

}  // namespace

void require_known_work(const measure::Results& results,
                        std::span<const Op* const> ops) {
  for (const measure::Comparison& comparison : results.comparisons) {
    const auto op = std::ranges::find_if(
        ops, [&](const Op* known) { return known->name() == comparison.op; });
    if (op == ops.end()) continue;
    const std::unique_ptr<Problem> problem = problem_of(comparison, **op);
    const auto require = [&](double said, double known, const char* unit) {
      // A file's numbers have as many digits as they need; a formula may have changed
      // by a rounding since.
      if (said >= known * (1 - 1e-9)) return;
      refuse(comparison, fmt::format("{:g} {} of work, where {} {} has {:g}", said,
                                     unit, comparison.op, comparison.shape, known));
    };
    require(comparison.flops, problem->flops(), "flops");
    require(comparison.compulsory_bytes, problem->compulsory_bytes(), "bytes");
  }
}

}  // namespace assay::cli
