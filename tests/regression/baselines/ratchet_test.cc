// SPDX-License-Identifier: MIT
// A new baseline against the old one, gate by gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "backends/interface/status.h"
#include "regression/baselines/refresh.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Baseline first() { return made_up_proposal(0.2).baseline; }

// Sessions of a later commit in which the first gate has this log ratio.
std::vector<RecordedSession> later(double log_ratio) {
  std::vector<RecordedSession> sessions = made_up_sessions(log_ratio);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.build.commit = kLater;
    recorded.session.results.utc[3] = '7';  // 2027
    recorded.sha256 = sha256_hex(recorded.session.results.utc);
  }
  return sessions;
}

RefreshOptions accepting(const std::string& gate, const std::string& reason) {
  RefreshOptions options = made_up_options();
  options.accepted = {{gate, reason}};
  return options;
}

TEST(RatchetTest, ANewGateSetsItsAnchor) {
  const Baseline made = first();
  const GateEntry& entry = made.gates.at(kGate);
  EXPECT_EQ(entry.anchor.log_ratio, entry.reference.log_ratio);
  EXPECT_EQ(entry.anchor.commit, kCommit);
  EXPECT_EQ(entry.commit, kCommit);
  EXPECT_EQ(entry.reference.tier, judge::Tier::tight);
  EXPECT_NEAR(entry.reference.log_ratio, 0.2, 1e-9);
  EXPECT_NEAR(entry.reference.process_sd, 0.004, 1e-9);
  // 1 ms at 200 GFLOP/s.
  EXPECT_DOUBLE_EQ(entry.reference.custom_cost, 2e8);
  EXPECT_NEAR(entry.reference.library_cost, 2e8 * std::exp(0.2), 2e3);
}

// The fewest processes of a gate, whatever a control had; soft facts as they are now.
TEST(RatchetTest, SaysOfWhatSessionsItIsMade) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (RecordedSession& recorded : sessions) {
    std::vector<measure::Comparison>& all = recorded.session.results.comparisons;
    all[1] = made_up_gate(kOtherGate, -0.5, 0.004, 7);
    all[2].processes.resize(3);
  }
  sessions.back().session.results.machine.huge_pages = "always";
  const Proposal made = propose(sessions, std::nullopt, "", made_up_options());
  ASSERT_EQ(made.sessions.size(), sessions.size());
  for (const SessionRecord& session : made.sessions) EXPECT_EQ(session.processes, 5U);
  EXPECT_EQ(made.baseline.host.soft.at("huge_pages"), "always");
}

TEST(RatchetTest, NoNewsChangeNoByte) {
  const Proposal proposal = propose(later(0.203), first(), "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::kept);
  EXPECT_NE(change_of(proposal, kGate).after->ratio,
            change_of(proposal, kGate).before->ratio);
  EXPECT_EQ(baseline_text(proposal.baseline), baseline_text(first()));
}

TEST(RatchetTest, AKeptGateKeepsItsNumbersBesideOneThatMoved) {
  const Proposal proposal = propose(later(0.22), first(), "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::faster);
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::kept);
  const auto gates = [](const Baseline& baseline) {
    return json::Cursor(to_json(baseline)).at("gates").at(kOtherGate).value();
  };
  EXPECT_EQ(gates(proposal.baseline), gates(first()));
  const GateEntry& entry = proposal.baseline.gates.at(kGate);
  EXPECT_NEAR(entry.reference.log_ratio, 0.22, 1e-9);
  EXPECT_EQ(entry.commit, kLater);
  // The anchor is where it was, though the gate is faster.
  EXPECT_NEAR(entry.anchor.log_ratio, 0.2, 1e-9);
  EXPECT_EQ(entry.anchor.commit, kCommit);
  // The kept numbers still say which sessions they are from.
  EXPECT_EQ(proposal.baseline.provenance.commit, kLater);
  EXPECT_EQ(proposal.baseline.provenance.sessions.size(), 10U);
  EXPECT_EQ(proposal.baseline.provenance.sessions.front().commit, kCommit);
}

TEST(RatchetTest, SessionsThatNothingStandsOnAreForgotten) {
  std::vector<RecordedSession> sessions = later(0.22);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[1] = made_up_gate(kOtherGate, -0.4);
  }
  const Proposal proposal = propose(sessions, first(), "", made_up_options());
  EXPECT_EQ(proposal.baseline.provenance.sessions.size(), 5U);
}

TEST(RatchetTest, ASessionThatTwoRefreshesReadIsNamedOnce) {
  std::vector<RecordedSession> sessions = made_up_sessions(0.2);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[0] = made_up_gate(kGate, 0.22);
  }
  const Proposal proposal = propose(sessions, first(), "", made_up_options());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::faster);
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::kept);
  EXPECT_EQ(proposal.baseline.provenance.sessions.size(), 5U);
}

TEST(RatchetTest, ASlowerGateNeedsAReason) {
  const Proposal refused = propose(later(0.15), first(), "", made_up_options());
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_TRUE(refused.refusals[0].loosens);
  EXPECT_THAT(refused.refusals[0].reason,
              HasSubstr("5.1 % slower than its baseline, more than 2 %"));
  EXPECT_EQ(change_of(refused, kGate).change, Change::slower);

  const Proposal taken =
      propose(later(0.15), first(), "", accepting(kGate, "checks its output"));
  EXPECT_THAT(taken.refusals, IsEmpty());
  const GateEntry& entry = taken.baseline.gates.at(kGate);
  EXPECT_NEAR(entry.reference.log_ratio, 0.15, 1e-9);
  ASSERT_TRUE(entry.accepted);
  EXPECT_EQ(entry.accepted->reason, "checks its output");
  EXPECT_EQ(entry.accepted->commit, kLater);
  EXPECT_NEAR(entry.accepted->old_log_ratio, 0.2, 1e-9);
  EXPECT_NEAR(entry.anchor.log_ratio, 0.2, 1e-9);  // the tool never moves it
  EXPECT_EQ(change_of(taken, kGate).reason, "checks its output");
}

TEST(RatchetTest, SlowerWithinTheMarginNeedsNone) {
  const Proposal proposal = propose(later(0.182), first(), "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::moved);
  EXPECT_NEAR(proposal.baseline.gates.at(kGate).reference.log_ratio, 0.182, 1e-9);
  EXPECT_FALSE(proposal.baseline.gates.at(kGate).accepted);
}

// Faster, but from so noisy a day that twice the slowdown would pass from then on.
TEST(RatchetTest, AWiderToleranceNeedsAReason) {
  std::vector<RecordedSession> noisy = later(0.3);
  for (RecordedSession& recorded : noisy) {
    recorded.session.results.comparisons[0] = made_up_gate(kGate, 0.3, 0.03);
  }
  const Proposal refused = propose(noisy, first(), "", made_up_options());
  EXPECT_EQ(change_of(refused, kGate).change, Change::faster);
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_TRUE(refused.refusals[0].loosens);
  EXPECT_THAT(refused.refusals[0].reason, HasSubstr("grows from 5 to 10 %"));

  const Proposal taken = propose(noisy, first(), "", accepting(kGate, "a shared host"));
  EXPECT_THAT(taken.refusals, IsEmpty());
  EXPECT_EQ(taken.baseline.gates.at(kGate).accepted->reason, "a shared host");
}

// Of a tight gate, whose tolerance is 5 %.
TEST(RatchetTest, SlowerThanTheMarginNeedsOneWithinTheToleranceToo) {
  EXPECT_THAT(propose(later(0.17), first(), "", made_up_options()).refusals,
              testing::SizeIs(1));
}

TEST(RatchetTest, NoReasonLiftsTheCumulativeLimit) {
  // 15 % is 0.1398.
  EXPECT_THAT(propose(later(0.061), first(), "", accepting(kGate, "x")).refusals,
              IsEmpty());
  const Proposal refused = propose(later(0.060), first(), "", accepting(kGate, "x"));
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_TRUE(refused.refusals[0].loosens);
  EXPECT_THAT(refused.refusals[0].reason, HasSubstr("slower than its anchor"));

  // A person moved the anchor in review.
  Baseline reviewed = first();
  reviewed.gates.at(kGate).anchor.log_ratio = 0.1;
  EXPECT_THAT(propose(later(0.060), reviewed, "", accepting(kGate, "x")).refusals,
              IsEmpty());
}

TEST(RatchetTest, APatternAcceptsAndAnExactNameComesFirst) {
  RefreshOptions options = accepting("matmul.*", "all");
  EXPECT_EQ(propose(later(0.15), first(), "", options)
                .baseline.gates.at(kGate)
                .accepted->reason,
            "all");
  options.accepted[kGate] = "this one";
  EXPECT_EQ(propose(later(0.15), first(), "", options)
                .baseline.gates.at(kGate)
                .accepted->reason,
            "this one");
}

TEST(RatchetTest, AnAcceptThatMeansNothingIsMisuse) {
  EXPECT_THROW((void)propose(later(0.15), first(), "", accepting("frob", "x")), Error);
  EXPECT_THROW((void)propose(later(0.15), first(), "", accepting("frob*", "x")), Error);
  EXPECT_THROW((void)propose(later(0.15), first(), "", accepting(kGate, "")), Error);
}

// With another library the old ratio says nothing, and would hide a slower gate.
TEST(RatchetTest, AnotherLibraryNeedsAReasonAndSetsANewAnchor) {
  std::vector<RecordedSession> sessions = later(0.1);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[0].audit.version = "0.3.26";
  }
  const Proposal refused = propose(sessions, first(), "", made_up_options());
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_THAT(refused.refusals[0].reason,
              HasSubstr("its library was OpenBLAS 0.3.21 Cooperlake, 2 threads and is "
                        "OpenBLAS 0.3.26 Cooperlake, 2 threads"));
  const Proposal taken =
      propose(sessions, first(), "", accepting(kGate, "Debian upgraded it"));
  EXPECT_THAT(taken.refusals, IsEmpty());
  EXPECT_EQ(change_of(taken, kGate).change, Change::library_changed);
  EXPECT_NEAR(taken.baseline.gates.at(kGate).anchor.log_ratio, 0.1, 1e-9);
}

TEST(RatchetTest, AGateThatIsGoneIsDroppedAndTold) {
  RefreshOptions options = made_up_options();
  options.gate_ids = {kOtherGate};
  const Proposal proposal = propose(later(0.2), first(), "", options);
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::dropped);
  EXPECT_FALSE(proposal.baseline.gates.contains(kGate));
  EXPECT_TRUE(proposal.baseline.gates.contains(kOtherGate));
  EXPECT_THAT(proposal.notes, ElementsAre(HasSubstr("not in the registry")));
}

}  // namespace
}  // namespace assay::baselines
