// SPDX-License-Identifier: MIT
#include "regression/history/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "backends/interface/status.h"
#include "tests/regression/history/made_up_history.h"
#include "tests/regression/report/made_up_report.h"

namespace assay::history {
namespace {

using judge::Verdict;
using report::MadeUpReport;
using testing::HasSubstr;

TEST(EntryTest, IsWhatTheReportSaid) {
  MadeUpReport made;
  made.add("good");
  made.add_refused("wrong", Verdict::wrong_result, "3 elements");
  made.add_without_baseline("new");
  made.session.injected = 0.1;
  made.session.results.complete = false;
  const Entry entry = entry_of(made.report);
  EXPECT_EQ(entry.utc, "2026-01-31T12:00:00Z");
  EXPECT_EQ(entry.commit, "abc123");
  EXPECT_EQ(entry.host_class, "x86_64-madeup-2c");
  EXPECT_EQ(entry.suite, "core");
  EXPECT_EQ(entry.against, Against::baseline);
  EXPECT_FALSE(entry.complete);
  EXPECT_FALSE(counts(entry));
  ASSERT_EQ(entry.gates.size(), 3U);
  EXPECT_NEAR(*entry.gates[0].log_ratio, std::log(1.25), 1e-12);
  EXPECT_EQ(entry.gates[0].half_width, 0.008);
  EXPECT_NEAR(*entry.gates[0].slowdown, std::log(1.01), 1e-12);
  EXPECT_EQ(entry.gates[1].verdict, Verdict::wrong_result);
  EXPECT_FALSE(entry.gates[1].log_ratio);
  EXPECT_TRUE(entry.gates[2].log_ratio);
  EXPECT_FALSE(entry.gates[2].slowdown);
}

TEST(EntryTest, KnowsWhatASessionWasHeldAgainst) {
  MadeUpReport made;
  made.add("good");
  made.report.against_base = true;
  EXPECT_EQ(entry_of(made.report).against, Against::base);
  made.report.against_base = false;
  made.make_host_unknown();
  EXPECT_EQ(entry_of(made.report).against, Against::nothing);
}

TEST(EntryTest, ComesBackFromItsLine) {
  Entry entry = made_up_entry(3, {made_up_point("a", 0.1), made_up_point("b", -2.5)});
  entry.against = Against::nothing;
  entry.complete = false;
  entry.injected = 0.25;
  entry.gates[0].verdict = Verdict::library_changed;
  entry.gates[0].half_width = HUGE_VAL;
  entry.gates[1].log_ratio.reset();
  entry.gates[1].slowdown.reset();
  const std::string line = to_line(entry);
  EXPECT_EQ(line.find('\n'), line.npos);
  const Entry again = entry_from_line(line);
  EXPECT_EQ(to_line(again), line);
  EXPECT_EQ(again.gates[0].verdict, Verdict::library_changed);
  EXPECT_EQ(again.gates[0].half_width, HUGE_VAL);
  EXPECT_FALSE(again.gates[1].log_ratio);
  EXPECT_EQ(again.against, Against::nothing);
}

// What a report with figures that are none leaves behind can be read again.
TEST(EntryTest, FiguresThatAreNoneAreLeftOut) {
  MadeUpReport made;
  judge::GateJudged& gate = made.add("odd", Verdict::inconclusive);
  gate.comparison.ratio = 0;
  gate.comparison.half_width = std::nan("");
  gate.drift.slowdown = std::nan("");
  const Entry again = entry_from_line(to_line(entry_of(made.report)));
  EXPECT_FALSE(again.gates[0].log_ratio);
  EXPECT_FALSE(again.gates[0].slowdown);
}

std::string problem_of(const std::string& line) {
  try {
    (void)entry_from_line(line);
    return "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    return error.what();
  }
}

// Each replacement makes a good line bad.
TEST(EntryTest, RefusesWhatCannotBeTrusted) {
  const std::string good = to_line(made_up_entry(0, {made_up_point("a", 0.125)}));
  ASSERT_EQ(problem_of(good), "accepted");
  const struct {
    const char* from;
    const char* to;
    const char* problem;
  } cases[] = {
      {"assay.history", "assay.results", "assay.results"},
      {"\"major\":1", "\"major\":2", "2"},
      {"2026-01-01T12:00:00Z", "2026-01-01", "a time like"},
      {"2026-01-01T12:00:00Z", "2026-01-01T12:00:0\\u001b", "a time like"},
      {"\"verdict\":\"pass\"", "\"verdict\":\"fine\"", "unknown verdict"},
      {"\"verdict\":\"pass\"", "\"verdict\":\"unknown\"", "unknown verdict"},
      {"\"log_ratio\":0.125", "\"log_ratio\":101", "logarithm"},
      {"\"log_ratio\":0.125", "\"log_ratio\":\"nan\"", "log_ratio"},
      {"\"half_width\":0.005", "\"half_width\":-0.005", "no width"},
      {"\"half_width\":0.005", "\"half_width\":\"nan\"", "no width"},
      {"\"slowdown\":0.01", "\"slowdown\":-1e300", "logarithm"},
      {"\"against\":\"baseline\"", "\"against\":\"x\"", "baseline, nothing or base"},
      {"\"suite\"", "\"colour\":1,\"suite\"", "colour"},
      {"\"id\":\"a\"", "\"id\":\"a\",\"id\":\"a\"", "id"},
      {"\"id\":\"a\"", "\"id\":\"a\",\"colour\":1", "colour"},
      {"\"complete\":true", "\"complete\":1", "complete"},
  };
  for (const auto& [from, to, problem] : cases) {
    std::string line = good;
    const std::size_t at = line.find(from);
    ASSERT_NE(at, line.npos) << from;
    line.replace(at, std::string_view(from).size(), to);
    EXPECT_THAT(problem_of(line), HasSubstr(problem)) << line;
  }
  const std::string twice =
      to_line(made_up_entry(0, {made_up_point("a", 0), made_up_point("a", 0)}));
  EXPECT_THAT(problem_of(twice), HasSubstr("already"));
  EXPECT_THAT(problem_of(std::string(100'000, '[')), HasSubstr(""));
}

}  // namespace
}  // namespace assay::history
