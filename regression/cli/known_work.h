// SPDX-License-Identifier: MIT
// What a results file says of its work, against what its ops and shapes are.
#ifndef ASSAY_REGRESSION_CLI_KNOWN_WORK_H_
#define ASSAY_REGRESSION_CLI_KNOWN_WORK_H_

#include <span>

#include "kernels/common/op.h"
#include "regression/measure/results.h"

namespace assay::cli {

// Throws bad_file where a comparison of one of `ops` has a shape that the op does not
// know, or counts fewer flops or compulsory bytes than its problem has: rates are
// plausible only of work that was there. An op that is not among them is somebody
// else's and passes.
void require_known_work(const measure::Results& results,
                        std::span<const Op* const> ops);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_KNOWN_WORK_H_
