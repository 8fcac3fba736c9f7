// SPDX-License-Identifier: MIT
// A gate run as GitHub's Markdown, for a step summary.
#ifndef ASSAY_REGRESSION_REPORT_GATE_MARKDOWN_H_
#define ASSAY_REGRESSION_REPORT_GATE_MARKDOWN_H_

#include <cstddef>
#include <string>

#include "regression/gates/gate_report.h"

namespace assay::report {

// GitHub drops a whole summary above 1 MiB, without a word in the log.
inline constexpr std::size_t kMaxMarkdownBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxMarkdownRows = 50;

// Counts, then what is wrong, then the table: a summary is read from its top, and the
// report lists the worst first. At most kMaxMarkdownRows rows and as many problems,
// then "and N more"; below kMaxMarkdownBytes whatever the input. `reproduce` as in
// GateTableOptions.
std::string render_gate_markdown(const gates::GateReport& report,
                                 const std::string& reproduce = {});

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_GATE_MARKDOWN_H_
