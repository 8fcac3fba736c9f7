// SPDX-License-Identifier: MIT
// Known values: computed with 30 digits (mpmath) for the exact doubles given here; the
// closed forms of nu = 1, 2 and the tables of the literature agree with them.
#include "regression/judge/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

void expect_relative(double found, double expected, double tolerance = 1e-8) {
  EXPECT_LE(std::fabs(found - expected), tolerance * std::fabs(expected))
      << "found " << found << ", expected " << expected;
}

TEST(StudentTQuantileTest, AgreesWithKnownValues) {
  const struct {
    double p, nu, t;
  } known[] = {
      {0.975, 1, 12.706204736174693},   {0.975, 2, 4.3026527297494618},
      {0.975, 3, 3.1824463052837084},   {0.975, 4, 2.7764451051977935},
      {0.975, 9, 2.262157162798205},    {0.995, 4, 4.604094871349992},
      {0.9, 7, 1.4149239276505086},     {0.975, 2.5, 3.5746548420036818},
      {0.975, 30, 2.0422724563012379},  {0.975, 120, 1.9799304050824405},
      {0.975, 1e4, 1.9602012398906259}, {0.975, 5e5, 1.9599687290938045},
      {0.9995, 2, 31.599054576445363},  {0.6, 5, 0.26718086570414507},
      {1e-10, 1, -3183098861.8379066},  {1e-10, 3, -2225.7692846830932},
      {1e-6, 0.5, -102849115631.63401},
  };
  for (const auto& [p, nu, t] : known) {
    SCOPED_TRACE(testing::Message() << "p " << p << " nu " << nu);
    expect_relative(student_t_quantile(p, nu), t);
  }
}

TEST(StudentTCdfTest, AgreesWithKnownValuesInBothTails) {
  const struct {
    double t, nu, p;
  } known[] = {
      {1, 1, 0.75},
      {2, 3, 0.93033701572057841},
      {-2.5, 7, 0.020496109292876448},
      {0.001, 5, 0.50037960661390117},
      {-30, 4, 3.6764280488306611e-6},
      {-1e8, 3, 1.1026577908435837e-24},
      {1.5, 100, 0.93161747093765557},
      {-3, 1e6, 0.0013499312707108985},
      {-3, 2e6, 0.0013499146511160679},
      {-1e200, 1, 3.1830988618379068e-201},
      {-8, 5e4, 6.3536027632492404e-16},
  };
  for (const auto& [t, nu, p] : known) {
    SCOPED_TRACE(testing::Message() << "t " << t << " nu " << nu);
    expect_relative(student_t_cdf(t, nu), p);
  }
  EXPECT_EQ(student_t_cdf(0, 3), 0.5);
}

TEST(StudentTCdfTest, UndoesTheQuantile) {
  for (const double nu : {0.7, 1.0, 2.0, 4.5, 17.0, 300.0, 1e5, 3e6}) {
    for (const double p : {1e-6, 0.01, 0.2, 0.5, 0.7, 0.975, 0.9999}) {
      SCOPED_TRACE(testing::Message() << "p " << p << " nu " << nu);
      expect_relative(student_t_cdf(student_t_quantile(p, nu), nu), p);
    }
  }
}

TEST(StudentTQuantileTest, IsOddAroundOneHalf) {
  EXPECT_EQ(student_t_quantile(0.5, 3), 0);
  EXPECT_EQ(student_t_quantile(0.25, 3), -student_t_quantile(0.75, 3));
}

TEST(NormalTest, AgreesWithKnownValues) {
  expect_relative(normal_quantile(0.975), 1.9599639845400539);
  expect_relative(normal_quantile(0.995), 2.5758293035489005);
  expect_relative(normal_quantile(0.6), 0.25334710313579974);
  expect_relative(normal_quantile(1e-10), -6.3613409024040562);
  expect_relative(normal_quantile(1e-300), -37.047096299361199);
  expect_relative(normal_cdf(1), 0.84134474606854293);
}

TEST(DistributionsTest, AreNanOutsideOfTheirDomain) {
  for (const double p : {0.0, 1.0, -0.1, 1.5, kNaN}) {
    EXPECT_TRUE(std::isnan(student_t_quantile(p, 3))) << p;
    EXPECT_TRUE(std::isnan(student_t_quantile(p, 1e9))) << p;
    EXPECT_TRUE(std::isnan(normal_quantile(p))) << p;
  }
  for (const double nu : {0.0, -1.0, kNaN}) {
    EXPECT_TRUE(std::isnan(student_t_quantile(0.9, nu))) << nu;
    EXPECT_TRUE(std::isnan(student_t_cdf(1, nu))) << nu;
  }
  EXPECT_TRUE(std::isnan(student_t_cdf(kNaN, 3)));
  EXPECT_TRUE(std::isnan(incomplete_beta(0, 1, 0.5, 0.5)));
  EXPECT_TRUE(std::isnan(incomplete_beta(1, 1, kNaN, 0.5)));
}

TEST(IncompleteBetaTest, AgreesWithKnownValues) {
  expect_relative(incomplete_beta(2, 3, 0.5, 0.5), 0.6875);
  expect_relative(incomplete_beta(0.5, 0.5, 0.25, 0.75), 1.0 / 3);
  expect_relative(incomplete_beta(10, 0.5, 0.9, 0.1), 0.15164090963470997);
  expect_relative(incomplete_beta(1, 1, 0.3, 0.7), 0.3);
  expect_relative(incomplete_beta(200, 0.5, 0.99, 0.01), 0.045094107137079686);
  EXPECT_EQ(incomplete_beta(2, 3, 0, 1), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1, 0), 1);
}

// By exact rational arithmetic; n = 8, 16, 32, 64 are the table of the design study.
TEST(SignTestRankTest, IsExact) {
  const struct {
    std::size_t n, at_95, at_99;
  } known[] = {{0, 0, 0},        {1, 0, 0},         {5, 0, 0},        {6, 1, 0},
               {8, 1, 1},        {9, 2, 1},         {12, 3, 2},       {16, 4, 3},
               {20, 6, 4},       {32, 10, 9},       {50, 18, 16},     {64, 24, 22},
               {100, 40, 37},    {500, 228, 221},   {1000, 469, 459}, {1001, 470, 460},
               {2000, 956, 942}, {5000, 2431, 2409}};
  for (const auto& [n, at_95, at_99] : known) {
    EXPECT_EQ(sign_test_rank(n, 0.95), at_95) << n;
    EXPECT_EQ(sign_test_rank(n, 0.99), at_99) << n;
  }
}

// P(Bin(2, 1/2) < 1) is exactly 1/4: the rule says <=.
TEST(SignTestRankTest, TakesEquality) { EXPECT_EQ(sign_test_rank(2, 0.5), 1U); }

TEST(SignTestRankTest, RefusesWhatIsNoConfidence) {
  for (const double confidence : {0.0, 1.0, -1.0, 2.0, kNaN}) {
    EXPECT_EQ(sign_test_rank(100, confidence), 0U) << confidence;
  }
}

}  // namespace
}  // namespace assay::judge
