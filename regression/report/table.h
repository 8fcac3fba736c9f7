// SPDX-License-Identifier: MIT
// The comparison table, for a terminal and as Markdown.
#ifndef ASSAY_REGRESSION_REPORT_TABLE_H_
#define ASSAY_REGRESSION_REPORT_TABLE_H_

#include <span>
#include <string>

#include "regression/measure/results.h"
#include "regression/report/rows.h"

namespace assay::report {

struct TableOptions {
  bool color = false;
  // The command that made the run, without --only; printed with the id of the first
  // row.
  std::string reproduce;
  double confidence = 0.95;  // Rules::confidence of the judgement
  bool incomplete = false;   // the run was stopped: rows and blocks are missing
};

// One row a case and scope, quoting the best library; below it, of a run that was
// stopped, that it was, one line for each problem, then the legend. Table lines are at
// most 140 columns; problems and the legend are one line each, however long.
std::string render_table(const measure::Machine& machine, std::span<const Row> rows,
                         const TableOptions& options = {});
// The same in GitHub's Markdown. Problems come first: a summary is read from its top.
std::string render_markdown(const measure::Machine& machine, std::span<const Row> rows,
                            const TableOptions& options = {});

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_TABLE_H_
