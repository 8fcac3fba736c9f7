// SPDX-License-Identifier: MIT
// The ladder of an op as a part of its README.md: every step of its table at
// representative shapes, beside the roof and the best library.
#ifndef ASSAY_REGRESSION_REPORT_LADDER_H_
#define ASSAY_REGRESSION_REPORT_LADDER_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/measure/results.h"
#include "regression/report/rows.h"

namespace assay::report {

struct LadderStep {
  std::string name;
  std::string idea;
  std::string not_run_because = {};  // one line; empty: it was measured
};

struct LadderShape {
  std::string shape;              // as comparisons have it
  std::vector<LadderStep> steps;  // the order of the op's table
};

struct Ladder {
  std::vector<LadderShape> shapes;
  std::vector<LadderStep> libraries;  // by the name of the library's arm
  std::string regenerate;             // the command line that made it
};

// A table for each shape, in their order: its steps, each with its rate, its share of
// the roof and the ratio to the best library beside it; last the library beside the
// last step. Below them what was measured where, and with which command. `rows` are
// those of `results`, all of one op; none of them says when, so that the same figures
// give the same text.
std::string render_ladder(const measure::Results& results, std::span<const Row> rows,
                          const Ladder& ladder);

// How the table of a shape begins, and the row of a step up to its figures: what tests
// look for in a page.
std::string ladder_heading(std::string_view shape);
std::string ladder_row_start(const LadderStep& step);

// The lines around the generated part of a page.
std::string ladder_begin(std::string_view op);  // "<!-- ladder of matmul: begin -->\n"
std::string ladder_end(std::string_view op);

// What stands between them. Throws Error(bad_file) when either is missing, there twice,
// or the end comes first.
std::string_view ladder_part(std::string_view page, std::string_view op);
// The page with `part` in its place. Throws as ladder_part().
std::string with_ladder_part(std::string_view page, std::string_view op,
                             std::string_view part);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_LADDER_H_
