// SPDX-License-Identifier: MIT
// Gates that sessions know too badly: refused, left out on purpose, and back again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/baselines/refresh.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr double kNoisy = 0.06;

// Sessions of a later commit when `later`; the second gate has this ratio and noise.
std::vector<RecordedSession> sessions_with(double process_sd,
                                           double other_log_ratio = -0.5,
                                           bool later = false) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (RecordedSession& recorded : sessions) {
    measure::Results& results = recorded.session.results;
    results.comparisons[1] = made_up_gate(kOtherGate, other_log_ratio, process_sd);
    if (!later) continue;
    results.build.commit = kLater;
    results.utc[3] = '7';  // 2027
    recorded.sha256 = sha256_hex(results.utc);
  }
  return sessions;
}

RefreshOptions leaving_out(const std::string& gate, const std::string& reason) {
  RefreshOptions options = made_up_options();
  options.left_out = {{gate, reason}};
  return options;
}

RefreshOptions losing(const std::string& gate, const std::string& why) {
  RefreshOptions options = leaving_out(gate, "a neighbour");
  options.accepted = {{gate, why}};
  return options;
}

Baseline without_other() {
  return propose(sessions_with(kNoisy), std::nullopt, "",
                 leaving_out(kOtherGate, "a neighbour"))
      .baseline;
}

// A baseline that had the gate, at a ratio of exp(-0.5), and lost it later.
Baseline that_lost_other() {
  return propose(sessions_with(kNoisy, -0.5, true), made_up_proposal().baseline, "",
                 losing(kOtherGate, "its machine is sold"))
      .baseline;
}

std::vector<std::string> reasons(const Proposal& proposal) {
  std::vector<std::string> result;
  for (const Refusal& refusal : proposal.refusals) result.push_back(refusal.reason);
  return result;
}

TEST(LeaveOutTest, IsNotDoneUnasked) {
  const Proposal proposal =
      propose(sessions_with(kNoisy), std::nullopt, "", made_up_options());
  EXPECT_THAT(reasons(proposal),
              ElementsAre(AllOf(HasSubstr(kOtherGate), HasSubstr("can decide nothing "
                                                                 "above 3.29 %"))));
  ASSERT_THAT(proposal.refusals, SizeIs(1));
  EXPECT_FALSE(proposal.refusals[0].loosens);
  ASSERT_THAT(proposal.too_noisy, SizeIs(1));
  EXPECT_EQ(proposal.too_noisy[0].gate, kOtherGate);
  EXPECT_TRUE(proposal.too_noisy[0].wants_reason);
  EXPECT_FALSE(proposal.too_noisy[0].wants_accept);
  EXPECT_THAT(proposal.baseline.left_out, IsEmpty());
}

TEST(LeaveOutTest, WithAReasonTheOthersMakeABaseline) {
  const Proposal proposal = propose(sessions_with(kNoisy), std::nullopt, "",
                                    leaving_out(kOtherGate, "a neighbour"));
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_THAT(proposal.baseline.gates, SizeIs(1));
  EXPECT_TRUE(proposal.baseline.gates.contains(kGate));
  ASSERT_TRUE(proposal.baseline.left_out.contains(kOtherGate));
  const LeftOut& left_out = proposal.baseline.left_out.at(kOtherGate);
  EXPECT_EQ(left_out.reason, "a neighbour");
  EXPECT_EQ(left_out.commit, kCommit);
  EXPECT_NEAR(left_out.noise.process_sd, kNoisy, 1e-9);
  EXPECT_EQ(left_out.noise.processes, 25U);
  EXPECT_EQ(left_out.noise.sessions, 5U);
  EXPECT_EQ(left_out.noise.log_ratio, 0);  // nobody may quote it
  EXPECT_FALSE(left_out.loosened);
  EXPECT_GT(half_width_of(left_out), half_width_limit());
  EXPECT_EQ(half_width_limit(), 0.0328757);
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::left_out);
  EXPECT_EQ(change_of(proposal, kOtherGate).reason, "a neighbour");
  EXPECT_EQ(change_of(proposal, kGate).change, Change::added);
}

TEST(LeaveOutTest, SessionsThatDifferAreReasonEnough) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    sessions[i].session.results.comparisons[1] =
        made_up_gate(kOtherGate, i % 2 == 0 ? 0.2 : 0.28);
  }
  EXPECT_THAT(propose(sessions, std::nullopt, "", made_up_options()).refusals,
              SizeIs(2));
  EXPECT_THAT(
      propose(sessions, std::nullopt, "", leaving_out(kOtherGate, "a neighbour"))
          .refusals,
      IsEmpty());
}

TEST(LeaveOutTest, AGateThatWouldDoIsNotLeftOut) {
  const Proposal proposal = propose(made_up_sessions(), std::nullopt, "",
                                    leaving_out(kOtherGate, "I do not like it"));
  EXPECT_THAT(reasons(proposal),
              ElementsAre(AllOf(HasSubstr(kOtherGate), HasSubstr("it is not left out"),
                                HasSubstr("decide at 3.29 %"))));
  ASSERT_THAT(proposal.refusals, SizeIs(1));
  EXPECT_TRUE(proposal.refusals[0].loosens);
  EXPECT_THAT(proposal.too_noisy, IsEmpty());
}

TEST(LeaveOutTest, AReasonDoesNotStandForAMissingMeasurement) {
  std::vector<RecordedSession> sessions = sessions_with(kNoisy);
  auto& comparisons = sessions[2].session.results.comparisons;
  comparisons.erase(comparisons.begin() + 1);
  EXPECT_THAT(reasons(propose(sessions, std::nullopt, "",
                              leaving_out(kOtherGate, "a neighbour"))),
              ElementsAre(HasSubstr("missing in the session of 2026-01-31T02")));
}

TEST(LeaveOutTest, ItTakesAnExactNameAndAReason) {
  const struct {
    const char* gate;
    const char* reason;
    const char* complaint;
  } slips[] = {{"frob", "a neighbour", "--leave-out: there is no gate 'frob'"},
               {"runtime.*", "a neighbour", "there is no gate 'runtime.*'"},
               {kOtherGate, "", "a reason is missing"},
               {kOtherGate, " \t", "a reason is missing"},
               {kOtherGate, "REASON", "a reason is missing"}};
  for (const auto& [gate, reason, complaint] : slips) {
    try {
      (void)propose(sessions_with(kNoisy), std::nullopt, "", leaving_out(gate, reason));
      ADD_FAILURE() << gate << "=" << reason;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::invalid_argument);
      EXPECT_THAT(std::string(error.what()), HasSubstr(complaint));
    }
  }
}

TEST(LeaveOutTest, NotAllOfThem) {
  std::vector<RecordedSession> sessions = sessions_with(kNoisy);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[0] = made_up_gate(kGate, 0.2, kNoisy);
  }
  RefreshOptions options = leaving_out(kOtherGate, "a neighbour");
  options.left_out[kGate] = "another";
  const Proposal proposal = propose(sessions, std::nullopt, "", options);
  EXPECT_THAT(reasons(proposal), ElementsAre(HasSubstr("all 2 gates")));
  EXPECT_THAT(proposal.too_noisy, IsEmpty());  // nothing to suggest
  // Unasked, too; and when one of them is out already.
  EXPECT_THAT(propose(sessions, std::nullopt, "", made_up_options()).too_noisy,
              IsEmpty());
  options.left_out.erase(kOtherGate);
  options.accepted = {{kGate, "lost"}};
  EXPECT_THAT(reasons(propose(sessions, without_other(), "", options)),
              ElementsAre(HasSubstr("all 2 gates")));
}

TEST(LeaveOutTest, ToLoseAStoredGateIsALoosening) {
  const Baseline old = made_up_proposal().baseline;
  const Proposal refused = propose(sessions_with(kNoisy, -0.5, true), old, "",
                                   leaving_out(kOtherGate, "a neighbour"));
  EXPECT_THAT(reasons(refused),
              ElementsAre(AllOf(HasSubstr(kOtherGate), HasSubstr("--accept"))));
  ASSERT_THAT(refused.refusals, SizeIs(1));
  EXPECT_TRUE(refused.refusals[0].loosens);
  ASSERT_THAT(refused.too_noisy, SizeIs(1));
  EXPECT_FALSE(refused.too_noisy[0].wants_reason);
  EXPECT_TRUE(refused.too_noisy[0].wants_accept);

  const Proposal taken = propose(sessions_with(kNoisy, -0.5, true), old, "",
                                 losing(kOtherGate, "its machine is sold"));
  EXPECT_THAT(taken.refusals, IsEmpty());
  const LeftOut& left_out = taken.baseline.left_out.at(kOtherGate);
  EXPECT_EQ(left_out.reason, "a neighbour");
  ASSERT_TRUE(left_out.loosened);
  EXPECT_EQ(left_out.loosened->reason, "its machine is sold");
  EXPECT_EQ(left_out.loosened->commit, kLater);
  EXPECT_EQ(left_out.loosened->last.commit, kCommit);
  EXPECT_NEAR(left_out.loosened->last.reference.log_ratio, -0.5, 1e-9);
  EXPECT_TRUE(change_of(taken, kOtherGate).before);
  // Its last numbers still say which sessions they are from.
  EXPECT_THAT(taken.baseline.provenance.sessions, SizeIs(10));
}

TEST(LeaveOutTest, AnAcceptAloneLeavesNothingOut) {
  RefreshOptions options = made_up_options();
  options.accepted = {{"*", "whatever"}};
  const Proposal proposal =
      propose(sessions_with(kNoisy), made_up_proposal().baseline, "", options);
  EXPECT_THAT(reasons(proposal), ElementsAre(HasSubstr("can decide nothing")));
}

TEST(LeaveOutTest, WhatIsStillTooNoisyStaysOutAndChangesNoByte) {
  const Baseline old = without_other();
  const Proposal proposal =
      propose(sessions_with(0.08, -0.5, true), old, "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_THAT(proposal.too_noisy, IsEmpty());
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::still_left_out);
  EXPECT_EQ(change_of(proposal, kOtherGate).reason, "a neighbour");
  EXPECT_EQ(baseline_text(proposal.baseline), baseline_text(old));
}

TEST(LeaveOutTest, ItsSessionsStayBesideAGateThatMoved) {
  std::vector<RecordedSession> sessions = sessions_with(0.08, -0.5, true);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[0] = made_up_gate(kGate, 0.3);
  }
  const Proposal proposal = propose(sessions, without_other(), "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kGate).change, Change::faster);
  EXPECT_EQ(proposal.baseline.left_out.at(kOtherGate).commit, kCommit);
  EXPECT_THAT(proposal.baseline.provenance.sessions, SizeIs(10));
}

// Of a gate that was lost, though no other gate stands on them any more.
TEST(LeaveOutTest, TheSessionsOfLostNumbersStay) {
  std::vector<RecordedSession> sessions = sessions_with(kNoisy, -0.5, true);
  const auto first_gate = [&](double log_ratio) {
    for (RecordedSession& recorded : sessions) {
      recorded.session.results.comparisons[0] = made_up_gate(kGate, log_ratio);
    }
  };
  first_gate(0.3);
  const Baseline lost = propose(sessions, made_up_proposal().baseline, "",
                                losing(kOtherGate, "its machine is sold"))
                            .baseline;
  ASSERT_EQ(lost.gates.at(kGate).commit, kLater);
  EXPECT_THAT(lost.provenance.sessions, SizeIs(10));

  first_gate(0.4);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.build.commit = "00112233aabb";
    recorded.session.results.utc[3] = '8';  // 2028
    recorded.sha256 = sha256_hex(recorded.session.results.utc);
  }
  const Proposal proposal = propose(sessions, lost, "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::still_left_out);
  // Those of this refresh, of when it was left out, and of when it was measured last.
  EXPECT_THAT(proposal.baseline.provenance.sessions, SizeIs(15));
}

TEST(LeaveOutTest, ANewReasonComesWithNewFigures) {
  const Proposal proposal = propose(sessions_with(0.08, -0.5, true), that_lost_other(),
                                    "", leaving_out(kOtherGate, "two neighbours"));
  EXPECT_THAT(proposal.refusals, IsEmpty());
  const LeftOut& left_out = proposal.baseline.left_out.at(kOtherGate);
  EXPECT_EQ(left_out.reason, "two neighbours");
  EXPECT_NEAR(left_out.noise.process_sd, 0.08, 1e-9);
  ASSERT_TRUE(left_out.loosened);  // what it lost is not forgotten
  EXPECT_EQ(left_out.loosened->reason, "its machine is sold");
}

TEST(LeaveOutTest, AGateThatWouldDoIsBackByItself) {
  const Proposal proposal =
      propose(sessions_with(0.004, -0.5, true), without_other(), "", made_up_options());
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_THAT(proposal.baseline.left_out, IsEmpty());
  const GateEntry& entry = proposal.baseline.gates.at(kOtherGate);
  EXPECT_NEAR(entry.reference.log_ratio, -0.5, 1e-9);
  EXPECT_EQ(entry.anchor.commit, kLater);
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::restored);
  EXPECT_THAT(proposal.notes,
              ElementsAre(AllOf(HasSubstr(kOtherGate), HasSubstr("(a neighbour)"),
                                HasSubstr("it is back"))));
}

// Out and in again must not be a way around the ratchet.
TEST(LeaveOutTest, WhatComesBackIsHeldAgainstWhatItWas) {
  const Baseline lost = that_lost_other();
  const auto back = [&](double log_ratio, const RefreshOptions& options) {
    return propose(sessions_with(0.004, log_ratio, true), lost, "", options);
  };
  // The same: the old numbers, which their sessions come along with.
  const Proposal same = back(-0.502, made_up_options());
  EXPECT_THAT(same.refusals, IsEmpty());
  EXPECT_EQ(change_of(same, kOtherGate).change, Change::restored);
  EXPECT_EQ(same.baseline.gates.at(kOtherGate).commit, kCommit);
  EXPECT_THAT(same.baseline.provenance.sessions, SizeIs(10));

  const Proposal slower = back(-0.55, made_up_options());
  EXPECT_THAT(reasons(slower), ElementsAre(HasSubstr("5.1 % slower than its "
                                                     "baseline")));
  ASSERT_THAT(slower.refusals, SizeIs(1));
  EXPECT_TRUE(slower.refusals[0].loosens);
  RefreshOptions accepting = made_up_options();
  accepting.accepted = {{kOtherGate, "checks its output"}};
  const Proposal taken = back(-0.55, accepting);
  EXPECT_THAT(taken.refusals, IsEmpty());
  EXPECT_EQ(change_of(taken, kOtherGate).change, Change::slower);
  EXPECT_NEAR(taken.baseline.gates.at(kOtherGate).anchor.log_ratio, -0.5, 1e-9);

  EXPECT_THAT(reasons(back(-0.7, accepting)), ElementsAre(HasSubstr("its anchor")));
}

TEST(LeaveOutTest, AGateThatIsGoneIsNoLongerLeftOut) {
  RefreshOptions options = made_up_options();
  options.gate_ids = {kGate};
  const Proposal proposal =
      propose(sessions_with(kNoisy, -0.5, true), without_other(), "", options);
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_EQ(change_of(proposal, kOtherGate).change, Change::dropped);
  EXPECT_THAT(proposal.baseline.left_out, IsEmpty());
}

}  // namespace
}  // namespace assay::baselines
