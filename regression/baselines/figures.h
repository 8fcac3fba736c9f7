// SPDX-License-Identifier: MIT
// Numbers of a baseline as they are stored and as people read them.
#ifndef ASSAY_REGRESSION_BASELINES_FIGURES_H_
#define ASSAY_REGRESSION_BASELINES_FIGURES_H_

#include "regression/judge/gate.h"

namespace assay::baselines {

// `value` to six significant digits: finer than any gate can tell (1e-6 of a log ratio
// of 1) and short enough to review. Idempotent; NaN and infinity stay.
double six_digits(double value);
// Every number of it. Entries are made of rounded numbers, so a baseline that was
// written and read again is the same baseline.
judge::GateReference six_digits(const judge::GateReference& reference);

// What follows from a reference.
struct Figures {
  double ratio = 0;  // library time / custom time: above 1, custom is faster
  // At 95 %, of the baseline's own ratio:
  //   SE^2 = s0^2 / n0 + sigma_S^2 / S
  // with sigma_S and its degrees of freedom as in drift_from_baseline().
  judge::Interval interval;
  // Twice the half width that a fresh run expects (judge::expected_half_width), as a
  // fraction: a slowdown of this much is outside of the interval around none.
  double smallest_detectable = 0;
};
Figures figures_of(const judge::GateReference& reference,
                   const judge::GateRules& rules = {});

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_FIGURES_H_
