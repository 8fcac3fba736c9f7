// SPDX-License-Identifier: MIT
// Holm's procedure against examples worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "regression/judge/gate.h"
#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

using Flags = std::vector<bool>;

Flags at_five_percent(const std::vector<double>& p_values) {
  return holm(p_values, 0.05);
}

TEST(HolmTest, AnEmptyFamilyRejectsNothing) { EXPECT_EQ(at_five_percent({}), Flags()); }

TEST(HolmTest, OneHypothesisIsTestedAtAlpha) {
  EXPECT_EQ(at_five_percent({0.05}), Flags{true});
  EXPECT_EQ(at_five_percent({std::nextafter(0.05, 1.0)}), Flags{false});
}

// Sorted 0.005, 0.011, 0.02, 0.04 against 0.0125, 0.01667, 0.025, 0.05.
TEST(HolmTest, EachStepHasAWiderBar) {
  EXPECT_EQ(at_five_percent({0.04, 0.005, 0.02, 0.011}), Flags(4, true));
}

// Sorted 0.01, 0.02, 0.03, 0.04: 0.02 > 0.01667 stops it, and 0.03 and 0.04 with it,
// although 0.04 <= 0.05.
TEST(HolmTest, TheFirstThatFailsStopsTheRest) {
  EXPECT_EQ(at_five_percent({0.01, 0.04, 0.03, 0.02}),
            (Flags{true, false, false, false}));
}

TEST(HolmTest, BonferronisBarComesFirst) {
  // 0.05 / 40.
  std::vector<double> p_values(40, 0.5);
  p_values[7] = 0.00125;
  Flags expected(40, false);
  expected[7] = true;
  EXPECT_EQ(at_five_percent(p_values), expected);
  p_values[7] = 0.00126;
  EXPECT_EQ(at_five_percent(p_values), Flags(40, false));
}

TEST(HolmTest, TiesAreRejectedTogether) {
  EXPECT_EQ(at_five_percent({0.02, 0.02}), (Flags{true, true}));
  EXPECT_EQ(at_five_percent({0.03, 0.03}), (Flags{false, false}));
}

TEST(HolmTest, NanIsNeverRejectedAndStaysInTheCount) {
  EXPECT_EQ(at_five_percent({kNaN}), Flags{false});
  // 0.03 alone would be; of two it needs 0.025.
  EXPECT_EQ(at_five_percent({0.03, kNaN}), (Flags{false, false}));
  EXPECT_EQ(at_five_percent({kNaN, 0.02}), (Flags{false, true}));
  EXPECT_EQ(holm(std::vector{0.0, 0.01}, kNaN), (Flags{false, false}));
}

}  // namespace
}  // namespace assay::judge
