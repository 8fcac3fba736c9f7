// SPDX-License-Identifier: MIT
// The guards: what makes a comparison worth no ratio. Each is a pure function that
// finds its first problem or nothing; judge() asks them in the order of precedence. All
// are written accept-if, so that NaN is a problem and never a pass.
#ifndef ASSAY_REGRESSION_JUDGE_GUARDS_H_
#define ASSAY_REGRESSION_JUDGE_GUARDS_H_

#include <optional>
#include <string>

#include "regression/judge/arms.h"
#include "regression/judge/verdict.h"

namespace assay::judge {

struct Finding {
  Verdict verdict = Verdict::invalid_run;
  std::string reason;  // one line
};

// The two arms were timed over different scopes.
std::optional<Finding> check_scopes(const measure::Comparison& comparison);

// A timed output that is wrong, incomplete, unchecked, or wrote outside of its
// operands.
std::optional<Finding> check_results(const measure::Comparison& comparison);

// No samples, a worker that failed, a time that is none, a count of work that is none.
std::optional<Finding> check_samples(const measure::Comparison& comparison);

// Compiles or allocations inside of a timed region; what Scope::cold is there to time.
std::optional<Finding> check_warm(const measure::Comparison& comparison);

// The cache that a result may come from: of a GPU not the machine's, which may be ten
// times as large and would let anything pass, or smaller and forbid what is right.
double cache_bytes_of(const measure::Comparison& comparison, const Rules& rules);

// Rates against what the machine can do.
//   flops: each arm's median rate is at most plausible_of_peak x the measured FMA peak;
//       for a library with more threads than the device has compute units, times
//       threads/units.
//   bytes: an operand that does not fit the cache must come from memory each time, so
//       beyond_cache() / time <= plausible_of_bandwidth x 4/3 x triad. Working sets in
//       the cache are not limited.
// A peak that was not measured is invalid_run: a guard that cannot look is not a pass.
std::optional<Finding> check_plausible(const measure::Comparison& comparison,
                                       const Judged& judged, const Rules& rules);

// The library runs below the machine.
std::optional<Finding> check_library(const measure::Comparison& comparison);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_GUARDS_H_
