// SPDX-License-Identifier: MIT
// The mechanism of exclusions.h itself. Runs without a device.
#include "tests/conformance/exclusions.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/conformance/devices.h"
#include "tests/conformance/expected_failure.h"

namespace assay::conformance {
namespace {

TEST(ExclusionsTest, EveryRowNamesADeviceAndSaysWhy) {
  for (const Exclusion& row : kExclusions) {
    EXPECT_TRUE(std::ranges::any_of(kDevices, [&](const DeviceUnderTest& device) {
      return matches_pattern(row.devices, device.name);
    })) << row.devices;
    EXPECT_TRUE(row.reason.ends_with('.') && row.reason.find(' ') != row.reason.npos)
        << "a full sentence, not \"" << row.reason << '"';
    EXPECT_NE(row.test.find('.'), row.test.npos) << row.test << " is not Suite.Test";
  }
}

TEST(ExclusionsTest, PatternsMatchWholeNames) {
  EXPECT_TRUE(matches_pattern("inline", "inline"));
  EXPECT_FALSE(matches_pattern("inline", "inline_2"));
  EXPECT_TRUE(matches_pattern("vgpu_*", "vgpu_tbb_1"));
  EXPECT_TRUE(matches_pattern("vgpu_*_2", "vgpu_std_2"));
  EXPECT_FALSE(matches_pattern("vgpu_*_2", "vgpu_std_1"));
  EXPECT_TRUE(matches_pattern("*", ""));
  // The text under the star may be empty, but head and tail do not share letters.
  EXPECT_TRUE(matches_pattern("ab*c", "abc"));
  EXPECT_FALSE(matches_pattern("ab*b", "ab"));
}

TEST(ExclusionsTest, TheFirstRowThatMatchesCounts) {
  constexpr Exclusion kRows[] = {
      {"vgpu_*", "A.B", ExclusionKind::unsupported, "First."},
      {"*", "A.*", ExclusionKind::expected_failure, "Second."},
  };
  EXPECT_EQ(find_exclusion(kRows, "vgpu_std_1", "A.B"), kRows);
  EXPECT_EQ(find_exclusion(kRows, "inline", "A.B"), kRows + 1);
  EXPECT_EQ(find_exclusion(kRows, "vgpu_std_1", "A.C"), kRows + 1);
  EXPECT_EQ(find_exclusion(kRows, "inline", "B.A"), nullptr);
}

TEST(ExpectedFailureTest, SwallowsTheFailuresItExpects) {
  ExpectedFailure expected("The lamp is known to be broken.");
  EXPECT_EQ(1, 2) << "swallowed";
  std::jthread([] { ADD_FAILURE() << "swallowed, on any thread"; }).join();
  expected.finish();
}

// A row that is no longer needed must not stay: it would hide the next defect.
TEST(ExpectedFailureTest, ATestThatPassesFailsTheRun) {
  EXPECT_NONFATAL_FAILURE(
      {
        ExpectedFailure expected("The lamp is known to be broken.");
        EXPECT_EQ(1, 1);
        expected.finish();
      },
      "drop the row of exclusions.h that says \"The lamp is known to be broken.\"");
}

}  // namespace
}  // namespace assay::conformance
