// SPDX-License-Identifier: MIT
// Judged comparisons, grouped into what a table shows: one row a case and scope,
// quoting the best library.
#ifndef ASSAY_REGRESSION_REPORT_ROWS_H_
#define ASSAY_REGRESSION_REPORT_ROWS_H_

#include <span>
#include <string_view>
#include <vector>

#include "regression/judge/verdict.h"
#include "regression/measure/results.h"
#include "regression/report/roof.h"

namespace assay::report {

struct Row {
  const measure::Comparison* comparison = nullptr;  // never null, not owned
  judge::Judged judged;
  Roof roof = {};  // unknown where nobody asked
};

// Points into `results`.
std::vector<Row> judge_all(const measure::Results& results, const judge::Rules& rules);

// Comparisons that differ in the library alone. Points into the rows.
struct Group {
  const Row* quoted = nullptr;  // judge::best_library
  std::vector<const Row*> others;
};

// Sorted by op, type, device, shape, implementation, data, then scope; numbers inside
// of names by value, so 64x64 comes before 512x512. Rows equal in all of these stay in
// order.
std::vector<Group> group_rows(std::span<const Row> rows);
// The order of names above.
bool natural_less(std::string_view a, std::string_view b) noexcept;

// The worst exit code of the quoted rows; of the others only what says that something
// is wrong (3): an impaired or undecided library beside a better one is not quoted and
// harms nobody. No rows at all: kUsage, nothing matched.
int exit_code_of(std::span<const Row> rows, bool strict, bool require_baseline);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_ROWS_H_
