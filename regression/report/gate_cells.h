// SPDX-License-Identifier: MIT
// What a gate run says, cell by cell and line by line, whoever draws it.
#ifndef ASSAY_REGRESSION_REPORT_GATE_CELLS_H_
#define ASSAY_REGRESSION_REPORT_GATE_CELLS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "regression/gates/gate_report.h"
#include "regression/report/cells.h"

namespace assay::report {

// "REGRESSED", "within tolerance", "no baseline".
std::string gate_verdict_text(judge::Verdict verdict);
Tone gate_verdict_tone(judge::Verdict verdict);

// Whether the run itself was in order: a ratio may be shown. False for what a guard
// refused: nobody may quote a figure of it.
bool shows_ratio(const judge::GateJudged& gate);
// Whether the gate was held against its baseline (or base): there is a slowdown.
bool drift_evaluated(const judge::GateJudged& gate);
std::size_t drifts_evaluated(const gates::GateReport& report);

// What the gate was held against, as a ratio: of the baseline, or of the base in an
// A/B run. 0: nothing.
double reference_ratio(const gates::GateReport& report, const judge::GateJudged& gate);

// Whether a control is compatible with its two arms being one implementation.
bool control_holds(const gates::Control& control);
// "holds", "FAILED", or the verdict that keeps it from being a control.
std::string control_verdict_text(const gates::Control& control);

// A slowdown in percent from its natural logarithm, with sign: "+3.1", "-0.4", "+inf".
std::string format_percent(double log_ratio);
// "+1.3 [-0.2, +2.8]", of a slowdown and its interval.
std::string format_drift(const judge::Drift& drift);

// Worker processes behind the first measurement and behind its confirmation.
struct ProcessCounts {
  std::size_t measured = 0;
  std::size_t confirming = 0;
};
ProcessCounts process_counts(const gates::GateReport& report,
                             const judge::GateJudged& gate);

std::vector<Column> gate_columns(const gates::GateReport& report);
Line gate_line(const gates::GateReport& report, const judge::GateJudged& gate);
Line control_line(const gates::Control& control);

// "suite default on x86_64-..., against baselines/x86_64-.../default.json".
std::string gate_title(const gates::GateReport& report);

// What holds for the whole run: incomplete, work injected, no baseline for this host
// and the facts that differ, soft facts. One line each; empty when there is nothing.
std::vector<std::string> gate_notes(const gates::GateReport& report);

// One line for each gate and control that did not simply pass: "<id>: REGRESSED:
// <cause and what to do>".
std::vector<std::string> gate_problems(const gates::GateReport& report);

// "38 gates: 36 pass, 1 within tolerance, 1 inconclusive; drift gates evaluated 38 of
// 38".
std::string gate_counts(const gates::GateReport& report);

// One gate in one line: "<id>: pass, ratio 1.250 [1.240, 1.260], ...".
std::string gate_summary(const gates::GateReport& report,
                         const judge::GateJudged& gate);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_GATE_CELLS_H_
