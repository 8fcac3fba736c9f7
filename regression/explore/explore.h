// SPDX-License-Identifier: MIT
// The explorer: every case of the tables under Google Benchmark, with its filters and
// formats, for people who look around. Its numbers are never a gate's: one process, no
// pairing, no interval, and Debian's library is a debug build whose JSON may hold NaN.
#ifndef ASSAY_REGRESSION_EXPLORE_EXPLORE_H_
#define ASSAY_REGRESSION_EXPLORE_EXPLORE_H_

#include <span>

#include "kernels/common/op.h"
#include "regression/measure/case.h"

namespace assay::explore {

// Takes Google Benchmark's options. Every case is checked against the oracle before and
// after it is timed; a wrong one is an error row. Returns
//   0  all that ran was right
//   2  unknown option, or the filter matches nothing (the library itself exits 0)
//   3  a wrong result
//   6  a case could not run
int run_explorer(int argc, char** argv, std::span<const Op* const> ops,
                 std::span<const measure::Suite> suites);

}  // namespace assay::explore

#endif  // ASSAY_REGRESSION_EXPLORE_EXPLORE_H_
