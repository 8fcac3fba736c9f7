// SPDX-License-Identifier: MIT
#include "regression/judge/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "regression/judge/arms.h"
#include "regression/judge/examine.h"
#include "tests/regression/judge/made_up.h"
#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

using measure::Comparison;
using testing::HasSubstr;

TEST(RulesTest, KnowTheCacheOfTheMachine) {
  EXPECT_EQ(rules_for(33554432).cache_bytes, 33554432);
  EXPECT_EQ(rules_for(0).cache_bytes, Rules().cache_bytes);
}

TEST(SpeedOfTest, DecidesByTheWholeInterval) {
  const struct {
    double low, high;
    Speed speed;
  } known[] = {
      {1.05, 1.10, Speed::faster},        {0.90, 0.95, Speed::slower},
      {0.99, 1.01, Speed::equal},         {1.005, 1.015, Speed::equal},
      {1.01, 1.03, Speed::faster},        {0.97, 0.99, Speed::slower},
      {0.97, 1.01, Speed::cannot_tell},   {0.99, 1.03, Speed::cannot_tell},
      {1.0, 1.1, Speed::cannot_tell},     {0.9, 1.0, Speed::cannot_tell},
      {1.0, 1.0, Speed::equal},           {1 / 1.02, 1.02, Speed::equal},
      {0.9803, 1.01, Speed::cannot_tell}, {0.99, 1.0201, Speed::cannot_tell},
      {0, kInfinity, Speed::cannot_tell}, {1.5, kInfinity, Speed::faster},
      {kNaN, kNaN, Speed::cannot_tell},   {1.1, kNaN, Speed::cannot_tell},
      {kNaN, 0.9, Speed::cannot_tell},
  };
  for (const auto& [low, high, speed] : known) {
    EXPECT_EQ(speed_of({low, high}, 0.02), speed) << low << " ... " << high;
  }
}

TEST(JudgeTest, ExchangingTheArmsExchangesFasterAndSlower) {
  const struct {
    double custom, library;
    Speed speed, exchanged;
  } known[] = {{1e6, 1.2e6, Speed::faster, Speed::slower},
               {1e6, 1.0005e6, Speed::equal, Speed::equal}};
  for (const auto& [custom, library, speed, exchanged] : known) {
    EXPECT_EQ(judge(steady(custom, library)).speed, speed);
    EXPECT_EQ(judge(steady(library, custom)).speed, exchanged);
  }
}

TEST(JudgeTest, TellsRatioIntervalAndArms) {
  Comparison comparison = steady(1e6, 1.25e6);
  comparison.processes[2].blocks[3].custom_ns[0] = 0.9e6;
  comparison.processes[3].library_check.worst = 0.75;
  comparison.processes[1].peak_gflops = 250;
  const Judged judged = judge(comparison);
  EXPECT_NEAR(judged.ratio, 1.25, 1e-9);
  EXPECT_NEAR(judged.interval.low, 1.25, 1e-9);
  EXPECT_NEAR(judged.interval.high, 1.25, 1e-9);
  EXPECT_NEAR(judged.half_width, 0, 1e-9);
  EXPECT_EQ(judged.interval_kind, "t over 5 processes");
  EXPECT_EQ(judged.custom.median_ns, 1e6);
  EXPECT_EQ(judged.custom.min_ns, 0.9e6);
  EXPECT_DOUBLE_EQ(judged.custom.gflops, 100);
  EXPECT_DOUBLE_EQ(judged.custom.gbs, 1);
  EXPECT_DOUBLE_EQ(judged.peak_gflops, 250);
  EXPECT_DOUBLE_EQ(judged.custom.share_of_peak, 0.4);
  EXPECT_DOUBLE_EQ(judged.library.gflops, 80);
  EXPECT_DOUBLE_EQ(judged.library.worst_error, 0.75);
  EXPECT_EQ(judged.blocks_used, 40U);
  EXPECT_EQ(judged.blocks_dropped, 0U);
}

// Refused before any summary, where the report shows the reason instead; and no smaller
// one hides it from who sums up all the same.
TEST(JudgeTest, TheWorstErrorKeepsNan) {
  Comparison comparison = steady();
  comparison.processes[1].custom_check.worst = kNaN;
  comparison.processes[4].custom_check.worst = 0.5;
  EXPECT_EQ(judge(comparison).verdict, Verdict::wrong_result);
  const ArmSummary summary =
      summarize(comparison, all_blocks(comparison), Arm::custom, 200);
  EXPECT_TRUE(std::isnan(summary.worst_error)) << summary.worst_error;
}

TEST(JudgeTest, TheHalfWidthIsHalfOfTheInterval) {
  Comparison comparison = steady();
  for (measure::Block& block : comparison.processes[0].blocks) {
    block.custom_ns = {1.01e6, 1.01e6};
  }
  const Judged judged = judge(comparison);
  EXPECT_GT(judged.half_width, 1e-3);
  EXPECT_NEAR(judged.half_width,
              0.5 * std::log(judged.interval.high / judged.interval.low), 1e-12);
}

TEST(JudgeTest, OfNoBlocksAllWereDropped) {
  EXPECT_EQ(dropped_share({}), 1);
  EXPECT_EQ(dropped_share(judge(steady())), 0);
}

TEST(JudgeTest, SamplesThatAreNotThereAreInvalid) {
  EXPECT_EQ(judge(steady(1e6, 1e6, 0)).reason, "no samples");
  EXPECT_EQ(judge(steady(1e6, 1e6, 3, 0)).reason, "no samples");
  Comparison crashed = steady(1e6, 1e6, 0);
  crashed.failure = "worker of process 0: killed by signal 9";
  const Judged judged = judge(crashed);
  EXPECT_EQ(judged.verdict, Verdict::invalid_run);
  EXPECT_EQ(judged.reason, crashed.failure);
  Comparison stopped = steady(1e6, 1e6, 0);
  stopped.complete = false;
  EXPECT_EQ(judge(stopped).reason, "no samples: stopped before any");
}

// A worker that finds the result wrong times nothing; that must not read as "no
// samples".
TEST(JudgeTest, AResultFoundWrongBeforeTimingIsWrong) {
  Comparison comparison = steady(1e6, 1e6, 1, 0);
  comparison.processes[0].custom_check = {
      .ok = false, .worst = 9, .checked = 10, .wrong = 4, .detail = "at (0, 1)"};
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::wrong_result);
  EXPECT_EQ(judged.reason,
            "process 0: custom (packed): 4 of 10 checked elements wrong, worst error 9 "
            "x its bound; "
            "at (0, 1)");
}

// So is one that was not compared, by what is known of it all the same.
TEST(JudgeTest, DamageFoundBeforeTheFirstCheckIsWrong) {
  Comparison comparison = steady(1e6, 1e6, 1, 0);
  measure::ArmCheck& check = comparison.processes[0].library_check;
  check = {};
  check.guards_intact = false;
  EXPECT_EQ(judge(comparison).verdict, Verdict::wrong_result);
  check = {};
  check.never_written = 2;
  EXPECT_EQ(judge(comparison).verdict, Verdict::wrong_result);
}

TEST(JudgeTest, AnIncompleteRunSaysSo) {
  Comparison comparison = steady(1e6, 1.2e6, 3);
  comparison.complete = false;
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.reason, "incomplete: stopped after 3 processes");
}

TEST(JudgeTest, FewBlocksOfOneProcessDecideNothing) {
  const Judged judged = judge(steady(1e6, 2e6, 1, 5));
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_THAT(judged.reason, HasSubstr("too few blocks for an interval at 95 % ("));
  EXPECT_EQ(judged.interval.low, 0);
  EXPECT_EQ(judged.interval.high, kInfinity);
  EXPECT_EQ(judge(steady(1e6, 2e6, 1, 6)).speed, Speed::faster);
}

TEST(JudgeTest, ColdMayCompileAndAllocate) {
  Comparison comparison = steady();
  comparison.custom_scope = comparison.library_scope = measure::Scope::cold;
  for_each_block(comparison, [](std::size_t, std::size_t, measure::Block& block) {
    block.spoilers.compiles = 3;
    block.spoilers.allocations = 3;
  });
  EXPECT_EQ(judge(comparison).verdict, Verdict::pass);
  comparison.custom_scope = comparison.library_scope = measure::Scope::with_transfer;
  EXPECT_EQ(judge(comparison).verdict, Verdict::invalid_run);
}

TEST(PlausibilityTest, StartsAboveOnePointZeroFiveTimesThePeak) {
  const auto at_share = [](double share) {
    Comparison comparison = steady(1e6, 1.2e6);
    for (auto& process : comparison.processes) process.peak_gflops = 100 / share;
    return judge(comparison).verdict;
  };
  EXPECT_EQ(at_share(1.0), Verdict::pass);
  EXPECT_EQ(at_share(1.049), Verdict::pass);
  EXPECT_EQ(at_share(1.051), Verdict::implausible);
}

TEST(PlausibilityTest, LooksAtTheLibraryToo) {
  Comparison comparison = steady(1e6, 0.4e6);  // 250 GFLOP/s of 200
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::implausible);
  EXPECT_THAT(judged.reason, HasSubstr("library (openblas): 250.0 GFLOP/s"));
  // Two threads beside one compute unit may reach twice its peak, and no more.
  comparison.audit.threads = 2;
  EXPECT_EQ(judge(comparison).verdict, Verdict::pass);
  comparison.flops = 2e8;
  EXPECT_EQ(judge(comparison).verdict, Verdict::implausible);
}

// 400 GFLOP/s: of as many threads as there are units, of fewer and of none that it
// says, the device's own peak is the limit; of twice as many, twice that.
TEST(PlausibilityTest, ALibrarysPeakIsOfItsThreadsToAUnit) {
  Comparison comparison = steady(1e6, 0.25e6);
  comparison.compute_units = 4;
  for (const int threads : {0, 2, 4, 6}) {
    comparison.audit.threads = threads;
    EXPECT_EQ(judge(comparison).verdict, Verdict::implausible) << threads;
  }
  comparison.audit.threads = 8;
  EXPECT_EQ(judge(comparison).verdict, Verdict::pass);
  comparison = steady(1e6, 0.6e6);  // 167 of 200
  comparison.compute_units = 4;
  comparison.audit.threads = 1;
  EXPECT_EQ(judge(comparison).verdict, Verdict::pass);
}

TEST(PlausibilityTest, TheBestPeakOfTheProcessesCounts) {
  Comparison comparison = steady();
  for (auto& process : comparison.processes) process.peak_gflops = 80;
  comparison.processes[3].peak_gflops = 100;
  EXPECT_EQ(judge(comparison).verdict, Verdict::pass);
}

TEST(PlausibilityTest, BytesBeyondTheCacheMustComeFromMemory) {
  Comparison comparison = steady(1e6, 1e6);
  comparison.flops = 0;
  Rules rules;
  rules.cache_bytes = 1e6;
  const auto at_bytes = [&](double bytes) {
    comparison.compulsory_bytes = bytes;
    return judge(comparison, rules).verdict;
  };
  // Triad 20 GB/s: 1.10 x 4/3 x 20 = 29.3 GB/s, so 29.3e6 bytes in 1 ms from memory.
  EXPECT_EQ(at_bytes(2e6), Verdict::pass);
  EXPECT_EQ(at_bytes(31.2e6), Verdict::pass);
  EXPECT_EQ(at_bytes(31.5e6), Verdict::implausible);
  // In a large cache the same rate is honest.
  rules.cache_bytes = 16e6;
  EXPECT_EQ(at_bytes(31.5e6), Verdict::pass);
}

// A GPU's results do not come from the host's cache, whatever its size.
TEST(PlausibilityTest, ADeviceOfItsOwnHasItsOwnCache) {
  Comparison comparison = steady(1e6, 1e6);
  comparison.flops = 0;
  comparison.compulsory_bytes = 160e6;
  Rules rules;
  rules.cache_bytes = 512e6;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::pass);
  comparison.device_cache_bytes = 50e6;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::implausible);
  comparison.device_cache_bytes = 70e6;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::pass);
  // Unknown: as much as is assumed of a machine that does not say, 64 MiB.
  comparison.device_cache_bytes = 0;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::pass);
  comparison.compulsory_bytes = 165e6;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::implausible);
  rules.cache_bytes = 1e6;
  comparison.compulsory_bytes = 160e6;
  EXPECT_EQ(judge(comparison, rules).verdict, Verdict::pass);
}

TEST(PlausibilityTest, AGuardThatCannotLookIsNoPass) {
  for (const double peak : {0.0, -1.0, kNaN, kInfinity}) {
    Comparison comparison = steady();
    for (auto& process : comparison.processes) process.peak_gflops = peak;
    EXPECT_EQ(judge(comparison).verdict, Verdict::invalid_run) << peak;
    comparison.flops = 0;
    EXPECT_EQ(judge(comparison).verdict, Verdict::pass) << peak;
    comparison.compulsory_bytes = 1e9;
    for (auto& process : comparison.processes) process.peak_gbs = peak;
    EXPECT_EQ(judge(comparison).verdict, Verdict::invalid_run) << peak;
  }
}

TEST(JudgeTest, AnImpairedLibraryLeavesTheFiguresAndNoRatio) {
  Comparison comparison = steady();
  comparison.audit.impaired = true;
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::library_impaired);
  EXPECT_EQ(judged.ratio, 0);
  EXPECT_EQ(judged.interval.low, 0);
  EXPECT_DOUBLE_EQ(judged.custom.gflops, 100);
  EXPECT_FALSE(judged.reason.empty());
}

// On a device that no library runs on, the second arm is the first one again.
TEST(JudgeTest, WithoutAPeerThereIsAFigureAndNoRatio) {
  measure::Comparison comparison = steady(1e6, 1e6);
  comparison.library = {measure::kNoPeer, measure::kNoPeer, ""};
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.speed, Speed::not_compared);
  EXPECT_EQ(judged.ratio, 0);
  EXPECT_EQ(judged.custom.median_ns, 1e6);
  EXPECT_EQ(judged.library.median_ns, 0);
  EXPECT_NE(judged.reason.find("nothing to compare with"), std::string::npos);
  // The guards come first all the same.
  comparison.processes[0].custom_check.wrong = 1;
  EXPECT_EQ(judge(comparison).verdict, Verdict::wrong_result);
}

TEST(ExitCodeTest, FollowsTheTable) {
  const struct {
    Verdict verdict;
    int plain, strict, required;
  } known[] = {{Verdict::pass, 0, 0, 0},         {Verdict::improved, 0, 0, 0},
               {Verdict::regressed, 1, 1, 1},    {Verdict::inconclusive, 0, 4, 0},
               {Verdict::no_baseline, 0, 0, 5},  {Verdict::left_out, 0, 4, 0},
               {Verdict::wrong_result, 3, 3, 3}, {Verdict::implausible, 3, 3, 3},
               {Verdict::invalid_run, 3, 3, 3},  {Verdict::library_impaired, 6, 6, 6}};
  for (const auto& [verdict, plain, strict, required] : known) {
    EXPECT_EQ(exit_code_of(verdict, false, false), plain) << to_string(verdict);
    EXPECT_EQ(exit_code_of(verdict, true, false), strict) << to_string(verdict);
    EXPECT_EQ(exit_code_of(verdict, false, true), required) << to_string(verdict);
  }
}

TEST(ExitCodeTest, TheWorseOfTwoIsTheEarlierInTheOrder) {
  const int order[] = {70, 7, 3, 6, 1, 5, 4, 0};
  for (std::size_t i = 0; i < std::size(order); ++i) {
    for (std::size_t j = i; j < std::size(order); ++j) {
      EXPECT_EQ(worse(order[i], order[j]), order[i]);
      EXPECT_EQ(worse(order[j], order[i]), order[i]);
    }
    for (const int end : {2, 124, 130}) {
      EXPECT_EQ(worse(order[i], end), end);
      EXPECT_EQ(worse(end, order[i]), end);
    }
  }
}

}  // namespace
}  // namespace assay::judge
