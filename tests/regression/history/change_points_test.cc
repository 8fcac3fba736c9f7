// SPDX-License-Identifier: MIT
#include "regression/history/change_points.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace assay::history {
namespace {

// Noise of standard deviation 1 that is the same with every standard library: their
// normal_distribution differ. Sum of twelve uniform numbers.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : engine_(seed) {}
  double operator()() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(engine_()) / 4294967296.0;
    return sum;
  }

 private:
  std::mt19937 engine_;
};

std::vector<double> levels(const std::vector<std::pair<double, int>>& parts, double sd,
                           std::uint32_t seed) {
  Noise noise(seed);
  std::vector<double> values;
  for (const auto& [level, count] : parts) {
    for (int i = 0; i < count; ++i) values.push_back(level + sd * noise());
  }
  return values;
}

TEST(ChangePointsTest, FindsAStepWhereItIs) {
  for (const double step : {-0.05, -0.03, 0.03, 0.08}) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      const auto values = levels({{0.2, 15}, {0.2 + step, 15}}, 0.003, seed);
      const auto found = find_change_points(values);
      ASSERT_EQ(found.size(), 1U) << step << " seed " << seed;
      EXPECT_NEAR(static_cast<double>(found[0].index), 15, 1) << step;
      EXPECT_NEAR(found[0].change, step, 0.005);
      EXPECT_LT(found[0].p, 0.001);
    }
  }
}

TEST(ChangePointsTest, FindsThemAll) {
  const auto values = levels({{0.2, 30}, {0.25, 30}, {0.15, 30}, {0.2, 30}}, 0.005, 7);
  const auto found = find_change_points(values);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].index, 30U);
  EXPECT_EQ(found[1].index, 60U);
  EXPECT_EQ(found[2].index, 90U);
  EXPECT_GT(found[0].change, 0);
  EXPECT_LT(found[1].change, 0);
}

// The correction for the number of places is what keeps a long quiet series quiet: at
// p < 0.001 each, one of 194 places would find something in every sixth series.
TEST(ChangePointsTest, NoiseHasNone) {
  int false_alarms = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const auto values = levels({{0.2, 60}}, 0.03, seed);
    false_alarms += find_change_points(values).empty() ? 0 : 1;
  }
  EXPECT_LE(false_alarms, 1);
}

TEST(ChangePointsTest, ASpikeIsNoLevel) {
  for (const std::size_t width : {1U, 2U}) {
    auto values = levels({{0.2, 40}}, 0.002, 3);
    for (std::size_t i = 0; i < width; ++i) values[20 + i] += 0.2;
    EXPECT_TRUE(find_change_points(values).empty()) << width;
  }
}

TEST(ChangePointsTest, SmallMovesAreOfNoInterest) {
  EXPECT_TRUE(find_change_points(levels({{0.2, 30}, {0.215, 30}}, 0.001, 5)).empty());
  EXPECT_EQ(find_change_points(levels({{0.2, 30}, {0.225, 30}}, 0.001, 5)).size(), 1U);
}

TEST(ChangePointsTest, NeedsThreeOnEachSide) {
  const std::vector<double> two_after = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  EXPECT_TRUE(find_change_points(two_after).empty());
  const std::vector<double> three_after = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1};
  const auto found = find_change_points(three_after);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].index, 7U);
  EXPECT_EQ(found[0].p, 0);
}

TEST(ChangePointsTest, ShortEqualAndBrokenSeriesHaveNone) {
  EXPECT_TRUE(find_change_points({}).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>{0, 0, 0, 1, 1}).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>(50, 0.1)).empty());
  std::vector<double> broken = {0, 0, 0, 0, 1, 1, 1, 1};
  broken[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(find_change_points(broken).empty());
  broken[1] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(find_change_points(broken).empty());
}

}  // namespace
}  // namespace assay::history
