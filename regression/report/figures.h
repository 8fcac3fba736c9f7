// SPDX-License-Identifier: MIT
// The figures of a gate by name: one list for every format that takes names and
// numbers (JUnit, CTest, Google Benchmark), so that they agree.
#ifndef ASSAY_REGRESSION_REPORT_FIGURES_H_
#define ASSAY_REGRESSION_REPORT_FIGURES_H_

#include <string_view>
#include <vector>

#include "regression/gates/gate_report.h"

namespace assay::report {

struct Figure {
  std::string_view name;
  double value = 0;  // finite
};

// "ratio", "low", "high" (its 95 % interval), "baseline", "slowdown", "slowdown_low",
// "slowdown_high" (fractions: 0.031 is 3.1 % slower), "half_width", "can_decide" (of
// the logarithm). A figure that does not exist or is not finite is left out: a zero
// would be averaged by somebody.
std::vector<Figure> gate_figures(const gates::GateReport& report,
                                 const judge::GateJudged& gate);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_FIGURES_H_
