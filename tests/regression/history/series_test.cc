// SPDX-License-Identifier: MIT
#include "regression/history/series.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/regression/history/made_up_history.h"

namespace assay::history {
namespace {

TEST(SeriesTest, IsAGateOverTheSessionsThatCount) {
  History history;
  for (int day = 0; day < 6; ++day) {
    history.entries.push_back(made_up_entry(
        day, {made_up_point("b.kernel", 0.1 * day), made_up_point("a.call", 1)}));
  }
  history.entries[2].injected = 0.1;
  history.entries[3].gates.pop_back();
  const auto all = series_of(history, "", 0);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].gate, "a.call");
  EXPECT_EQ(all[0].points.size(), 4U);
  EXPECT_EQ(all[1].points.size(), 5U);
  const auto some = series_of(history, "kernel", 2);
  ASSERT_EQ(some.size(), 1U);
  ASSERT_EQ(some[0].points.size(), 2U);
  EXPECT_EQ(some[0].points[0].commit, "c4");
  EXPECT_EQ(some[0].points[1].commit, "c5");
  EXPECT_TRUE(series_of(history, "frob", 0).empty());
}

TEST(ChangeOfTest, NeedsTwoRatios) {
  EXPECT_FALSE(change_of(made_up_series({})));
  Series series = made_up_series(std::vector<double>{0.1, 0.2});
  series.points[1].gate.log_ratio.reset();
  EXPECT_FALSE(change_of(series));
}

TEST(ChangeOfTest, FewPointsKnowTheirOwnIntervalsAndTheFloor) {
  Series series = made_up_series(std::vector<double>{0.1, 0.3, 0.13});
  series.points.front().gate.half_width = 0.03;
  series.points.back().gate.half_width = 0.04;
  const auto change = change_of(series);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->first, 0.1);
  EXPECT_EQ(change->last, 0.13);
  EXPECT_NEAR(change->change, 0.03, 1e-12);
  EXPECT_NEAR(change->half_width, 0.05, 1e-12);
  for (SeriesPoint& point : series.points) point.gate.half_width = 0;
  EXPECT_NEAR(change_of(series)->half_width, 1.959964 * std::sqrt(2.0) * 0.003, 1e-8);
}

// A normal variable's median absolute value is 0.6745 of its standard deviation, and a
// difference has sqrt(2) of it. One step is no noise.
TEST(ChangeOfTest, ManyPointsKnowHowSessionsDiffer) {
  const Series noisy = made_up_series(std::vector<double>{0.1, 0.08, 0.1, 0.08, 0.1});
  EXPECT_NEAR(change_of(noisy)->half_width, 1.959964 * 0.02 / 0.67448975, 1e-7);
  const Series step =
      made_up_series(std::vector<double>{0.1, 0.08, 0.1, 0.3, 0.28, 0.3});
  EXPECT_NEAR(change_of(step)->half_width, 1.959964 * 0.02 / 0.67448975, 1e-7);
}

TEST(ChangePointsOfTest, CountPointsWithoutARatio) {
  Series series = made_up_series(std::vector<double>{0, 0, 0, 0, 1, 1, 1, 1});
  series.points[1].gate.log_ratio.reset();
  const auto moved = change_points_of(series);
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].index, 4U);
}

}  // namespace
}  // namespace assay::history
