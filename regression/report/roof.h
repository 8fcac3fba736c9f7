// SPDX-License-Identifier: MIT
// The roof a computation runs under: the machine's arithmetic or the bandwidth of its
// memory, whichever takes longer for the work that cannot be avoided. A share of the
// other one would call an op slow that nobody can make faster, or fast for no reason.
#ifndef ASSAY_REGRESSION_REPORT_ROOF_H_
#define ASSAY_REGRESSION_REPORT_ROOF_H_

#include <cstdint>
#include <string_view>

#include "regression/judge/verdict.h"
#include "regression/measure/results.h"

namespace assay::report {

struct Roof {
  enum class Kind : std::uint8_t {
    unknown,  // no arithmetic, or no peak measured, and data that a cache can hold
    multiply_adds,  // f32, the FMA peak
    bf16_dots,      // the peak of bf16 dot products
    triad,          // the bandwidth of memory
  };
  Kind kind = Kind::unknown;
  double least_ns = 0;  // for one iteration, right under the roof; 0 when unknown
};

// "FMA", "bf16 dots", "triad"; empty when unknown.
std::string_view to_string(Roof::Kind kind) noexcept;

// The longer of
//   flops / the peak of what is multiplied, and
//   compulsory bytes / the triad, of data beyond the cache alone,
// which is min(peak, intensity x bandwidth) as a time, and so has an answer for ops
// without arithmetic. Beyond the cache is more than twice the last level, as
// plausibility has it (judge/guards.cc): it may keep as much of the inputs and as much
// of the output from one iteration to the next. The bandwidth of a cache is not
// measured: within it the roof is arithmetic, and an op that only moves data has none.
Roof roof_of(const measure::Comparison& comparison, const judge::Judged& judged,
             const measure::Machine& machine) noexcept;

// What the comparison's peak_gflops is the peak of.
Roof::Kind arithmetic_of(const measure::Comparison& comparison,
                         const measure::Machine& machine) noexcept;

// Of 1. NaN when the roof is unknown. Under the triad up to 4/3 is possible, because it
// counts 3 of the 4 transfers that its stores cost: an op that only reads, or stores
// past the cache, makes no others.
double share_of(const Roof& roof, const judge::ArmSummary& arm) noexcept;

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_ROOF_H_
