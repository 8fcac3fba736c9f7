// SPDX-License-Identifier: MIT
// A gate run on a terminal.
#ifndef ASSAY_REGRESSION_REPORT_GATE_TABLE_H_
#define ASSAY_REGRESSION_REPORT_GATE_TABLE_H_

#include <string>

#include "regression/gates/gate_report.h"

namespace assay::report {

struct GateTableOptions {
  bool color = false;
  // The command that made the run, without --only ("assay gate --suite default"); the
  // last line adds the id of the worst gate to it. Empty: no such line.
  std::string reproduce;
};

// One row a gate, the worst first, then the controls; below them what holds for the
// whole run, one line a problem, the counts, what the columns mean, and the line that
// measures the worst gate again. Table lines are at most 140 columns; notes and
// problems are one line each, however long.
std::string render_gates(const gates::GateReport& report,
                         const GateTableOptions& options = {});

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_GATE_TABLE_H_
