// SPDX-License-Identifier: MIT
// Cases that lie exactly on an edge, where < and <= part.
#ifndef ASSAY_REGRESSION_SELFTEST_EDGES_H_
#define ASSAY_REGRESSION_SELFTEST_EDGES_H_

#include <cstdint>

#include "regression/selftest/statistics_under_test.h"

namespace assay::selftest {

struct EdgeResult {
  std::uint64_t checks = 0;
  std::uint64_t wrong = 0;
};

EdgeResult check_edges(const Statistics& statistics);

}  // namespace assay::selftest

#endif  // ASSAY_REGRESSION_SELFTEST_EDGES_H_
