// SPDX-License-Identifier: MIT
// A judged gate run as JSON (docs/outputs.md), for readers that do not judge. The
// samples it was derived from are in the session file.
#ifndef ASSAY_REGRESSION_REPORT_GATE_JSON_H_
#define ASSAY_REGRESSION_REPORT_GATE_JSON_H_

#include <string>
#include <string_view>

#include "regression/gates/gate_report.h"
#include "regression/json/value.h"

namespace assay::report {

inline constexpr std::string_view kGateReportSchema = "assay.gate_report";
inline constexpr int kGateReportSchemaMajor = 1;
inline constexpr int kGateReportSchemaMinor = 1;

// Gates in the report's order. What does not exist (a ratio of a refused comparison, a
// drift without a baseline) is no member.
json::Value gate_report_document(const gates::GateReport& report);
std::string gate_report_text(const gates::GateReport& report);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_GATE_JSON_H_
