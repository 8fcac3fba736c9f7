// SPDX-License-Identifier: MIT
#include "regression/selftest/common_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "regression/judge/distributions.h"

namespace assay::selftest {
namespace {

using measure::Block;
using measure::Comparison;

double two_sided(double z) { return 2 * judge::normal_cdf(-z); }

// All of a below all of b, 3 and 3: U = 0, mean 4.5, sigma^2 = 9 / 12 x 7 = 5.25.
TEST(MannWhitneyTest, SeparateSamplesByHand) {
  const std::vector<double> a = {1, 2, 3};
  const std::vector<double> b = {4, 5, 6};
  EXPECT_NEAR(mann_whitney_p(a, b), two_sided(4 / std::sqrt(5.25)), 1e-12);
  EXPECT_NEAR(mann_whitney_p(a, b), 0.0808556, 1e-6);
  EXPECT_EQ(mann_whitney_p(a, b), mann_whitney_p(b, a));
}

// a = 1, 2, 2 and b = 2, 3: ranks 1, 3, 3 | 3, 5; U = 7 - 6 = 1, mean 3; one tie of 3:
// sigma^2 = 6 / 12 x (6 - 24 / 20) = 2.4.
TEST(MannWhitneyTest, TiesShareTheirRankByHand) {
  const std::vector<double> a = {1, 2, 2};
  const std::vector<double> b = {2, 3};
  EXPECT_NEAR(mann_whitney_p(a, b), two_sided(1.5 / std::sqrt(2.4)), 1e-12);
}

TEST(MannWhitneyTest, EqualSamplesShowNothing) {
  const std::vector<double> same = {2, 2, 2};
  EXPECT_EQ(mann_whitney_p(same, same), 1);
  const std::vector<double> a = {1, 4};
  const std::vector<double> b = {2, 3};
  EXPECT_EQ(mann_whitney_p(a, b), 1);  // |U - mean| = 0, less than the correction
}

TEST(MannWhitneyTest, NanAndNothingAreNoNumber) {
  const std::vector<double> a = {1, std::numeric_limits<double>::quiet_NaN()};
  const std::vector<double> b = {2, 3};
  EXPECT_TRUE(std::isnan(mann_whitney_p(a, b)));
  EXPECT_TRUE(std::isnan(mann_whitney_p(b, a)));
  EXPECT_TRUE(std::isnan(mann_whitney_p({}, b)));
}

// Block b of process p: custom times custom + b and custom + b + 0.5, library 100.
Comparison recorded(double custom) {
  Comparison comparison;
  comparison.processes.resize(3);  // the first measured nothing
  for (std::size_t p = 1; p < 3; ++p) {
    for (int b = 0; b < 8; ++b) {
      Block block;
      const double time = custom * (p == 1 ? 1 : 100) + b;
      block.custom_ns = {time, time + 0.5};
      block.library_ns = {100, 100};
      comparison.processes[p].blocks.push_back(block);
    }
  }
  return comparison;
}

TEST(CommonRulesTest, TenTimesAreTheFirstOfTheFirstProcess) {
  EXPECT_EQ(ten_times(recorded(100)),
            (std::vector<double>{100, 100.5, 101, 101.5, 102, 102.5, 103, 103.5, 104,
                                 104.5}));
  EXPECT_TRUE(ten_times(Comparison()).empty());
}

TEST(CommonRulesTest, EachHasItsEdgeAtTenPercent) {
  const Comparison stored = recorded(100);
  const Comparison same = recorded(100);
  const Comparison slower = recorded(109);
  const Comparison slow = recorded(113);
  for (const CommonRule rule : kAllCommonRules) {
    SCOPED_TRACE(to_string(rule));
    EXPECT_FALSE(alarm(rule, stored, same));
    EXPECT_TRUE(alarm(rule, stored, slow));
    EXPECT_FALSE(alarm(rule, slow, stored));  // faster is no alarm
    EXPECT_EQ(alarm(rule, stored, slower), rule == CommonRule::mann_whitney);
    EXPECT_FALSE(alarm(rule, stored, Comparison()));
    EXPECT_FALSE(alarm(rule, Comparison(), slow));
  }
}

TEST(CommonRulesTest, OneProcessLooksAtTheRatio) {
  Comparison slow = recorded(130);
  for (auto& process : slow.processes) {
    for (Block& block : process.blocks) block.library_ns = {130, 130};
  }
  // Both arms slower: only the rules without a reference are alarmed.
  EXPECT_FALSE(alarm(CommonRule::one_process, recorded(100), slow));
  EXPECT_TRUE(alarm(CommonRule::mean_of_ten, recorded(100), slow));
  EXPECT_TRUE(alarm(CommonRule::min_of_ten, recorded(100), slow));
}

}  // namespace
}  // namespace assay::selftest
