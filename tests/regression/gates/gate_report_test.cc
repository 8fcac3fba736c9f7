// SPDX-License-Identifier: MIT
// Sessions and baselines together: what evaluate() attaches to what.
#include "regression/gates/gate_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::gates {
namespace {

using baselines::kGate;
using baselines::kOtherGate;
using judge::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class GateReportTest : public ::testing::Test {
 protected:
  // The baseline of five sessions with log ratios 0.2 and -0.5, below folder_.
  void store_baseline() {
    const baselines::Proposal proposal = baselines::made_up_proposal();
    ASSERT_THAT(proposal.refusals, IsEmpty());
    path_ = baselines::apply_proposal(proposal, folder_.path());
  }

  GateReport judged(const measure::Session& session) {
    return evaluate(session, folder_.path());
  }

  static measure::Session session(double log_ratio = 0.2) {
    return baselines::made_up_session(12, log_ratio).session;
  }

  static const judge::GateJudged& gate(const GateReport& report, const char* id) {
    for (const judge::GateJudged& one : report.gates) {
      if (one.id == id) return one;
    }
    throw Error(StatusCode::invalid_argument, std::string("no gate ") + id);
  }

  baselines::TemporaryFolder folder_{"gate_report"};
  std::string path_;
};

// The rules of a comparison were in their place for a while: a tick of steal dropped a
// block, and no probe was looked at.
TEST(GateRulesForTest, OnlyTheCacheIsTheMachines) {
  measure::Machine machine;
  machine.l3_bytes = 12345;
  const judge::GateRules made = gate_rules_for(machine);
  const judge::GateRules usual;
  EXPECT_EQ(made.rules.cache_bytes, 12345);
  EXPECT_EQ(made.rules.max_steal_share, usual.rules.max_steal_share);
  EXPECT_EQ(made.rules.steal_tick_ms, usual.rules.steal_tick_ms);
  EXPECT_EQ(made.rules.max_probe_factor, usual.rules.max_probe_factor);
  EXPECT_EQ(made.rules.min_process_blocks, usual.rules.min_process_blocks);
  EXPECT_GT(made.rules.max_probe_factor, judge::Rules().max_probe_factor);
  EXPECT_EQ(gate_rules_for({}).rules.cache_bytes, usual.rules.cache_bytes);
}

// Blocks during which the machine was at half its speed are not looked at: a kernel
// that is 15 % slower in the quiet ones is found, though in most blocks the library is
// so too.
TEST_F(GateReportTest, ASlowdownDoesNotHideBehindSpoiledBlocks) {
  store_baseline();
  measure::Session measured = session();
  measure::Comparison& comparison = measured.results.comparisons[0];
  for (auto& process : comparison.processes) {
    const std::vector<measure::Block> whole = process.blocks;
    process.blocks.clear();
    for (std::size_t b = 0; b < 8; ++b) {
      measure::Block block = whole[b % whole.size()];
      const bool spoiled = b < 5;
      block.spoilers.probe_ns = spoiled ? 2000 : 1000;
      for (double& time : block.custom_ns) time *= 1.15;
      for (double& time : block.library_ns) time *= spoiled ? 1.15 : 1;
      process.blocks.push_back(block);
    }
  }
  const judge::GateRules rules = gate_rules_for(measured.results.machine);
  const GateReport report = evaluate(measured, folder_.path(), rules);
  const judge::GateJudged& judged = gate(report, comparison.id.c_str());
  EXPECT_TRUE(judged.wants_confirmation) << judged.reason;
}

TEST_F(GateReportTest, WithoutABaselineItSaysSoAndRunsTheControls) {
  const measure::Session measured = session();
  const GateReport report = judged(measured);
  EXPECT_THAT(report.no_baseline_because, Not(IsEmpty()));
  ASSERT_EQ(report.gates.size(), 2U);
  for (const auto& one : report.gates) EXPECT_EQ(one.verdict, Verdict::no_baseline);
  EXPECT_EQ(report.controls.size(), 1U);
  EXPECT_EQ(report.skipped, 2U);
  EXPECT_EQ(exit_code_of(report, true, false), 0);
  EXPECT_EQ(exit_code_of(report, false, true), 5);
}

TEST_F(GateReportTest, ARequiredBaselineIsMissedInANoisyRunToo) {
  measure::Session measured = session();
  for (measure::Comparison& comparison : measured.results.comparisons) {
    for (measure::ProcessSamples& process : comparison.processes) {
      for (measure::Block& block : process.blocks) block.spoilers.steal_ms = 1e6;
    }
  }
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().verdict, Verdict::inconclusive);
  EXPECT_EQ(exit_code_of(report, false, false), 0);
  EXPECT_EQ(exit_code_of(report, true, true), 5);
}

TEST_F(GateReportTest, WithoutABaselineAWrongResultIsStillWrong) {
  measure::Session measured = session();
  measured.results.comparisons[0].processes[2].custom_check.wrong = 3;
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().verdict, Verdict::wrong_result);
  EXPECT_EQ(exit_code_of(report, false, false), 3);
}

TEST_F(GateReportTest, TheSameNumbersPass) {
  store_baseline();
  const measure::Session measured = session();
  const GateReport report = judged(measured);
  EXPECT_EQ(report.baseline_path, path_);
  EXPECT_THAT(report.no_baseline_because, IsEmpty());
  for (const auto& one : report.gates) EXPECT_EQ(one.verdict, Verdict::pass);
  EXPECT_EQ(report.skipped, 0U);
  EXPECT_NEAR(gate(report, kGate).baseline_ratio, std::exp(0.2), 1e-5);
}

TEST_F(GateReportTest, ASlowerGateComesFirstAndAsksForConfirmation) {
  store_baseline();
  const measure::Session measured = session(0.2 - 0.2);
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().id, kGate);
  EXPECT_TRUE(report.gates.front().wants_confirmation);
  EXPECT_EQ(report.gates.front().verdict, Verdict::inconclusive);
  EXPECT_EQ(gate(report, kOtherGate).verdict, Verdict::pass);
}

TEST_F(GateReportTest, AConfirmedRegressionFails) {
  store_baseline();
  measure::Session measured = session(0);
  measured.confirmations = {baselines::made_up_gate(kGate, 0)};
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().verdict, Verdict::regressed);
  EXPECT_EQ(exit_code_of(report, false, false), 1);
}

TEST_F(GateReportTest, ARefutedRegressionIsInconclusive) {
  store_baseline();
  measure::Session measured = session(0);
  measured.confirmations = {baselines::made_up_gate(kGate, 0.2)};
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().verdict, Verdict::inconclusive);
  EXPECT_FALSE(report.gates.front().wants_confirmation);
}

TEST_F(GateReportTest, AnotherLibraryHasNoBaseline) {
  store_baseline();
  measure::Session measured = session();
  measured.results.comparisons[0].audit.core_name = "Haswell";
  const GateReport report = judged(measured);
  EXPECT_EQ(gate(report, kGate).verdict, Verdict::no_baseline);
  EXPECT_THAT(gate(report, kGate).reason, HasSubstr("Haswell"));
  EXPECT_EQ(gate(report, kOtherGate).verdict, Verdict::pass);
}

TEST_F(GateReportTest, AGateThatTheBaselineLacksIsTold) {
  store_baseline();
  measure::Session measured = session();
  measured.results.comparisons[0].id =
      "matmul.f32.9x9x9.packed.vs.openblas.cus1.kernel";
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().verdict, Verdict::no_baseline);
  EXPECT_THAT(report.gates.front().reason, HasSubstr("not in " + path_));
}

TEST_F(GateReportTest, AGateThatTheBaselineLeavesOutIsToldAndTheOthersDecide) {
  const measure::Session measured = session(0.2 - 0.2);
  path_ = baselines::baseline_path(
      folder_.path(), "core",
      baselines::host_class_of(measured.results.machine, measured.results.build));
  baselines::save_baseline(path_, baselines::made_up_left_out(), "");
  const GateReport report = judged(measured);
  EXPECT_EQ(gate(report, kGate).zone, judge::Zone::regressed);
  const judge::GateJudged& left_out = gate(report, kOtherGate);
  EXPECT_EQ(left_out.verdict, Verdict::left_out);
  EXPECT_EQ(left_out.baseline_ratio, 0);
  EXPECT_FALSE(left_out.wants_confirmation);
  EXPECT_THAT(left_out.reason,
              testing::MatchesRegex("a neighbour [(]a run would know it to [+]-[0-9.]+ "
                                    "%, and decides at 3.29 %[)]: to decide anyway: "
                                    "assay gate --base OLD_PROGRAM --only "
                                    "runtime.submit.cus1.call"));
  EXPECT_EQ(report.skipped, 1U);  // the regression that waits for its confirmation
  EXPECT_EQ(exit_code_of(report, false, true), 0);
  EXPECT_EQ(exit_code_of(report, true, false), 4);
}

TEST_F(GateReportTest, AWrongResultOfALeftOutGateIsStillWrong) {
  measure::Session measured = session();
  path_ = baselines::baseline_path(
      folder_.path(), "core",
      baselines::host_class_of(measured.results.machine, measured.results.build));
  baselines::save_baseline(path_, baselines::made_up_left_out(), "");
  measured.results.comparisons[1].processes[2].custom_check.wrong = 3;
  const GateReport report = judged(measured);
  EXPECT_EQ(gate(report, kOtherGate).verdict, Verdict::wrong_result);
  EXPECT_EQ(exit_code_of(report, false, false), 3);
}

// What its message says: against another build it is decided.
TEST_F(GateReportTest, AgainstABaseALeftOutGateDecides) {
  measure::Session measured = session();
  path_ = baselines::baseline_path(
      folder_.path(), "core",
      baselines::host_class_of(measured.results.machine, measured.results.build));
  baselines::save_baseline(path_, baselines::made_up_left_out(), "");
  measured.base = {baselines::made_up_gate(kGate, 0.2),
                   baselines::made_up_gate(kOtherGate, -0.5)};
  const GateReport report = judged(measured);
  EXPECT_EQ(gate(report, kOtherGate).verdict, Verdict::pass);
}

TEST_F(GateReportTest, AnotherKindOfMachineSeesWhatDiffers) {
  store_baseline();
  measure::Session measured = session();
  measured.results.machine.cpus = 16;
  const GateReport report = judged(measured);
  EXPECT_THAT(report.differing, testing::Contains(HasSubstr("cpus")));
  EXPECT_EQ(report.skipped, 2U);
}

TEST_F(GateReportTest, ABadBaselineFileIsNoMissingOne) {
  store_baseline();
  json::write_file_atomically(path_, "{}\n");
  const measure::Session measured = session();
  EXPECT_THROW(
      {
        try {
          judged(measured);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), StatusCode::bad_file);
          throw;
        }
      },
      Error);
}

TEST_F(GateReportTest, AgainstABaseNoBaselineIsLookedAt) {
  store_baseline();
  json::write_file_atomically(path_, "not even JSON");
  measure::Session measured = session(0);
  measured.base = {baselines::made_up_gate(kGate, 0),
                   baselines::made_up_gate(kOtherGate, -0.5)};
  const GateReport report = judged(measured);
  EXPECT_TRUE(report.against_base);
  for (const auto& one : report.gates) EXPECT_EQ(one.verdict, Verdict::pass) << one.id;
}

TEST_F(GateReportTest, AgainstAFasterBaseAConfirmedSlowdownFails) {
  measure::Session measured = session(0);
  measured.base = {baselines::made_up_gate(kGate, 0.2),
                   baselines::made_up_gate(kOtherGate, -0.5)};
  measured.confirmations = {baselines::made_up_gate(kGate, 0)};
  measured.base_confirmations = {baselines::made_up_gate(kGate, 0.2)};
  const GateReport report = judged(measured);
  EXPECT_EQ(report.gates.front().id, kGate);
  EXPECT_EQ(report.gates.front().verdict, Verdict::regressed);
}

TEST_F(GateReportTest, AFailedControlSpoilsTheSession) {
  store_baseline();
  measure::Session measured = session();
  for (auto& process : measured.results.comparisons[2].processes) {
    for (auto& block : process.blocks) {
      for (double& time : block.library_ns) time *= 1.1;
    }
  }
  const GateReport report = judged(measured);
  for (const auto& one : report.gates) EXPECT_EQ(one.verdict, Verdict::invalid_run);
  EXPECT_EQ(exit_code_of(report, false, false), 3);
}

TEST_F(GateReportTest, NoGateAtAllIsAUsageError) {
  measure::Session measured = session();
  measured.results.comparisons.clear();
  EXPECT_EQ(exit_code_of(judged(measured), false, false), 2);
}

}  // namespace
}  // namespace assay::gates
