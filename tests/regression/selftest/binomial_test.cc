// SPDX-License-Identifier: MIT
#include "regression/selftest/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::selftest {
namespace {

// Bin(4, 1/2): 1, 4, 6, 4, 1 of 16.
TEST(BinomialTest, TailsAreExact) {
  EXPECT_NEAR(binomial_at_least(3, 4, 0.5), 5.0 / 16, 1e-12);
  EXPECT_NEAR(binomial_at_most(3, 4, 0.5), 15.0 / 16, 1e-12);
  EXPECT_NEAR(binomial_at_most(0, 4, 0.5), 1.0 / 16, 1e-12);
  EXPECT_EQ(binomial_at_least(0, 4, 0.5), 1);
  EXPECT_EQ(binomial_at_least(5, 4, 0.5), 0);
  EXPECT_EQ(binomial_at_most(4, 4, 0.5), 1);
  EXPECT_NEAR(binomial_at_least(1, 10, 0.1), 1 - std::pow(0.9, 10), 1e-12);
}

// 0 of n: the upper bound solves (1 - p)^n = 0.025. 5 of 10: tables say 0.187, 0.813.
TEST(ClopperPearsonTest, AgreesWithTheTables) {
  const Share none = clopper_pearson(0, 30, 0.95);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 1 - std::pow(0.025, 1.0 / 30), 1e-9);
  const Share all = clopper_pearson(30, 30, 0.95);
  EXPECT_NEAR(all.low, std::pow(0.025, 1.0 / 30), 1e-9);
  EXPECT_EQ(all.high, 1);
  const Share half = clopper_pearson(5, 10, 0.95);
  EXPECT_NEAR(half.low, 0.1871, 5e-5);
  EXPECT_NEAR(half.high, 0.8129, 5e-5);
  const Share nothing = clopper_pearson(0, 0, 0.95);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
}

TEST(BalanceTest, IsTheTwoSidedSignTest) {
  EXPECT_EQ(balance_p_value(0, 0), 1);
  EXPECT_EQ(balance_p_value(3, 3), 1);
  EXPECT_NEAR(balance_p_value(6, 0), 2.0 / 64, 1e-12);
  EXPECT_EQ(balance_p_value(0, 6), balance_p_value(6, 0));
}

TEST(EnoughTest, IsTheRuleOfThree) {
  EXPECT_EQ(enough_to_show(0.95), 59U);
  EXPECT_EQ(enough_to_show(0.975), 119U);
  EXPECT_EQ(enough_to_show(0.99), 299U);
}

}  // namespace
}  // namespace assay::selftest
