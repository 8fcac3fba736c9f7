// SPDX-License-Identifier: MIT
// One gate for CTest: what a reader test prints.
#ifndef ASSAY_REGRESSION_REPORT_CTEST_LINES_H_
#define ASSAY_REGRESSION_REPORT_CTEST_LINES_H_

#include <string>

#include "regression/gates/gate_report.h"

namespace assay::report {

// The gate's one-line verdict, then its figures as measurements, which CTest takes out
// of the output and into Testing/<tag>/Test.xml:
//   <CTestMeasurement type="numeric/double" name="ratio">1.25</CTestMeasurement>
// Text from outside cannot add one: its opening brackets are entities.
std::string ctest_lines(const gates::GateReport& report, const judge::GateJudged& gate);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_CTEST_LINES_H_
