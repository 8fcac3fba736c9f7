// SPDX-License-Identifier: MIT
#include "tests/conformance/expected_failure.h"

#include <iostream>

namespace assay::conformance {

void ExpectedFailure::finish() {
  collector_.reset();
  int failures = 0;
  for (int i = 0; i < results_.size(); ++i) {
    const testing::TestPartResult& result = results_.GetTestPartResult(i);
    if (result.skipped()) GTEST_SKIP() << result.message();
    if (result.failed()) ++failures;
  }
  if (failures == 0) {
    ADD_FAILURE() << "passes, but is listed as an expected failure: drop the row of "
                     "exclusions.h that says \""
                  << reason_ << "\"";
    return;
  }
  std::cout << "expected failure (" << failures << " checks): " << reason_ << '\n';
}

}  // namespace assay::conformance
