// SPDX-License-Identifier: MIT
// What stands below a table: what was compared with, on which machine, what the columns
// mean, and how to get a row again.
#ifndef ASSAY_REGRESSION_REPORT_LEGEND_H_
#define ASSAY_REGRESSION_REPORT_LEGEND_H_

#include <span>
#include <string>
#include <vector>

#include "regression/measure/results.h"
#include "regression/report/rows.h"

namespace assay::report {

struct Entry {
  std::string label;  // "library", "machine", "peak", "scope", "reproduce"
  std::string text;   // plain()
};

// `reproduce`: the command to which "--only <row id>" is added; no such line when
// empty.
std::vector<Entry> legend(const measure::Machine& machine,
                          std::span<const Group> groups, const std::string& reproduce);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_LEGEND_H_
