// SPDX-License-Identifier: MIT
// Judgements in the results file, for readers that do not judge. The loader ignores
// them: a verdict is derived from the samples, never believed.
#ifndef ASSAY_REGRESSION_REPORT_JUDGED_JSON_H_
#define ASSAY_REGRESSION_REPORT_JUDGED_JSON_H_

#include <span>
#include <string>

#include "regression/json/value.h"
#include "regression/measure/results.h"
#include "regression/report/rows.h"

namespace assay::report {

json::Value to_json(const Row& row);

// measure::to_json(results) with the rows under "judged".
json::Value results_document(const measure::Results& results,
                             std::span<const Row> rows);

// The text of that document, and the same written whole or not at all
// (json::write_file_atomically).
std::string results_text(const measure::Results& results, std::span<const Row> rows);
void write_results(const std::string& path, const measure::Results& results,
                   std::span<const Row> rows);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_JUDGED_JSON_H_
