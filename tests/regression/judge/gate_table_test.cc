// SPDX-License-Identifier: MIT
// Precedence as a table: each row makes one thing of a gate that passes, and every pair
// of rows two: the row that stands higher must win.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "regression/judge/gate.h"
#include "tests/regression/judge/made_up.h"

namespace assay::judge {
namespace {

using measure::Block;
using measure::Comparison;
using testing::HasSubstr;

// Processes that differ by about 0.2 %, around a ratio of 1.2.
Comparison session(double slower = 0) {
  Comparison comparison = steady();
  for_each_block(comparison, [&](std::size_t p, std::size_t, Block& block) {
    const double custom = 1e6 * (1 + slower) * (1 + 0.001 * static_cast<double>(p % 3));
    block.custom_ns = {custom, custom};
  });
  return comparison;
}

Comparison control() {
  Comparison comparison = steady(1e6, 1e6);
  comparison.id = "control.matmul";
  return comparison;
}

// A gate with all it may have, in one piece.
struct Gate {
  Comparison now = session();
  Comparison confirmation = session();
  bool confirmed = false;
  GateReference reference;
  bool has_reference = true;
  std::string left_out_because;
  Comparison null_control = control();
  std::size_t family = 1;  // the others pass

  Gate() {
    reference.log_ratio = std::log(1.2 / 1.001);
    reference.process_sd = 0.001;
    reference.session_sd = 0;
    reference.processes = 25;
    reference.sessions = 5;
    reference.tier = Tier::tight;
    reference.custom_cost = 1e6 * 200;
    reference.library_cost = 1.2e6 * 200;
  }

  GateJudged judged() const {
    const Gate other_gate = family > 1 ? Gate() : *this;
    GateInput other;
    other.now = &other_gate.now;
    other.reference = &other_gate.reference;
    std::vector<GateInput> inputs(family, other);
    inputs[0].now = &now;
    inputs[0].confirmation = confirmed ? &confirmation : nullptr;
    inputs[0].reference = has_reference ? &reference : nullptr;
    inputs[0].no_baseline_because = has_reference ? "" : "nobody made one";
    inputs[0].left_out_because = left_out_because;
    const Comparison* controls[] = {&null_control};
    return judge_gates(inputs, controls)[0];
  }
};

struct Row {
  std::string name;
  int level;  // lower wins; rows of one level are not combined
  std::function<void(Gate&)> apply;
  Verdict verdict;
  std::string reason;  // part of it
};

void scale(Comparison& comparison, double custom, double library) {
  for_each_block(comparison, [&](std::size_t, std::size_t, Block& block) {
    for (double& time : block.custom_ns) time *= custom;
    for (double& time : block.library_ns) time *= library;
  });
}

// Nothing is held against a baseline.
std::vector<Row> rows_without_decision() {
  return {
      {"wrong_result", 0, [](Gate& g) { g.now.processes[4].custom_check.wrong = 7; },
       Verdict::wrong_result,
       "process 4: custom (packed): 7 of 1000 checked elements wrong"},
      {"worker_failed", 1, [](Gate& g) { g.now.failure = "worker died of signal 11"; },
       Verdict::invalid_run, "worker died of signal 11"},
      {"implausible", 2,
       [](Gate& g) {
         for (auto& process : g.now.processes) process.peak_gflops = 40;
       },
       Verdict::implausible, "is above 1.05 x the measured peak"},
      {"library_impaired", 3, [](Gate& g) { g.now.audit.impaired = true; },
       Verdict::library_impaired, "the audit found the library impaired"},
      {"confirmation_wrong", 4,
       [](Gate& g) {
         g.confirmed = true;
         g.confirmation.processes[0].library_check.ok = false;
       },
       Verdict::wrong_result, "confirmation: process 0: library (openblas)"},
      {"control_failed", 5, [](Gate& g) { scale(g.null_control, 1.03, 1); },
       Verdict::invalid_run,
       "control control.matmul compares an implementation with "
       "itself and finds 0.971"},
      {"left_out", 6,
       [](Gate& g) {
         g.has_reference = false;
         g.left_out_because = "a neighbour";
       },
       Verdict::left_out, "a neighbour"},
      {"dropped", 7,
       [](Gate& g) {
         for_each_block(g.now, [](std::size_t p, std::size_t b, Block& block) {
           if (p < 4 || b < 5) block.spoilers.steal_ms = 100;
         });
       },
       Verdict::inconclusive,
       "37 of 40 blocks dropped (37 for steal above 25 % of their time), more than "
       "90 %"},
  };
}

// Something is, or would be.
std::vector<Row> rows_with_decision() {
  return {
      {"no_baseline", 8, [](Gate& g) { g.has_reference = false; }, Verdict::no_baseline,
       "nobody made one"},
      {"library_changed", 9, [](Gate& g) { g.reference.library_cost *= 3; },
       Verdict::library_changed,
       "the reference's own cost against the machine's peak moved by -"},
      {"regressed", 10,
       [](Gate& g) {
         scale(g.now, 1.2, 1);
         scale(g.confirmation, 1.2, 1);
         g.confirmed = true;
       },
       Verdict::regressed, "slower by 20.0 %"},
      {"wide", 11, [](Gate& g) { g.reference.process_sd = 0.3; }, Verdict::inconclusive,
       "tier tight decides at +-1.45 %"},
      {"both_slower", 12,
       [](Gate& g) {
         g.reference.custom_cost *= 0.7;
         g.reference.library_cost *= 0.7;
       },
       Verdict::inconclusive, "both arms slower against the machine's peak by "},
      {"improved", 13, [](Gate& g) { scale(g.now, 0.9, 1); }, Verdict::improved,
       "faster by 11.1 %"},
      {"within_tolerance", 13, [](Gate& g) { scale(g.now, 1.035, 1); },
       Verdict::within_tolerance, "within the tolerance of 5 %"},
  };
}

const std::vector<Row>& rows() {
  static const std::vector<Row> table = [] {
    std::vector<Row> all = rows_without_decision();
    for (Row row : rows_with_decision()) all.push_back(std::move(row));
    return all;
  }();
  return table;
}

TEST(GateTableTest, TheUndisturbedGatePasses) {
  const GateJudged judged = Gate().judged();
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.reason, "");
  EXPECT_EQ(judged.zone, Zone::pass);
  EXPECT_EQ(judged.tier, Tier::tight);
  EXPECT_NEAR(judged.drift.slowdown, 0, 1e-3);
  EXPECT_NEAR(judged.baseline_ratio, 1.2 / 1.001, 1e-12);
  EXPECT_NEAR(judged.comparison.ratio, 1.2, 2e-3);
  EXPECT_FALSE(judged.wants_confirmation);
  EXPECT_FALSE(judged.confirmed);
  EXPECT_EQ(judged.id, "matmul.f32.8x8x8.packed.vs.openblas.cus1.kernel");
}

TEST(GateTableTest, EachRowIsFoundAndNamed) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name);
    Gate gate;
    row.apply(gate);
    const GateJudged judged = gate.judged();
    EXPECT_EQ(judged.verdict, row.verdict) << judged.reason;
    EXPECT_THAT(judged.reason, HasSubstr(row.reason));
    EXPECT_EQ(judged.reason.find('\n'), std::string::npos);
    EXPECT_FALSE(judged.wants_confirmation);
  }
}

TEST(GateTableTest, OfTwoTheHigherWins) {
  for (const Row& high : rows()) {
    for (const Row& low : rows()) {
      // A wide interval is not past both margins: with it there is no regression.
      if (high.name == "regressed" && low.name == "wide") continue;
      if (high.level >= low.level) continue;
      SCOPED_TRACE(high.name + " over " + low.name);
      Gate gate;
      low.apply(gate);
      high.apply(gate);
      const GateJudged judged = gate.judged();
      EXPECT_EQ(judged.verdict, high.verdict) << judged.reason;
      EXPECT_THAT(judged.reason, HasSubstr(high.reason));
      EXPECT_FALSE(judged.wants_confirmation);
    }
  }
}

TEST(GateTableTest, WhatIsFasterIsSaidFromLeastToMost) {
  Gate gate;
  scale(gate.now, 0.9, 1);
  double by = 0;
  double least = 0;
  double most = 0;
  ASSERT_EQ(std::sscanf(gate.judged().reason.c_str(), "faster by %lf %% (%lf ... %lf)",
                        &by, &least, &most),
            3);
  EXPECT_LT(least, by);
  EXPECT_LT(by, most);
}

TEST(GateTableTest, ACandidateAsksForAConfirmation) {
  Gate gate;
  scale(gate.now, 1.2, 1);
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_EQ(judged.zone, Zone::regressed);
  EXPECT_TRUE(judged.wants_confirmation);
  EXPECT_FALSE(judged.confirmed);
  EXPECT_THAT(judged.reason, HasSubstr("not confirmed yet"));
}

TEST(GateTableTest, AConfirmationThatDisagreesDecidesNothing) {
  for (const double again : {1.0, 1.035, 0.9}) {
    Gate gate;
    scale(gate.now, 1.2, 1);
    scale(gate.confirmation, again, 1);
    gate.confirmed = true;
    const GateJudged judged = gate.judged();
    EXPECT_EQ(judged.verdict, Verdict::inconclusive);
    EXPECT_FALSE(judged.wants_confirmation);
    ASSERT_TRUE(judged.confirmed);
    EXPECT_NEAR(judged.confirmed->slowdown, std::log(again), 2e-3);
    EXPECT_THAT(judged.reason, HasSubstr("not confirmed"));
  }
}

TEST(GateTableTest, ASpoiledConfirmationDoesNotAgree) {
  Gate gate;
  scale(gate.now, 1.2, 1);
  scale(gate.confirmation, 1.2, 1);
  gate.confirmed = true;
  for_each_block(gate.confirmation, [](std::size_t p, std::size_t b, Block& block) {
    if (p < 4 || b < 5) block.spoilers.steal_ms = 100;
  });
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_THAT(judged.reason, HasSubstr("confirmation: 37 of 40 blocks dropped"));
}

// What one gate alone would show, forty gates may show by chance.
TEST(GateTableTest, HolmIsAskedBeforeTheConfirmation) {
  Gate gate;
  gate.reference.process_sd = 0.012;  // wide, so that p is not tiny
  scale(gate.now, 1.04, 1);
  ASSERT_TRUE(gate.judged().wants_confirmation) << gate.judged().reason;
  gate.family = 40;
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.zone, Zone::regressed);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_FALSE(judged.wants_confirmation);
  EXPECT_THAT(judged.reason, HasSubstr("among 40 gates may be chance"));
}

// Gates without a drift are no part of the family.
TEST(GateTableTest, TheFamilyIsTheGatesWithADrift) {
  const Gate passing;
  Gate slow;
  slow.reference.process_sd = 0.012;
  scale(slow.now, 1.04, 1);
  std::vector<GateInput> inputs(40);
  for (GateInput& input : inputs) input.now = &passing.now;  // no reference
  inputs[3].now = &slow.now;
  inputs[3].reference = &slow.reference;
  const std::vector<GateJudged> judged = judge_gates(inputs, {});
  ASSERT_EQ(judged.size(), 40U);
  EXPECT_TRUE(judged[3].wants_confirmation) << judged[3].reason;
  EXPECT_EQ(judged[2].verdict, Verdict::no_baseline);
  EXPECT_THAT(judged[2].reason, HasSubstr("nothing to compare with"));
}

TEST(GateTableTest, AFailedControlEndsEveryGate) {
  const Gate gate;
  Comparison biased = control();
  scale(biased, 1, 1.03);
  const Comparison good = control();
  std::vector<GateInput> inputs(3);
  for (GateInput& input : inputs) {
    input.now = &gate.now;
    input.reference = &gate.reference;
  }
  const Comparison* controls[] = {&good, &biased};
  for (const GateJudged& judged : judge_gates(inputs, controls)) {
    EXPECT_EQ(judged.verdict, Verdict::invalid_run);
  }
  for (const GateJudged& judged : judge_gates(inputs, {controls, 1})) {
    EXPECT_EQ(judged.verdict, Verdict::pass);
  }
}

TEST(GateTableTest, AControlFailsBeyondTheTightMarginOnly) {
  for (const double bias : {1.019, 1.021, 1 / 1.019, 1 / 1.021}) {
    Gate gate;
    scale(gate.null_control, bias, 1);
    const bool beyond = std::fabs(std::log(bias)) > std::log(1.02);
    EXPECT_EQ(gate.judged().verdict, beyond ? Verdict::invalid_run : Verdict::pass)
        << bias;
  }
}

TEST(GateTableTest, AControlThatComputesNonsenseFails) {
  Gate gate;
  gate.null_control.processes[1].custom_check.wrong = 1;
  const GateJudged judged = gate.judged();
  EXPECT_EQ(judged.verdict, Verdict::invalid_run);
  EXPECT_THAT(judged.reason, HasSubstr("control control.matmul: process 1"));
}

TEST(GateTableTest, AControlThatWasNotReachedFindsNothing) {
  Gate gate;
  gate.null_control.processes.clear();
  gate.null_control.complete = false;
  EXPECT_EQ(gate.judged().verdict, Verdict::pass);
  gate.null_control.complete = true;
  EXPECT_EQ(gate.judged().verdict, Verdict::invalid_run);
}

TEST(GateTableTest, AnIncompletePassSaysSo) {
  Gate gate;
  gate.now.complete = false;
  EXPECT_EQ(gate.judged().verdict, Verdict::pass);
  EXPECT_THAT(gate.judged().reason, HasSubstr("incomplete: stopped after 5 processes"));
}

}  // namespace
}  // namespace assay::judge
