// SPDX-License-Identifier: MIT
#include "regression/baselines/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

using testing::HasSubstr;

constexpr const char* kThirdGate = "runtime.synchronize.cus1.call";

// One gate slower (the other file's last by name), one kept, one new, one gone.
Proposal made_up_change() {
  RefreshOptions options = made_up_options();
  const Baseline old = made_up_proposal(0.2).baseline;
  std::vector<RecordedSession> sessions = made_up_sessions(0.2, -0.6);
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons.push_back(made_up_gate(kThirdGate, 0));
  }
  options.gate_ids = {kGate, kOtherGate, kThirdGate};
  options.accepted = {{kOtherGate, "checks its output | <now>\nsee above"}};
  return propose(sessions, old, std::string(64, '0'), options);
}

TEST(DiffTest, RegressionsComeFirst) {
  const std::string text = markdown_diff(made_up_change());
  const std::size_t slower = text.find(std::string("| ") + kOtherGate);
  const std::size_t added = text.find(std::string("| ") + kThirdGate);
  const std::size_t kept = text.find(std::string("| ") + kGate);
  ASSERT_NE(slower, text.npos);
  ASSERT_NE(added, text.npos);
  ASSERT_NE(kept, text.npos);
  EXPECT_LT(slower, added);
  EXPECT_LT(added, kept);
  EXPECT_THAT(text,
              HasSubstr("3 gates: 1 slower, 0 against another library, 0 left out, "
                        "0 dropped, 1 new, 0 back, 0 faster, 0 moved, 1 kept, 0 still "
                        "left out."));
}

TEST(DiffTest, ARowHasBothRatiosTheChangeTheTierAndTheReason) {
  const std::string text = markdown_diff(made_up_change());
  // exp(-0.5), exp(-0.6), and exp(0.1) - 1 slower.
  EXPECT_THAT(text,
              HasSubstr("| runtime.submit.cus1.call | 0.607 \\[0.604, 0.609\\] | 0.549 "
                        "\\[0.547, 0.551\\] | +10.5 | tight | 25/5 | **SLOWER** | "));
  EXPECT_THAT(text, HasSubstr("| runtime.synchronize.cus1.call | - | 1.000 "));
}

// A reason is free text: it must neither end its cell nor its line.
TEST(DiffTest, TextMeansNothingToMarkdown) {
  EXPECT_THAT(markdown_diff(made_up_change()),
              HasSubstr("checks its output \\| \\<now\\>?see above |\n"));
}

// In this order: what is lost, what is back, what stays out.
TEST(DiffTest, WhatIsLeftOutSaysHowBadlyItIsKnown) {
  RefreshOptions options = made_up_options();
  options.gate_ids = {kGate, kOtherGate, kThirdGate};
  const auto sessions = [](double first, double other, double third) {
    std::vector<RecordedSession> made = made_up_sessions();
    for (RecordedSession& recorded : made) {
      auto& gates = recorded.session.results.comparisons;
      gates[0] = made_up_gate(kGate, 0.2, first);
      gates[1] = made_up_gate(kOtherGate, -0.5, other);
      gates.push_back(made_up_gate(kThirdGate, 0, third));
    }
    return made;
  };
  options.left_out = {{kOtherGate, "a neighbour"}, {kThirdGate, "a | cell"}};
  const Proposal first =
      propose(sessions(0.004, 0.06, 0.06), std::nullopt, "", options);
  ASSERT_TRUE(first.refusals.empty());
  options.left_out = {{kGate, "sold"}};
  options.accepted = {{kGate, "nobody has one"}};
  const Proposal second =
      propose(sessions(0.06, 0.004, 0.06), first.baseline, "", options);
  ASSERT_TRUE(second.refusals.empty());
  const std::string text = markdown_diff(second);
  EXPECT_THAT(text, HasSubstr("3 gates: 0 slower, 0 against another library, 1 left "
                              "out, 0 dropped, 0 new, 1 back, 0 faster, 0 moved, "
                              "0 kept, 1 still left out."));
  EXPECT_THAT(text, testing::ContainsRegex(
                        "\\*\\*LEFT OUT\\*\\*: known to [+]-3[.]7[0-9] %, decides at "
                        "3[.]29 % . sold; accepted: nobody has one .\n.*submit.*back"));
  EXPECT_THAT(text, HasSubstr("% | a \\| cell |\n"));
  EXPECT_THAT(text, HasSubstr("would do now"));
}

TEST(DiffTest, SessionsAndNotesAreListed) {
  Proposal proposal = made_up_change();
  proposal.notes = {"no git here"};
  const std::string text = markdown_diff(proposal);
  EXPECT_THAT(text, HasSubstr("- 2026-01-31T00:00:00Z: 5 processes a gate, steal 0.00 "
                              "%, sha256 "));
  EXPECT_THAT(text, HasSubstr("Notes:\n\n- no git here\n"));
}

}  // namespace
}  // namespace assay::baselines
