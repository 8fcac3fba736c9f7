// SPDX-License-Identifier: MIT
#include "regression/report/rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/regression/report/made_up_run.h"

namespace assay::report {
namespace {

using judge::Verdict;
using measure::Scope;

TEST(NaturalLessTest, ComparesNumbersByValue) {
  EXPECT_TRUE(natural_less("64x64", "512x512"));
  EXPECT_FALSE(natural_less("512x512", "64x64"));
  EXPECT_TRUE(natural_less("8x8", "8x16"));
  EXPECT_TRUE(natural_less("a", "b"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_FALSE(natural_less("08", "8"));
  EXPECT_FALSE(natural_less("", ""));
  // Longer than any integer type.
  EXPECT_TRUE(natural_less("99999999999999999999998", "99999999999999999999999"));
}

TEST(GroupRowsTest, SortsByCaseThenScopeAndQuotesTheBestLibrary) {
  MadeUpRun run;
  run.add("512x512x512", "openblas", Scope::with_transfer);
  run.add("512x512x512", "openblas", Scope::kernel, 1.5);
  run.add("64x64x64", "openblas");
  run.add("512x512x512", "blis", Scope::kernel, 1.2);
  const std::vector<Group> groups = group_rows(run.rows);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].quoted->comparison->shape, "64x64x64");
  EXPECT_EQ(groups[1].quoted->comparison->library.implementation, "blis");
  ASSERT_EQ(groups[1].others.size(), 1U);
  EXPECT_EQ(groups[1].others[0]->comparison->library.implementation, "openblas");
  EXPECT_EQ(groups[2].quoted->comparison->custom_scope, Scope::with_transfer);
}

TEST(GroupRowsTest, DifferentConditionsAreDifferentCases) {
  MadeUpRun run;
  for (int i = 0; i < 9; ++i) run.add("8x8x8", "openblas");
  run.comparisons[1].compute_units = 1;
  run.comparisons[2].device = "inline://";
  run.comparisons[3].data = "integers";
  run.comparisons[4].seed = 2;
  run.comparisons[5].custom.implementation = "tiled";
  run.comparisons[6].dtype = "f16";
  run.comparisons[7].op = "axpy";
  run.comparisons[8].library_scope = Scope::cold;
  EXPECT_EQ(group_rows(run.rows).size(), 9U);
}

TEST(JudgeAllTest, JudgesEveryComparison) {
  measure::Results results;
  results.comparisons.resize(3);
  results.comparisons[2].failure = "worker died";
  const std::vector<Row> rows = judge_all(results, judge::Rules());
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].comparison, &results.comparisons[2]);
  EXPECT_EQ(rows[2].judged.reason, "worker died");
}

TEST(ExitCodeOfRowsTest, NothingIsAUsageError) {
  EXPECT_EQ(exit_code_of({}, false, false), judge::exit_code::kUsage);
}

TEST(ExitCodeOfRowsTest, TheWorstQuotedRowWins) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  EXPECT_EQ(exit_code_of(run.rows, true, true), 0);
  MadeUpRun::refuse(run.add("16x16x16", "openblas"), Verdict::library_impaired, "x");
  EXPECT_EQ(exit_code_of(run.rows, true, true), 6);
  MadeUpRun::refuse(run.add("32x32x32", "openblas"), Verdict::wrong_result, "x");
  EXPECT_EQ(exit_code_of(run.rows, true, true), 3);
}

TEST(ExitCodeOfRowsTest, InconclusiveCountsWhenStrict) {
  MadeUpRun run;
  Row& row = run.add("8x8x8", "openblas");
  row.judged.verdict = Verdict::inconclusive;
  row.judged.speed = judge::Speed::cannot_tell;
  EXPECT_EQ(exit_code_of(run.rows, false, false), 0);
  EXPECT_EQ(exit_code_of(run.rows, true, false), 4);
}

TEST(ExitCodeOfRowsTest, AnImpairedLibraryBesideAGoodOneHarmsNobody) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  MadeUpRun::refuse(run.add("8x8x8", "blis"), Verdict::library_impaired, "x");
  EXPECT_EQ(exit_code_of(run.rows, true, true), 0);
}

TEST(ExitCodeOfRowsTest, AWrongResultBesideAGoodOneIsNotHidden) {
  MadeUpRun run;
  run.add("8x8x8", "openblas");
  MadeUpRun::refuse(run.add("8x8x8", "blis"), Verdict::wrong_result, "x");
  EXPECT_EQ(exit_code_of(run.rows, false, false), 3);
}

}  // namespace
}  // namespace assay::report
