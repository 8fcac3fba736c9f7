// SPDX-License-Identifier: MIT
#include "regression/judge/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

using Values = std::vector<double>;

TEST(MedianTest, TakesTheMiddleOrTheMeanOfTheTwo) {
  EXPECT_EQ(median(Values{3, 1, 2}), 2);
  EXPECT_EQ(median(Values{4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median(Values{7}), 7);
  EXPECT_EQ(median(Values{5, 5, 5, 5}), 5);
}

TEST(MeanTest, AndStandardDeviationAgreeWithHandCounts) {
  EXPECT_EQ(mean(Values{1, 2, 3, 4}), 2.5);
  EXPECT_DOUBLE_EQ(sample_sd(Values{2, 4, 4, 4, 5, 5, 7, 9}), std::sqrt(32.0 / 7));
  EXPECT_EQ(sample_sd(Values{3, 3, 3}), 0);
}

TEST(MedianAbsoluteDeviationTest, IgnoresAnOutlier) {
  EXPECT_EQ(median_absolute_deviation(Values{1, 2, 3, 4, 100}), 1);
  EXPECT_EQ(median_absolute_deviation(Values{2, 2, 2, 90}), 0);
}

TEST(StatisticsTest, EmptyAndTooShortInputHasNoAnswer) {
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(mean({})));
  EXPECT_TRUE(std::isnan(median_absolute_deviation({})));
  EXPECT_TRUE(std::isnan(sample_sd({})));
  EXPECT_TRUE(std::isnan(sample_sd(Values{1})));
  EXPECT_EQ(t_interval(Values{1}, 0.95).high, kInfinity);
  EXPECT_EQ(sign_test_interval({}, 0.95).low, -kInfinity);
  EXPECT_EQ(lag1_autocorrelation({}), 0);
}

// A NaN that is sorted or compared away turns a broken run into a number.
TEST(StatisticsTest, NanAnywhereStaysNan) {
  for (std::size_t at = 0; at < 9; ++at) {
    Values values = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    values[at] = kNaN;
    EXPECT_TRUE(std::isnan(median(values))) << at;
    EXPECT_TRUE(std::isnan(mean(values))) << at;
    EXPECT_TRUE(std::isnan(sample_sd(values))) << at;
    EXPECT_TRUE(std::isnan(median_absolute_deviation(values))) << at;
    EXPECT_TRUE(std::isnan(lag1_autocorrelation(values))) << at;
    EXPECT_TRUE(std::isnan(autocorrelation_widening(values))) << at;
    for (const Interval interval :
         {sign_test_interval(values, 0.95), t_interval(values, 0.95)}) {
      EXPECT_TRUE(std::isnan(interval.low) && std::isnan(interval.high)) << at;
    }
    for (std::size_t processes = 1; processes <= 3; ++processes) {
      std::vector<Values> all(processes, Values(9, 1.0));
      all.back() = values;
      const Estimate estimate = estimate_log_ratio(all, 0.95);
      EXPECT_TRUE(std::isnan(estimate.center)) << at;
      EXPECT_TRUE(std::isnan(estimate.interval.low)) << at;
      EXPECT_TRUE(std::isnan(estimate.interval.high)) << at;
    }
  }
  EXPECT_TRUE(std::isnan(t_interval(Values{kNaN}, 0.95).low));
  EXPECT_TRUE(std::isnan(lag1_autocorrelation(Values{kNaN})));
}

TEST(SignTestIntervalTest, TakesTheOrderStatistics) {
  // n = 8: k = 1; n = 9: k = 2.
  const Interval eight = sign_test_interval(Values{8, 7, 6, 5, 4, 3, 2, 1}, 0.95);
  EXPECT_EQ(eight.low, 1);
  EXPECT_EQ(eight.high, 8);
  const Interval nine = sign_test_interval(Values{9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.95);
  EXPECT_EQ(nine.low, 2);
  EXPECT_EQ(nine.high, 8);
}

TEST(SignTestIntervalTest, IsEverythingBelowSixValues) {
  EXPECT_EQ(sign_test_interval(Values{1, 1, 1, 1, 1}, 0.95).low, -kInfinity);
  EXPECT_EQ(sign_test_interval(Values{1, 1, 1, 1, 1}, 0.95).high, kInfinity);
  EXPECT_EQ(sign_test_interval(Values(6, 1.0), 0.95).low, 1);
}

TEST(SignTestIntervalTest, TakesTies) {
  const Interval interval = sign_test_interval(Values{1, 1, 1, 1, 1, 1, 2, 2}, 0.95);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 2);
}

TEST(TIntervalTest, AgreesWithAWorkedExample) {
  // Mean 3, sd sqrt(2.5), t_4 at 97.5 % 2.7764451051977935.
  const Interval interval = t_interval(Values{1, 2, 3, 4, 5}, 0.95);
  const double half = 2.7764451051977935 * std::sqrt(2.5 / 5);
  EXPECT_NEAR(interval.low, 3 - half, 1e-8);
  EXPECT_NEAR(interval.high, 3 + half, 1e-8);
}

TEST(Lag1AutocorrelationTest, AgreesWithHandCounts) {
  // Deviations -2 -1 0 1 2: (2 + 0 + 0 + 2) / 10.
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(Values{1, 2, 3, 4, 5}), 0.4);
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(Values{1, -1, 1, -1}), -0.75);
  EXPECT_EQ(lag1_autocorrelation(Values{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), 0);
  EXPECT_EQ(lag1_autocorrelation(Values{1, 2}), 0);
}

TEST(AutocorrelationWideningTest, StartsAboveTwoOverRootN) {
  // r = 0.4 of five values is chance (limit 0.894).
  EXPECT_EQ(autocorrelation_widening(Values{1, 2, 3, 4, 5}), 1);
  Values ramp;
  for (int i = 0; i < 20; ++i) ramp.push_back(i);
  const double r = lag1_autocorrelation(ramp);
  ASSERT_GT(r, 0.8);
  EXPECT_DOUBLE_EQ(autocorrelation_widening(ramp), std::sqrt((1 + r) / (1 - r)));
}

measure::Block block(double c1, double c2, double l1, double l2) {
  measure::Block result;
  result.custom_ns = {c1, c2};
  result.library_ns = {l1, l2};
  return result;
}

TEST(BlockLogRatioTest, IsPositiveWhenCustomIsFaster) {
  EXPECT_DOUBLE_EQ(block_log_ratio(block(1, 1, 2, 2)), std::log(2.0));
  EXPECT_DOUBLE_EQ(block_log_ratio(block(2, 2, 1, 1)), -std::log(2.0));
  EXPECT_EQ(block_log_ratio(block(3, 3, 3, 3)), 0);
}

TEST(BlockLogRatioTest, IsNanForWhatIsNoTime) {
  for (const double bad : {0.0, -1.0, kNaN, kInfinity, -kInfinity}) {
    EXPECT_TRUE(std::isnan(block_log_ratio(block(bad, 1, 1, 1)))) << bad;
    EXPECT_TRUE(std::isnan(block_log_ratio(block(1, bad, 1, 1)))) << bad;
    EXPECT_TRUE(std::isnan(block_log_ratio(block(1, 1, bad, 1)))) << bad;
    EXPECT_TRUE(std::isnan(block_log_ratio(block(1, 1, 1, bad)))) << bad;
  }
}

// A slow-down of 1 % an epoch, geometric, cancels to the last bits; in fixed AABB order
// it would be a difference of 2 %.
TEST(BlockLogRatioTest, DriftCancelsInBothOrders) {
  const double t[] = {1, 1.01, 1.01 * 1.01, 1.01 * 1.01 * 1.01};
  EXPECT_NEAR(block_log_ratio(block(t[0], t[3], t[1], t[2])), 0, 1e-15);  // ABBA
  EXPECT_NEAR(block_log_ratio(block(t[1], t[2], t[0], t[3])), 0, 1e-15);  // BAAB
  EXPECT_GT(std::fabs(block_log_ratio(block(t[0], t[1], t[2], t[3]))), 0.019);
}

TEST(EstimateTest, ThreeProcessesUseTheTOverMedians) {
  // Blocks agree inside of a process; the spread between processes is all that counts.
  const std::vector<Values> processes = {Values(8, 0.1), Values(8, 0.2),
                                         Values(8, 0.3)};
  const Estimate estimate = estimate_log_ratio(processes, 0.95);
  EXPECT_DOUBLE_EQ(estimate.center, 0.2);
  const double half = 4.3026527297494618 * 0.1 / std::sqrt(3.0);
  EXPECT_NEAR(estimate.interval.low, 0.2 - half, 1e-8);
  EXPECT_NEAR(estimate.interval.high, 0.2 + half, 1e-8);
  EXPECT_EQ(estimate.kind, "t over 3 processes");
}

TEST(EstimateTest, OneProcessUsesTheSignTestOverBlocks) {
  const std::vector<Values> processes = {{0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.15, 0.25}};
  const Estimate estimate = estimate_log_ratio(processes, 0.95);
  EXPECT_DOUBLE_EQ(estimate.center, 0.2);
  EXPECT_DOUBLE_EQ(estimate.interval.low, 0.1);
  EXPECT_DOUBLE_EQ(estimate.interval.high, 0.3);
  EXPECT_EQ(estimate.kind, "sign test over 8 blocks");
}

TEST(EstimateTest, OneProcessIsWidenedWhenItsBlocksHangTogether) {
  Values ramp;
  for (int i = 0; i < 20; ++i) ramp.push_back(i);
  const std::vector<Values> processes = {ramp};
  const Estimate estimate = estimate_log_ratio(processes, 0.95);
  const double factor = autocorrelation_widening(ramp);
  const Interval narrow = sign_test_interval(ramp, 0.95);
  ASSERT_GT(factor, 2);
  EXPECT_DOUBLE_EQ(estimate.interval.low, 9.5 - (9.5 - narrow.low) * factor);
  EXPECT_DOUBLE_EQ(estimate.interval.high, 9.5 + (narrow.high - 9.5) * factor);
}

// Sixteen pooled blocks would have k = 4 and pass for twice the evidence.
TEST(EstimateTest, TwoProcessesUseTheHullOfTheirIntervals) {
  const std::vector<Values> processes = {Values(8, 0.1),
                                         {0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.4}};
  const Estimate estimate = estimate_log_ratio(processes, 0.95);
  EXPECT_DOUBLE_EQ(estimate.center, 0.15);
  EXPECT_DOUBLE_EQ(estimate.interval.low, 0.1);
  EXPECT_DOUBLE_EQ(estimate.interval.high, 0.4);
  EXPECT_EQ(estimate.kind, "hull of sign tests over 8 and 8 blocks");
}

TEST(EstimateTest, TwoProcessesOfFewBlocksDecideNothing) {
  const std::vector<Values> processes = {Values(3, 0.1), Values(3, 0.1)};
  const Estimate estimate = estimate_log_ratio(processes, 0.95);
  EXPECT_EQ(estimate.interval.low, -kInfinity);
  EXPECT_EQ(estimate.interval.high, kInfinity);
}

TEST(EstimateTest, NoProcessIsNan) {
  EXPECT_TRUE(std::isnan(estimate_log_ratio({}, 0.95).center));
}

}  // namespace
}  // namespace assay::judge
