// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <vector>

#include "regression/judge/verdict.h"

namespace assay::judge {
namespace {

Judged compared(double ratio, Verdict verdict = Verdict::pass) {
  Judged judged;
  judged.verdict = verdict;
  judged.speed = verdict == Verdict::pass ? Speed::faster : Speed::cannot_tell;
  judged.ratio = ratio;
  return judged;
}

Judged refused(Verdict verdict) {
  Judged judged;
  judged.verdict = verdict;
  return judged;
}

TEST(BestLibraryTest, IsTheOneTheCustomArmBeatsLeast) {
  const std::vector<Judged> judged = {compared(1.5), compared(1.1), compared(1.3)};
  EXPECT_EQ(best_library(judged), 1U);
}

TEST(BestLibraryTest, CountsAnUndecidedOneAsCompared) {
  const std::vector<Judged> judged = {compared(1.5),
                                      compared(1.1, Verdict::inconclusive)};
  EXPECT_EQ(best_library(judged), 1U);
}

// An impaired library has the ratio 0, which is the lowest of all.
TEST(BestLibraryTest, NeverPrefersOneWithoutARatio) {
  for (const Verdict verdict :
       {Verdict::library_impaired, Verdict::wrong_result, Verdict::invalid_run}) {
    EXPECT_EQ(best_library(std::vector<Judged>{refused(verdict), compared(1.5)}), 1U);
    EXPECT_EQ(best_library(std::vector<Judged>{compared(1.5), refused(verdict)}), 0U);
  }
}

TEST(BestLibraryTest, OfTheRefusedQuotesTheWorst) {
  const std::vector<Judged> judged = {refused(Verdict::library_impaired),
                                      refused(Verdict::wrong_result),
                                      refused(Verdict::invalid_run)};
  EXPECT_EQ(best_library(judged), 1U);
}

TEST(BestLibraryTest, TakesTheFirstOfEquals) {
  EXPECT_EQ(best_library(std::vector<Judged>{compared(1.1), compared(1.1)}), 0U);
  EXPECT_EQ(best_library(std::vector<Judged>{refused(Verdict::invalid_run),
                                             refused(Verdict::invalid_run)}),
            0U);
}

}  // namespace
}  // namespace assay::judge
