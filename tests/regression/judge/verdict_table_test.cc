// SPDX-License-Identifier: MIT
// Precedence as a table: each row spoils a good comparison in one way, and every pair
// of rows spoils it in two: the row that stands higher must win.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "regression/judge/verdict.h"
#include "tests/regression/judge/made_up.h"
#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

using measure::Comparison;

struct Fault {
  std::string name;
  int level;  // lower wins; equal levels: either reason
  std::function<void(Comparison&)> apply;
  Verdict verdict;
  std::string reason;  // part of it
};

measure::ProcessSamples& last(Comparison& c) { return c.processes.back(); }

Fault bad_time(const std::string& name, double value, const std::string& shown) {
  return {
      name, 3, [value](Comparison& c) { last(c).blocks.back().library_ns[1] = value; },
      Verdict::invalid_run, "process 4, block 7: a library time of " + shown + " ns"};
}

// What makes a result wrong.
std::vector<Fault> faults_of_results() {
  return {
      {"unlike_scopes", 0,
       [](Comparison& c) { c.library_scope = measure::Scope::with_transfer; },
       Verdict::invalid_run,
       "unlike scopes: kernel / with_transfer: a ratio of the two does not exist"},
      {"never_written", 1,
       [](Comparison& c) { last(c).custom_check.never_written = 3; },
       Verdict::wrong_result, "coverage: 3 of 1000 checked elements never written"},
      {"guards_broken", 1,
       [](Comparison& c) { last(c).custom_check.guards_intact = false; },
       Verdict::wrong_result, "custom (packed): wrote outside of its operands"},
      {"not_ok", 1, [](Comparison& c) { last(c).custom_check.ok = false; },
       Verdict::wrong_result, "elements wrong"},
      {"wrong_count", 1, [](Comparison& c) { last(c).custom_check.wrong = 7; },
       Verdict::wrong_result, "7 of 1000 checked elements wrong"},
      {"error_above_bound", 1, [](Comparison& c) { last(c).custom_check.worst = 1.5; },
       Verdict::wrong_result, "worst error 1.5 x its bound"},
      {"error_nan", 1, [](Comparison& c) { last(c).custom_check.worst = kNaN; },
       Verdict::wrong_result, "worst error nan"},
      {"nothing_checked", 1, [](Comparison& c) { last(c).custom_check.checked = 0; },
       Verdict::wrong_result, "no element was checked"},
      {"library_wrong", 1, [](Comparison& c) { last(c).library_check.ok = false; },
       Verdict::wrong_result, "library (openblas): "},
  };
}

// What makes a run worthless, or its rates.
std::vector<Fault> faults_of_runs() {
  return {
      {"worker_failed", 2,
       [](Comparison& c) { c.failure = "worker died of signal 11"; },
       Verdict::invalid_run, "worker died of signal 11 (after 5 good processes)"},
      {"no_iterations", 3, [](Comparison& c) { last(c).iterations = 0; },
       Verdict::invalid_run, "epochs of 0 iterations"},
      bad_time("time_zero", 0, "0"),
      bad_time("time_negative", -5, "-5"),
      bad_time("time_nan", kNaN, "nan"),
      bad_time("time_infinite", kInfinity, "inf"),
      {"flops_nan", 3, [](Comparison& c) { c.flops = kNaN; }, Verdict::invalid_run,
       "a count of work is none"},
      {"bytes_negative", 3, [](Comparison& c) { c.compulsory_bytes = -1; },
       Verdict::invalid_run, "a count of work is none"},
      {"compiled", 4, [](Comparison& c) { last(c).blocks[1].spoilers.compiles = 2; },
       Verdict::invalid_run, "process 4, block 1: 2 compiles and 0 allocations"},
      {"allocated", 4,
       [](Comparison& c) { last(c).blocks[1].spoilers.allocations = 1; },
       Verdict::invalid_run, "process 4, block 1: 0 compiles and 1 allocations"},
      {"above_peak", 5,
       [](Comparison& c) {
         // 100 GFLOP/s of a best peak of 90.
         for (auto& process : c.processes) process.peak_gflops = 90;
       },
       Verdict::implausible,
       "custom (packed): 100.0 GFLOP/s is above 1.05 x the measured peak of 90.0 "
       "GFLOP/s"},
      {"no_peak", 5,
       [](Comparison& c) {
         for (auto& process : c.processes) process.peak_gflops = 0;
       },
       Verdict::invalid_run, "the FMA peak was not measured"},
      {"impaired", 6,
       [](Comparison& c) {
         c.audit.impaired = true;
         c.audit.reason = "core Haswell on an avx512 machine";
       },
       Verdict::library_impaired, "core Haswell on an avx512 machine"},
      {"dropped", 7,
       [](Comparison& c) {
         for_each_block(c, [](std::size_t, std::size_t b, measure::Block& block) {
           if (b < 3) block.spoilers.steal_ms = 10;
         });
       },
       Verdict::inconclusive,
       "15 of 40 blocks dropped (15 for steal above 1 % of their time)"},
      {"noisy", 8,
       [](Comparison& c) {
         for_each_block(c, [](std::size_t p, std::size_t, measure::Block& block) {
           block.library_ns = {p % 2 == 0 ? 0.9e6 : 1.1e6, 1e6};
         });
       },
       Verdict::inconclusive, "holds 1 and more than 2 % around it"},
  };
}

const std::vector<Fault>& faults() {
  static const std::vector<Fault> table = [] {
    std::vector<Fault> all = faults_of_results();
    for (Fault row : faults_of_runs()) all.push_back(std::move(row));
    return all;
  }();
  return table;
}

TEST(VerdictTableTest, TheUnspoiledComparisonPasses) {
  const Judged judged = judge(steady());
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.speed, Speed::faster);
  EXPECT_EQ(judged.reason, "");
}

TEST(VerdictTableTest, EachFaultIsFoundAndNamed) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.name);
    Comparison comparison = steady();
    fault.apply(comparison);
    const Judged judged = judge(comparison);
    EXPECT_EQ(judged.verdict, fault.verdict) << judged.reason;
    EXPECT_THAT(judged.reason, testing::HasSubstr(fault.reason));
    EXPECT_EQ(judged.reason.find('\n'), std::string::npos);
    if (fault.verdict == Verdict::inconclusive) {
      EXPECT_EQ(judged.speed, Speed::cannot_tell);
    } else {
      EXPECT_EQ(judged.speed, Speed::not_compared);
      EXPECT_EQ(judged.ratio, 0);
    }
  }
}

TEST(VerdictTableTest, OfTwoFaultsTheHigherWins) {
  for (const Fault& high : faults()) {
    for (const Fault& low : faults()) {
      if (high.level >= low.level) continue;
      SCOPED_TRACE(high.name + " over " + low.name);
      Comparison comparison = steady();
      low.apply(comparison);
      high.apply(comparison);
      const Judged judged = judge(comparison);
      EXPECT_EQ(judged.verdict, high.verdict) << judged.reason;
      EXPECT_THAT(judged.reason, testing::HasSubstr(high.reason));
    }
  }
}

// The last process and the last block count as the first do.
TEST(VerdictTableTest, EveryProcessIsLookedAt) {
  for (std::size_t p = 0; p < 5; ++p) {
    Comparison comparison = steady();
    comparison.processes[p].custom_check.ok = false;
    EXPECT_EQ(judge(comparison).verdict, Verdict::wrong_result) << p;
    for (std::size_t b = 0; b < 8; ++b) {
      comparison = steady();
      comparison.processes[p].blocks[b].spoilers.compiles = 1;
      EXPECT_EQ(judge(comparison).verdict, Verdict::invalid_run) << p << " " << b;
    }
  }
}

}  // namespace
}  // namespace assay::judge
