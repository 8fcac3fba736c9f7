// SPDX-License-Identifier: MIT
// Results and comparisons as JSON: docs/schema/results.schema.json. Everything raw is
// in it, so a verdict can be derived again from the file; what was derived ("judged")
// is beside it for other readers and ignored here.
#ifndef ASSAY_REGRESSION_MEASURE_RESULTS_IO_H_
#define ASSAY_REGRESSION_MEASURE_RESULTS_IO_H_

#include <string>
#include <string_view>

#include "regression/json/cursor.h"
#include "regression/json/value.h"
#include "regression/measure/results.h"
#include "regression/measure/sample.h"

namespace assay::measure {

inline constexpr std::string_view kResultsSchema = "assay.results";
inline constexpr std::string_view kComparisonSchema = "assay.comparison";

// The document of a results file. Times and checks that are no numbers (a worst error
// of NaN) are written as "nan", "inf", "-inf" and come back as what they were.
json::Value to_json(const Results& results);
// Throws Error(bad_file) naming the place; unknown members are tolerated.
Results results_from_json(const json::Value& document);
// The file, its path in every message.
Results load_results(const std::string& path);

// Parts of the document, for files that hold some of it.
json::Value to_json(const Comparison& comparison);
json::Value to_json(const Build& build);
Results results_at(const json::Cursor& cursor);
Comparison comparison_at(const json::Cursor& cursor);
Build build_at(const json::Cursor& cursor);

// One comparison alone, one line: what a worker sends through its pipe.
std::string to_line(const Comparison& comparison);
Comparison comparison_from_line(std::string_view line);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_RESULTS_IO_H_
