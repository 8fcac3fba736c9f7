// SPDX-License-Identifier: MIT
// The suites of gates. A case is one row in the file of its part; adding it there adds
// its gates to `assay gate`, to CTest and, with the next refresh, to the baselines.
#ifndef ASSAY_REGRESSION_CASES_CASES_H_
#define ASSAY_REGRESSION_CASES_CASES_H_

#include <span>
#include <string_view>
#include <vector>

#include "regression/measure/case.h"

namespace assay::cases {

// Every suite, "core" first.
std::span<const measure::Suite> all_suites();

// An op on one unit of the virtual GPU against a library, in scope `kernel`.
measure::Case one_unit_case(std::string_view op, std::string_view shape,
                            std::string_view implementation, std::string_view library);

// The parts of "core".
std::vector<measure::Case> matmul_cases();
std::vector<measure::Case> vector_cases();
std::vector<measure::Case> runtime_cases();

// "ops", with its controls.
std::vector<measure::Case> op_cases();

}  // namespace assay::cases

#endif  // ASSAY_REGRESSION_CASES_CASES_H_
