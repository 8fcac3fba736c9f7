// SPDX-License-Identifier: MIT
// What no baseline is made of: each reason by itself, on sessions that are otherwise
// good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/baselines/refresh.h"
#include "regression/baselines/session_checks.h"
#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The reasons after `change`; each must be one line about the measurement, not about a
// slower gate.
std::vector<std::string> reasons(
    const std::function<void(std::vector<RecordedSession>&, RefreshOptions&)>& change,
    const std::optional<Baseline>& old = std::nullopt) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  RefreshOptions options = made_up_options();
  change(sessions, options);
  std::vector<std::string> result;
  for (const Refusal& refusal : propose(sessions, old, "", options).refusals) {
    EXPECT_FALSE(refusal.loosens) << refusal.reason;
    EXPECT_EQ(refusal.reason.find('\n'), std::string::npos);
    result.push_back(refusal.reason);
  }
  return result;
}

// The same for a change of the third session alone.
std::vector<std::string> reasons_of(
    const std::function<void(measure::Session&)>& change) {
  return reasons([&](auto& sessions, auto&) { change(sessions[2].session); });
}

measure::Comparison& gate_of(measure::Session& session) {
  return session.results.comparisons[0];
}

TEST(RefusalsTest, GoodSessionsAreTaken) {
  EXPECT_THAT(reasons([](auto&, auto&) {}), IsEmpty());
}

TEST(RefusalsTest, TooFewSessions) {
  EXPECT_THAT(reasons([](auto& sessions, auto&) { sessions.resize(2); }),
              ElementsAre(HasSubstr("2 sessions, and a baseline needs at least 3")));
  EXPECT_THAT(reasons([](auto& sessions, auto&) { sessions.clear(); }),
              ElementsAre(HasSubstr("0 sessions")));
  EXPECT_THAT(reasons([](auto& sessions, auto&) { sessions.resize(3); }), IsEmpty());
}

TEST(RefusalsTest, SessionsTooClose) {
  const auto at = [](const char* utc) {
    return reasons_of([&](measure::Session& session) { session.results.utc = utc; });
  };
  EXPECT_THAT(at("2026-01-31T03:09:59Z"),
              ElementsAre(HasSubstr("599 s after the one before, less than 600")));
  EXPECT_THAT(at("2026-01-31T03:10:00Z"), IsEmpty());
  EXPECT_THAT(at("2026-01-31T03:00:00Z"), ElementsAre(HasSubstr("0 s after")));
  EXPECT_THAT(at("yesterday"), ElementsAre(HasSubstr("'yesterday', which is no time")));
  EXPECT_THAT(at("2026-02-30T03:00:00Z"), ElementsAre(HasSubstr("no time")));
}

TEST(RefusalsTest, AnotherGapIsToldInTheProposal) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    sessions[i].session.results.utc = "2026-01-31T00:00:0" + std::to_string(i) + "Z";
  }
  RefreshOptions options = made_up_options();
  options.min_gap_s = 1;
  const Proposal proposal = propose(sessions, std::nullopt, "", options);
  EXPECT_THAT(proposal.refusals, IsEmpty());
  EXPECT_THAT(proposal.notes, ElementsAre("sessions may be 1 s apart, instead of 600"));
}

TEST(RefusalsTest, ABuildThatNobodyCanRepeat) {
  const auto with = [](const auto& change) {
    return reasons([&](auto& sessions, auto&) {
      for (RecordedSession& s : sessions) change(s.session.results.build);
    });
  };
  EXPECT_THAT(with([](auto& build) { build.commit += "-dirty"; }),
              ElementsAre(HasSubstr("0123456789ab-dirty, a tree with changes")));
  EXPECT_THAT(with([](auto& build) { build.commit.clear(); }),
              ElementsAre(HasSubstr("knows no commit")));
  EXPECT_THAT(with([](auto& build) { build.build_type = "Debug"; }),
              ElementsAre(HasSubstr("a 'Debug' build was measured")));
}

TEST(RefusalsTest, ACommitThatIsNoAncestor) {
  const auto with = [](Ancestry ancestry) {
    return reasons([&](auto&, auto& options) { options.ancestry = ancestry; });
  };
  EXPECT_THAT(with(Ancestry::no), ElementsAre(HasSubstr("is not an ancestor")));
  EXPECT_THAT(with(Ancestry::unknown), IsEmpty());
  RefreshOptions options = made_up_options();
  options.ancestry = Ancestry::unknown;
  EXPECT_THAT(propose(made_up_sessions(), std::nullopt, "", options).notes,
              ElementsAre(HasSubstr("no git here")));
}

TEST(RefusalsTest, SessionsThatAreNotAlike) {
  EXPECT_THAT(reasons_of([](auto& s) { s.suite = "other"; }),
              ElementsAre(HasSubstr("suite 'other', the first has 'core'")));
  EXPECT_THAT(reasons_of([](auto& s) { s.results.build.commit = "fedcba987654"; }),
              ElementsAre(HasSubstr("commit 'fedcba987654'")));
  EXPECT_THAT(reasons_of([](auto& s) { s.results.build.compiler = "gcc 12.3.0"; }),
              ElementsAre(HasSubstr("compiler 'gcc 12.3.0'")));
  EXPECT_THAT(reasons_of([](auto& s) { s.results.build.version = "0.2"; }),
              ElementsAre(HasSubstr("version '0.2'")));
  EXPECT_THAT(reasons_of([](auto& s) { s.results.machine.cpus = 4; }),
              ElementsAre(HasSubstr("another host class: cpus: 2 in the baseline, 4")));
}

TEST(RefusalsTest, ASessionThatIsNotWhole) {
  EXPECT_THAT(reasons_of([](auto& s) { s.results.complete = false; }),
              ElementsAre(HasSubstr("stopped before its end")));
  EXPECT_THAT(reasons_of([](auto& s) { s.base = {s.results.comparisons[0]}; }),
              ElementsAre(HasSubstr("record one without --base")));
  EXPECT_THAT(reasons_of([](auto& s) { s.injected = 0.05; }),
              ElementsAre(HasSubstr("5 % of extra work was injected")));
  EXPECT_THAT(
      reasons_of([](auto& s) {
        s.results.comparisons.erase(s.results.comparisons.begin() + 1);
      }),
      ElementsAre(HasSubstr("runtime.submit.cus1.call: missing in the session of "
                            "2026-01-31T02:00:00Z")));
}

TEST(RefusalsTest, AGuardThatFailed) {
  EXPECT_THAT(
      reasons_of([](auto& s) { gate_of(s).processes[0].custom_check.wrong = 1; }),
      ElementsAre(HasSubstr("wrong_result")));
  EXPECT_THAT(reasons_of([](auto& s) { gate_of(s).flops = 1e9; }),
              ElementsAre(HasSubstr("implausible")));
  EXPECT_THAT(reasons_of([](auto& s) { gate_of(s).failure = "worker stopped"; }),
              ElementsAre(HasSubstr("worker stopped")));
  EXPECT_THAT(reasons_of([](auto& s) { gate_of(s).audit.impaired = true; }),
              ElementsAre(HasSubstr("library_impaired")));
}

TEST(RefusalsTest, AControlThatFailedOrIsNotThere) {
  // One line, not one for each gate.
  EXPECT_THAT(
      reasons_of([](auto& s) {
        s.results.comparisons[2] = made_up_control();
        judge::for_each_block(s.results.comparisons[2], [](auto, auto, auto& block) {
          block.library_ns.fill(1.1e6);
        });
      }),
      ElementsAre(HasSubstr("and 1 more: invalid_run: control control.matmul")));
  EXPECT_THAT(reasons_of([](auto& s) { s.results.comparisons.pop_back(); }),
              ElementsAre(HasSubstr("has no control")));
}

TEST(RefusalsTest, TimeThatTheHypervisorTook) {
  // 0.3 ms of each block, the shortest of which takes 32 ms: none is dropped.
  EXPECT_THAT(reasons_of([](auto& s) {
                for (auto& comparison : s.results.comparisons) {
                  for (auto& process : comparison.processes) {
                    for (auto& block : process.blocks) block.spoilers.steal_ms = 0.3;
                  }
                }
              }),
              IsEmpty());
  const std::vector<std::string> found = reasons_of([](auto& s) {
    for (auto& process : gate_of(s).processes) {
      for (auto& block : process.blocks) block.spoilers.steal_ms = 40;
    }
  });
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found, testing::Contains(HasSubstr("the hypervisor took 3")));
}

TEST(RefusalsTest, AGateTooNoisyToDecideAnything) {
  const std::vector<std::string> found = reasons([](auto& sessions, auto&) {
    for (RecordedSession& s : sessions) {
      gate_of(s.session) = made_up_gate(kGate, 0.2, 0.06);
    }
  });
  EXPECT_THAT(found, ElementsAre(testing::AllOf(HasSubstr(kGate),
                                                HasSubstr("can decide nothing"))));
}

TEST(RefusalsTest, SessionsThatDisagree) {
  const std::vector<std::string> found = reasons([](auto& sessions, auto&) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      gate_of(sessions[i].session) = made_up_gate(kGate, i % 2 == 0 ? 0.2 : 0.28);
    }
  });
  EXPECT_THAT(found, testing::Contains(testing::AllOf(HasSubstr(kGate),
                                                      HasSubstr("sessions differ by "
                                                                "4.3"))));
}

TEST(RefusalsTest, AnotherLibraryInOneSession) {
  EXPECT_THAT(reasons_of([](auto& s) { gate_of(s).audit.version = "0.3.26"; }),
              ElementsAre(HasSubstr("the library is not the same in all sessions")));
}

TEST(RefusalsTest, ANewGateWithoutSamples) {
  EXPECT_THAT(reasons([](auto&, auto& options) {
                options.gate_ids.emplace_back("new.gate");
              })[0],
              HasSubstr("new.gate: missing in the session of"));
}

TEST(RefusalsTest, AnOldBaselineOfAnotherClassOrSuite) {
  Baseline old = made_up_proposal().baseline;
  old.host.hard["compiler"] = "gcc 11";
  EXPECT_THAT(reasons([](auto&, auto&) {}, old),
              ElementsAre(HasSubstr("another host class: compiler: gcc 11")));
  old = made_up_proposal().baseline;
  old.suite = "other";
  EXPECT_THAT(reasons([](auto&, auto&) {}, old), ElementsAre(HasSubstr("'other'")));
}

TEST(ParseUtcTest, KnowsOneForm) {
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_utc("2026-01-31T12:00:00Z"), 1769860800);
  EXPECT_EQ(parse_utc("2024-02-29T00:00:01Z"), 1709164801);
  for (const char* text :
       {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z",
        "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z", "+026-01-31T12:00:00Z", "2026-01-31T1a:00:00Z"}) {
    EXPECT_EQ(parse_utc(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace assay::baselines
