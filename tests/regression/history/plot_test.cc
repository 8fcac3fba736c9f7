// SPDX-License-Identifier: MIT
#include "regression/history/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "regression/report/text.h"
#include "tests/regression/history/made_up_history.h"

namespace assay::history {
namespace {

using judge::Verdict;
using testing::HasSubstr;
using testing::Not;

TEST(SparklineTest, HasEightLevels) {
  const Series series =
      made_up_series(std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7});
  EXPECT_EQ(sparkline(series, 20, false), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(series, 20, true), "12345678");
  EXPECT_EQ(sparkline(series, 3, true), "158");
}

TEST(SparklineTest, NoiseOfHalfAPercentLooksFlat) {
  const Series series =
      made_up_series(std::vector<double>{0.1, 0.104, 0.098, 0.101, 0.1});
  EXPECT_THAT(sparkline(series, 20, true), testing::MatchesRegex("[45]+"));
  EXPECT_EQ(sparkline(made_up_series(std::vector<double>{3}), 20, true).size(), 1U);
}

TEST(SparklineTest, APointWithoutARatioIsADot) {
  Series series = made_up_series(std::vector<double>{0, 1, 0});
  series.points[1].gate.log_ratio.reset();
  series.points[2].gate.log_ratio = 0.5;
  EXPECT_EQ(sparkline(series, 20, true), "1.8");
  EXPECT_EQ(sparkline(series, 20, false), "▁·█");
  EXPECT_EQ(sparkline(made_up_series({}), 20, false), "");
}

Series with_everything() {
  Series series = made_up_series(
      std::vector<double>{0.20, 0.202, 0.199, 0.2, 0.1, 0.101, 0.098, 0.1});
  series.points[3].gate.verdict = Verdict::inconclusive;
  series.points[3].gate.half_width = 0.03;
  series.points[4].gate.verdict = Verdict::regressed;
  series.points[6].gate.log_ratio.reset();
  series.points[6].gate.verdict = Verdict::wrong_result;
  return series;
}

TEST(PlotTest, LooksLikeThis) {
  const Series series = with_everything();
  const ChangePoint moved{.index = 4, .change = -0.1, .p = 0};
  EXPECT_EQ(plot(series, {&moved, 1}, {.width = 60, .height = 7, .ascii = true}),
            R"--(   1.236 + |     o     |     |
         | o     |     o     ?
         |                   |
   1.163 +
         |
         |                         X     o           o
   1.094 +                         |     |           |
         +--------------------------------------------
                                   ^           !
          2026-01-01                        2026-01-08
  o ratio  | its 95 % interval  X regressed  ? inconclusive
  ! no ratio: refused  ^ the level moved
)--");
}

TEST(PlotTest, UnicodeDrawsTheSameCells) {
  const Series series = with_everything();
  const std::string ascii = plot(series, {}, {.width = 60, .height = 7, .ascii = true});
  const std::string unicode = plot(series, {}, {.width = 60, .height = 7});
  EXPECT_THAT(unicode, HasSubstr("●"));
  EXPECT_THAT(unicode, HasSubstr("✗"));
  EXPECT_THAT(unicode, HasSubstr("○"));
  std::istringstream a(ascii);
  std::istringstream u(unicode);
  std::string x;
  std::string y;
  while (std::getline(a, x) && std::getline(u, y)) {
    EXPECT_EQ(report::display_width(x), report::display_width(y)) << x << "\n" << y;
  }
  EXPECT_EQ(plot(series, {}, {}), plot(series, {}, {}));
}

TEST(PlotTest, NoLineIsLongerThanTheWidth) {
  std::vector<double> values(500);
  for (std::size_t i = 0; i < 500; ++i) {
    values[i] = static_cast<double>(i % 7) * 0.5 - 50;
  }
  for (const std::size_t count : {1U, 2U, 3U, 9U, 29U, 30U, 31U, 100U, 500U}) {
    const Series series = made_up_series(std::span(values).first(count));
    const ChangePoint moved{.index = count - 1, .change = 0, .p = 0};
    for (const std::size_t width : {40U, 60U, 100U}) {
      std::istringstream lines(plot(series, {&moved, 1}, {.width = width}));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(report::display_width(line), width) << count << "\n" << line;
      }
    }
  }
}

TEST(PlotTest, ALongSeriesShowsItsEndAndSaysSo) {
  const Series series = made_up_series(std::vector<double>(200, 0.1));
  const std::string text = plot(series, {}, {.width = 100});
  EXPECT_THAT(text, HasSubstr("earlier not shown"));
  EXPECT_THAT(text, HasSubstr(series.points.back().utc.substr(0, 10)));
  const ChangePoint moved_before{.index = 3, .change = 0.1, .p = 0};
  EXPECT_EQ(plot(series, {&moved_before, 1}, {.width = 100}), text);
  EXPECT_THAT(plot(made_up_series(std::vector<double>(5, 0.1)), {}, {}),
              Not(HasSubstr("not shown")));
}

TEST(PlotTest, NothingToDrawIsNoCrash) {
  EXPECT_THAT(plot(made_up_series({}), {}, {}), HasSubstr("no sessions"));
  Series series = made_up_series(std::vector<double>{0.1});
  series.points[0].gate.log_ratio.reset();
  EXPECT_THAT(plot(series, {}, {}), HasSubstr("!"));
  series.points[0].gate.log_ratio = 0.1;
  series.points[0].gate.half_width = HUGE_VAL;
  EXPECT_THAT(plot(series, {}, {}), HasSubstr("●"));
}

}  // namespace
}  // namespace assay::history
