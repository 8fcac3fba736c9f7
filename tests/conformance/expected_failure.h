// SPDX-License-Identifier: MIT
// Runs the middle of a test that is known to fail: its failures are collected instead
// of reported, and their absence is the failure.
#ifndef TESTS_CONFORMANCE_EXPECTED_FAILURE_H_
#define TESTS_CONFORMANCE_EXPECTED_FAILURE_H_

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace assay::conformance {

// From construction to finish(), failures of any thread are collected.
class ExpectedFailure {
 public:
  explicit ExpectedFailure(std::string_view reason) : reason_(reason) {
    collector_.emplace(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS,
                       &results_);
  }

  // Reports: a failure when nothing failed, a skip when the test was skipped anyway.
  // Prints why the failures it swallowed were expected.
  void finish();

 private:
  const std::string reason_;
  testing::TestPartResultArray results_;
  std::optional<testing::ScopedFakeTestPartResultReporter> collector_;
};

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_EXPECTED_FAILURE_H_
