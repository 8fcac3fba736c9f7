// SPDX-License-Identifier: MIT
// A gate run as JUnit XML. CTest's own (3.25, --output-junit) drops measurements, so a
// ratio would never reach the reader.
#ifndef ASSAY_REGRESSION_REPORT_JUNIT_H_
#define ASSAY_REGRESSION_REPORT_JUNIT_H_

#include <string>

#include "regression/gates/gate_report.h"

namespace assay::report {

// One testcase a gate, in the report's order: classname is the suite, time the seconds
// spent in its timed epochs. By verdict:
//   regressed                      <failure type="regressed">
//   wrong_result, implausible,     <error type="...">
//   invalid_run, library_impaired,
//   library_changed
//   inconclusive, no_baseline      <skipped message="inconclusive: ...">
// Figures are properties; one that does not exist (no baseline) has no property.
// Well formed whatever ids and reasons hold.
std::string junit_text(const gates::GateReport& report);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_JUNIT_H_
