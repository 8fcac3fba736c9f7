// SPDX-License-Identifier: MIT
// Why a person takes a loss that nobody should take by accident.
#ifndef ASSAY_REGRESSION_BASELINES_REASONS_H_
#define ASSAY_REGRESSION_BASELINES_REASONS_H_

#include <string>

#include "regression/baselines/refresh.h"

namespace assay::baselines {

// Throws Error(invalid_argument) for an `accepted` or `left_out` that names no gate of
// the suite, or gives no reason: what messages ask a person to replace is none.
void check_reasons(const RefreshOptions& options);

// The reason `accepted` gives for a gate: that of its own name, else of the longest
// pattern that covers it. Null: none.
const std::string* accepted_reason(const RefreshOptions& options,
                                   const std::string& gate);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_REASONS_H_
