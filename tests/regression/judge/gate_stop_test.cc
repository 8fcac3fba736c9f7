// SPDX-License-Identifier: MIT
// The stop rule, the watches and A/B: what needs a session of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "regression/judge/gate.h"
#include "regression/judge/watch.h"
#include "tests/regression/judge/made_up.h"
#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

using measure::Block;
using measure::Comparison;
using testing::HasSubstr;

// Process p's custom arm takes offsets[p % size] longer than 1 ms.
Comparison spread(const std::vector<double>& offsets, std::size_t processes = 5) {
  Comparison comparison = steady(1e6, 1.2e6, processes);
  for_each_block(comparison, [&](std::size_t p, std::size_t, Block& block) {
    const double time = 1e6 * std::exp(offsets[p % offsets.size()]);
    block.custom_ns = {time, time};
  });
  return comparison;
}

GateReference reference(Tier tier) {
  GateReference reference;
  reference.log_ratio = std::log(1.2);
  reference.process_sd = 0.002;
  reference.processes = 25;
  reference.sessions = 5;
  reference.tier = tier;
  return reference;
}

bool wants_more(const Comparison& now, const GateReference& reference) {
  GateInput input;
  input.now = &now;
  input.reference = &reference;
  return wants_more_processes(input, {});
}

TEST(StopRuleTest, StopsWhenTheTierCanDecide) {
  const Comparison quiet = spread({-0.001, 0.001});
  const Comparison loud = spread({-0.015, 0.015});
  const Comparison wild = spread({-0.04, 0.04});
  EXPECT_FALSE(wants_more(quiet, reference(Tier::tight)));
  EXPECT_TRUE(wants_more(loud, reference(Tier::tight)));
  EXPECT_FALSE(wants_more(loud, reference(Tier::standard)));
  EXPECT_TRUE(wants_more(wild, reference(Tier::standard)));
}

// Wherever the interval lies, the answer is the same: stopping says nothing.
TEST(StopRuleTest, LooksAtTheWidthAlone) {
  for (const std::vector<double>& offsets :
       {std::vector{-0.001, 0.001}, std::vector{-0.015, 0.015}}) {
    const bool here = wants_more(spread(offsets), reference(Tier::tight));
    for (const double slower : {-0.5, -0.02, 0.0198, 0.036, 0.0488, 0.5}) {
      Comparison moved = spread({offsets[0] + slower, offsets[1] + slower});
      EXPECT_EQ(wants_more(moved, reference(Tier::tight)), here) << slower;
    }
  }
}

TEST(StopRuleTest, OneProcessIsNeverEnough) {
  EXPECT_TRUE(wants_more(spread({0}, 1), reference(Tier::standard)));
}

TEST(StopRuleTest, WhatMoreProcessesCannotMendIsLeft) {
  Comparison wrong = spread({-0.04, 0.04});
  wrong.processes[0].custom_check.wrong = 1;
  EXPECT_FALSE(wants_more(wrong, reference(Tier::tight)));
}

TEST(StopRuleTest, WithoutAReferenceEnoughUsableProcessesAreARecord) {
  Comparison wild = spread({-0.04, 0.04}, 3);
  GateInput nothing;
  nothing.now = &wild;
  EXPECT_FALSE(wants_more_processes(nothing, {.processes_to_record = 3}));
  EXPECT_TRUE(wants_more_processes(nothing, {.processes_to_record = 4}));
  // One of them was disturbed from its first block to its last.
  for (measure::ProcessSamples& process : wild.processes) {
    for (measure::Block& block : process.blocks) block.spoilers.probe_ns = 5;
  }
  EXPECT_FALSE(wants_more_processes(nothing, {.processes_to_record = 3}));
  for (measure::Block& block : wild.processes[1].blocks) block.spoilers.probe_ns = 8;
  EXPECT_TRUE(wants_more_processes(nothing, {.processes_to_record = 3}));
}

TEST(StopRuleTest, WhereOthersSpoiledNearlyAllMoreIsWanted) {
  Comparison quiet = spread({-0.001, 0.001}, 60);
  EXPECT_FALSE(wants_more(quiet, reference(Tier::tight)));
  for (std::size_t p = 0; p < quiet.processes.size(); ++p) {
    for (measure::Block& block : quiet.processes[p].blocks) {
      block.spoilers.probe_ns = p < 5 ? 5 : 8;
    }
  }
  EXPECT_TRUE(wants_more(quiet, reference(Tier::tight)));
}

TEST(StopRuleTest, ABaselineOfNanGoesOnToTheEnd) {
  GateReference broken = reference(Tier::standard);
  broken.process_sd = kNaN;
  EXPECT_TRUE(wants_more(spread({0}), broken));
}

TEST(WatchTest, ACostIsTimeTimesPeak) {
  const Comparison now = spread({0});
  GateReference stored = reference(Tier::tight);
  const auto changed = [&](double custom, double library) {
    stored.custom_cost = custom * 1e6 * 200;
    stored.library_cost = library * 1.2e6 * 200;
    return library_changed(now, stored, {}).has_value();
  };
  // The costs of today are 1; 25 % either way are allowed.
  EXPECT_FALSE(changed(1, 1));
  EXPECT_FALSE(changed(1, 1 / 1.24));
  EXPECT_TRUE(changed(1, 1 / 1.26));
  EXPECT_FALSE(changed(1, 1.24));
  EXPECT_TRUE(changed(1, 1.26));
  // The custom arm moved along, or away.
  EXPECT_FALSE(changed(1 / 1.3, 1 / 1.3));
  EXPECT_FALSE(changed(1.3, 1.3));
  EXPECT_TRUE(changed(1.3, 1 / 1.3));
  EXPECT_TRUE(changed(1 / 1.3, 1.3));
  // The custom arm alone is the ratio's business.
  EXPECT_FALSE(changed(0.5, 1));
  EXPECT_FALSE(changed(2, 1));
  // Not known, not watched.
  EXPECT_FALSE(changed(1, 0));
  EXPECT_TRUE(changed(0, 1.3));
}

TEST(WatchTest, AMovingClockMovesNoCost) {
  Comparison now = spread({0});
  for (auto& process : now.processes) {
    process.peak_gflops = 100;
    for (Block& block : process.blocks) {
      for (double& time : block.custom_ns) time *= 2;
      for (double& time : block.library_ns) time *= 2;
    }
  }
  GateReference stored = reference(Tier::tight);
  stored.custom_cost = 1e6 * 200;
  stored.library_cost = 1.2e6 * 200;
  EXPECT_FALSE(library_changed(now, stored, {}));
  EXPECT_FALSE(both_slower(now, stored, {}));
}

TEST(WatchTest, ACostThatCannotBeToldIsAReason) {
  Comparison now = spread({0});
  GateReference stored = reference(Tier::tight);
  stored.library_cost = 1.2e6 * 200;
  now.processes[2].peak_gflops = 0;
  EXPECT_THAT(library_changed(now, stored, {}).value_or(""), HasSubstr("not known"));
  now.processes[2].peak_gflops = kNaN;
  EXPECT_THAT(library_changed(now, stored, {}).value_or(""), HasSubstr("not known"));
}

TEST(WatchTest, BothSlowerIsBoth) {
  const Comparison now = spread({0});
  GateReference stored = reference(Tier::tight);
  const auto slower = [&](double custom, double library) {
    stored.custom_cost = 1e6 * 200 / custom;
    stored.library_cost = 1.2e6 * 200 / library;
    return both_slower(now, stored, {}).value_or("");
  };
  EXPECT_THAT(slower(1.5, 1.4), HasSubstr("peak by 40 %"));
  EXPECT_EQ(slower(1.5, 1.2), "");
  EXPECT_EQ(slower(1.2, 1.5), "");
  EXPECT_EQ(slower(0.5, 0.5), "");
}

struct AgainstBase {
  Comparison now;
  Comparison base;
  Comparison again = {};
  Comparison base_again = {};
  bool confirmed = false;

  GateInput input() const {
    GateInput input;
    input.now = &now;
    input.base = &base;
    if (confirmed) {
      input.confirmation = &again;
      input.base_confirmation = &base_again;
    }
    return input;
  }
  GateJudged judged() const { return judge_gates(std::vector{input()}, {})[0]; }
};

// Pairs that move together: the drift of the machine between pairs is no spread.
TEST(AgainstBaseTest, PairsCancelWhatTheyShare) {
  const std::vector<double> moves = {-0.2, 0.1, 0, 0.15, -0.05};
  AgainstBase gate{.now = spread(moves), .base = spread(moves)};
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::pass) << judged.reason;
  EXPECT_EQ(judged.tier, Tier::tight);
  EXPECT_NEAR(judged.drift.half_width, 0, 1e-9);
  EXPECT_EQ(judged.baseline_ratio, 0);
  EXPECT_FALSE(wants_more_processes(gate.input(), {}));
}

TEST(AgainstBaseTest, ASlowdownIsConfirmedAgainstTheBase) {
  AgainstBase gate{.now = spread({0.19, 0.20}),
                   .base = spread({0}),
                   .again = spread({0.19, 0.20}),
                   .base_again = spread({0})};
  EXPECT_TRUE(gate.judged().wants_confirmation);
  gate.confirmed = true;
  EXPECT_EQ(gate.judged().verdict, Verdict::regressed);
  gate.base_again = gate.again;  // the base became as slow: the machine did
  EXPECT_EQ(gate.judged().verdict, Verdict::inconclusive);
  // A confirmation of one side alone is none.
  GateInput half = gate.input();
  half.base_confirmation = nullptr;
  EXPECT_TRUE(judge_gates(std::vector{half}, {})[0].wants_confirmation);
}

// Nobody has a baseline to make again: what is to be done must not name one.
TEST(AgainstBaseTest, NoReasonNamesABaseline) {
  AgainstBase slower{.now = spread({0.19, 0.20}),
                     .base = spread({0}),
                     .again = spread({0.19, 0.20}),
                     .base_again = spread({0}),
                     .confirmed = true};
  EXPECT_THAT(slower.judged().reason, testing::EndsWith("make it fast again"));
  AgainstBase faster{.now = spread({-0.19, -0.20}), .base = spread({0})};
  EXPECT_EQ(faster.judged().verdict, Verdict::improved);
  EXPECT_THAT(faster.judged().reason, testing::Not(HasSubstr("baseline")));
}

// Process 1 of the base has no usable block: pair 1 is gone, the others stay pairs.
TEST(AgainstBaseTest, APairIsTheSameProcessOfBoth) {
  const std::vector<double> moves = {-0.2, 0.1, 0,    0.15, -0.05, 0.3,
                                     -0.1, 0.2, 0.05, 0.12, -0.3,  0.02};
  AgainstBase gate{.now = spread(moves, 12), .base = spread(moves, 12)};
  for (Block& block : gate.base.processes[1].blocks) block.spoilers.steal_ms = 100;
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::pass) << judged.reason;
  EXPECT_NEAR(judged.drift.degrees, 10, 1e-9);
  EXPECT_NEAR(judged.drift.half_width, 0, 1e-9);
}

TEST(AgainstBaseTest, ABrokenBaseIsNoComparison) {
  AgainstBase gate{.now = spread({0}), .base = spread({0})};
  gate.base.processes[0].custom_check.ok = false;
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::wrong_result);
  EXPECT_THAT(judged.reason, HasSubstr("base build: process 0"));
}

// What a baseline cannot decide, or says of a reference that is another by now, is
// nothing to two builds that are measured side by side.
TEST(AgainstBaseTest, TheBaselineIsNotAsked) {
  AgainstBase gate{.now = spread({0}), .base = spread({0})};
  GateInput input = gate.input();
  input.left_out_because = "too noisy";
  EXPECT_EQ(judge_gates(std::vector{input}, {})[0].verdict, Verdict::pass);
  GateReference stored;
  stored.custom_cost = 1e6 * 200;
  stored.library_cost = 3 * 1.2e6 * 200;
  input.left_out_because = "";
  input.reference = &stored;
  EXPECT_EQ(judge_gates(std::vector{input}, {})[0].verdict, Verdict::pass);
}

TEST(AgainstBaseTest, ADisturbedBaseDecidesNothing) {
  AgainstBase gate{.now = spread({0}, 12), .base = spread({0}, 12)};
  for (std::size_t p = 0; p < 11; ++p) {
    for (Block& block : gate.base.processes[p].blocks) block.spoilers.steal_ms = 100;
  }
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_THAT(judged.reason, HasSubstr("88 of 96 blocks dropped"));
  EXPECT_TRUE(wants_more_processes(gate.input(), {}));
}

TEST(AgainstBaseTest, TheTierIsWhatTheWidthAllows) {
  AgainstBase gate{.now = spread({-0.02, 0.02}), .base = spread({0})};
  EXPECT_EQ(gate.judged().tier, Tier::standard);
  EXPECT_TRUE(wants_more_processes(gate.input(), {}));
}

TEST(ProcessLogRatiosTest, AreMediansOverUsableBlocks) {
  Comparison comparison = spread({0.1, 0.2, 0.3}, 3);
  comparison.processes[0].blocks[0].custom_ns = {5e6, 5e6};  // one of eight
  for (Block& block : comparison.processes[1].blocks) block.spoilers.steal_ms = 100;
  const std::vector<double> values = process_log_ratios(comparison, {});
  ASSERT_EQ(values.size(), 2U);
  EXPECT_NEAR(values[0], std::log(1.2) - 0.1, 1e-12);
  EXPECT_NEAR(values[1], std::log(1.2) - 0.3, 1e-12);
}

// Without the guards in front of it a NaN must still be seen.
TEST(ProcessLogRatiosTest, NanIsNotDropped) {
  Comparison comparison = spread({0}, 2);
  comparison.processes[1].blocks[3].library_ns[0] = kNaN;
  const std::vector<double> values = process_log_ratios(comparison, {});
  ASSERT_EQ(values.size(), 2U);
  EXPECT_TRUE(std::isnan(values[1]));
}

}  // namespace
}  // namespace assay::judge
