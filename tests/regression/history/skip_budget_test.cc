// SPDX-License-Identifier: MIT
#include "regression/history/skip_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/regression/history/made_up_history.h"
#include "tests/regression/report/made_up_report.h"

namespace assay::history {
namespace {

using judge::Verdict;
using report::MadeUpReport;
using testing::HasSubstr;
using testing::Not;

// `count` gates, the first `open` of them inconclusive.
void fill(MadeUpReport& made, int count, int open) {
  for (int i = 0; i < count; ++i) {
    made.add("gate." + std::to_string(i),
             i < open ? Verdict::inconclusive : Verdict::pass);
  }
}

Entry session(int day, Verdict verdict) {
  return made_up_entry(day, {made_up_point("gate.0", 0.1, verdict)});
}

TEST(SkipBudgetTest, MoreThanATenthFails) {
  for (const auto& [count, open, ok] : {std::tuple{40, 0, true},
                                        {40, 4, true},
                                        {40, 5, false},
                                        {10, 1, true},
                                        {10, 2, false},
                                        {9, 1, false}}) {
    MadeUpReport made;
    fill(made, count, open);
    const SkipBudget budget = check_skips(made.report, {});
    EXPECT_EQ(budget.ok, ok) << open << " of " << count;
    EXPECT_THAT(budget.message, HasSubstr(std::to_string(open) + " of " +
                                          std::to_string(count) + " gates skipped"));
    if (!ok) {
      EXPECT_THAT(budget.message, HasSubstr("gate.0"));
    }
  }
}

TEST(SkipBudgetTest, TheThirdSessionInARowFailsAndIsNamed) {
  MadeUpReport made;
  fill(made, 40, 1);
  History history;
  EXPECT_TRUE(check_skips(made.report, history).ok);
  history.entries.push_back(session(0, Verdict::inconclusive));
  EXPECT_TRUE(check_skips(made.report, history).ok);
  history.entries.push_back(session(1, Verdict::inconclusive));
  const SkipBudget budget = check_skips(made.report, history);
  EXPECT_FALSE(budget.ok);
  EXPECT_THAT(budget.message, HasSubstr("gate.0 (3 sessions)"));
  // A pass in between starts the count again.
  history.entries.insert(history.entries.begin() + 1, session(5, Verdict::pass));
  EXPECT_TRUE(check_skips(made.report, history).ok);
}

TEST(SkipBudgetTest, ItsOwnLineIsNotCountedTwice) {
  MadeUpReport made;
  fill(made, 40, 1);
  History history;
  history.entries.push_back(session(0, Verdict::inconclusive));
  history.entries.push_back(entry_of(made.report));
  EXPECT_TRUE(check_skips(made.report, history).ok);
  // Suites of one machine share a history.
  history.entries.push_back(made_up_entry(3, {made_up_point("other", 0.1)}));
  history.entries.back().suite = "other";
  EXPECT_TRUE(check_skips(made.report, history).ok);
  history.entries.insert(history.entries.begin(), session(1, Verdict::inconclusive));
  EXPECT_FALSE(check_skips(made.report, history).ok);
}

TEST(SkipBudgetTest, AGateThatTheBaselineLacksIsSkipped) {
  MadeUpReport made;
  fill(made, 38, 0);
  made.add_without_baseline("gate.new");
  EXPECT_TRUE(check_skips(made.report, {}).ok);
  History history;
  for (int day = 0; day < 2; ++day) {
    history.entries.push_back(
        made_up_entry(day, {made_up_point("gate.new", 0, Verdict::no_baseline)}));
  }
  EXPECT_THAT(check_skips(made.report, history).message, HasSubstr("gate.new (3"));
  // Sessions of a time without any baseline say nothing about this one.
  history.entries[1].against = Against::nothing;
  EXPECT_TRUE(check_skips(made.report, history).ok);
}

// Left out on purpose and for a reason that was reviewed: no skip. Nor does it make
// room for skips of others: 4 of 40 would be fine, 4 of 30 are not.
TEST(SkipBudgetTest, WhatTheBaselineLeavesOutIsNoSkipAndNoneOfTheGatesThatCount) {
  MadeUpReport made;
  fill(made, 30, 3);
  History history;
  for (int i = 0; i < 10; ++i) {
    const std::string id = "gate.out." + std::to_string(i);
    made.add(id, Verdict::left_out, "a neighbour").drift = {};
  }
  SkipBudget budget = check_skips(made.report, {});
  EXPECT_TRUE(budget.ok);
  EXPECT_THAT(budget.message, HasSubstr("3 of 30 gates skipped"));
  EXPECT_THAT(budget.message, HasSubstr("; 10 left out by the baseline"));
  made.add("gate.more", Verdict::inconclusive);
  budget = check_skips(made.report, {});
  EXPECT_FALSE(budget.ok);
  // However often.
  for (int day = 0; day < 9; ++day) {
    history.entries.push_back(
        made_up_entry(day, {made_up_point("gate.out.0", 0, Verdict::left_out)}));
  }
  EXPECT_EQ(inconclusive_streak(history, "gate.out.0"), 0U);
}

TEST(SkipBudgetTest, NoBaselineForTheHostIsNoRot) {
  MadeUpReport made;
  fill(made, 40, 0);
  made.make_host_unknown();
  const SkipBudget budget = check_skips(made.report, {});
  EXPECT_TRUE(budget.ok);
  EXPECT_THAT(budget.message, HasSubstr("0 of 40"));
}

TEST(SkipBudgetTest, ALongListOfNamesEnds) {
  MadeUpReport made;
  fill(made, 40, 40);
  const std::string message = check_skips(made.report, {}).message;
  EXPECT_THAT(message, HasSubstr("gate.9 and 30 more"));
  EXPECT_THAT(message, Not(HasSubstr("gate.10")));
}

TEST(StreakTest, CountsBackFromTheLastSessionWithTheGate) {
  History history;
  EXPECT_EQ(inconclusive_streak(history, "gate.0"), 0U);
  history.entries = {session(0, Verdict::inconclusive), session(1, Verdict::pass),
                     session(2, Verdict::inconclusive),
                     session(3, Verdict::inconclusive),
                     made_up_entry(4, {made_up_point("other", 0)})};
  EXPECT_EQ(inconclusive_streak(history, "gate.0"), 2U);
  EXPECT_EQ(inconclusive_streak(history, "other"), 0U);
  // A session with injected work neither ends nor lengthens a streak.
  history.entries.push_back(session(5, Verdict::pass));
  history.entries.back().injected = 0.1;
  EXPECT_EQ(inconclusive_streak(history, "gate.0"), 2U);
}

}  // namespace
}  // namespace assay::history
