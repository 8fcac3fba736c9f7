// SPDX-License-Identifier: MIT
#include "regression/baselines/proposal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/interface/status.h"
#include "regression/baselines/store.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::baselines {
namespace {

using json::Value;
using testing::HasSubstr;

std::string complaint(const Value& document) {
  try {
    (void)proposal_from_json(document);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    return error.what();
  }
  return {};
}

Proposal refresh_of(const Baseline& old, double log_ratio) {
  RefreshOptions options = made_up_options();
  options.accepted = {{kGate, "checked | <now>"}};
  options.ancestry = Ancestry::unknown;
  return propose(made_up_sessions(log_ratio), old, sha256_hex(baseline_text(old)),
                 options);
}

TEST(ProposalTest, WrittenAndReadAgainItIsTheSame) {
  const Proposal proposal = refresh_of(made_up_proposal(0.3).baseline, 0.2);
  ASSERT_TRUE(proposal.refusals.empty());
  const std::string text = json::to_text(to_json(proposal));
  const Proposal again = proposal_from_json(json::parse(text));
  EXPECT_EQ(json::to_text(to_json(again)), text);
  EXPECT_EQ(again.replaces_sha256, proposal.replaces_sha256);
  EXPECT_EQ(again.changes.size(), 2U);
  EXPECT_EQ(again.changes[0].change, Change::slower);
  EXPECT_EQ(again.changes[0].reason, "checked | <now>");
  EXPECT_EQ(again.changes[1].change, Change::kept);
  EXPECT_EQ(again.notes.size(), 1U);
  EXPECT_EQ(again.sessions.size(), 5U);
}

TEST(ProposalTest, WhatItLeavesOutIsInIt) {
  std::vector<RecordedSession> sessions = made_up_sessions();
  for (RecordedSession& recorded : sessions) {
    recorded.session.results.comparisons[1] = made_up_gate(kOtherGate, -0.5, 0.06);
  }
  RefreshOptions options = made_up_options();
  options.left_out = {{kOtherGate, "a neighbour"}};
  const Proposal proposal = propose(sessions, std::nullopt, "", options);
  const std::string text = json::to_text(to_json(proposal));
  const Proposal again = proposal_from_json(json::parse(text));
  EXPECT_EQ(json::to_text(to_json(again)), text);
  EXPECT_EQ(again.changes[0].change, Change::left_out);
  EXPECT_EQ(again.baseline.left_out.at(kOtherGate).reason, "a neighbour");
}

// Only what was proposed gets in: any change by hand shows.
TEST(ProposalTest, AnEditedProposalIsRefused) {
  const Value good = to_json(made_up_proposal());
  EXPECT_EQ(complaint(good), "");
  Value edited = good;
  (*edited.get_if<Value::Object>())["replaces_sha256"] = std::string(64, '0');
  EXPECT_THAT(complaint(edited), HasSubstr("not what was proposed"));
  edited = good;
  auto& root = *edited.get_if<Value::Object>();
  auto& baseline = *root["baseline"].get_if<Value::Object>();
  auto& provenance = *baseline["provenance"].get_if<Value::Object>();
  provenance["commit"] = "fedcba987654";
  EXPECT_THAT(complaint(edited), HasSubstr("content_sha256"));
  edited = good;
  (*edited.get_if<Value::Object>()).erase("content_sha256");
  EXPECT_THAT(complaint(edited), HasSubstr("content_sha256"));
}

// Each part of it: a note that is gone hides a check that was loosened.
TEST(ProposalTest, NoPartCanBeLeftOutOfTheHash) {
  const Value good = to_json(refresh_of(made_up_proposal(0.3).baseline, 0.2));
  ASSERT_EQ(complaint(good), "");
  for (const char* const list : {"sessions", "changes", "notes"}) {
    Value edited = good;
    auto& items = *(*edited.get_if<Value::Object>())[list].get_if<Value::Array>();
    ASSERT_FALSE(items.empty()) << list;
    items.pop_back();
    EXPECT_THAT(complaint(edited), HasSubstr("not what was proposed")) << list;
  }
}

class ApplyTest : public testing::Test {
 protected:
  const TemporaryFolder folder_{"apply"};
};

TEST_F(ApplyTest, WritesWhatWasProposed) {
  const Proposal proposal = made_up_proposal();
  const std::string path = apply_proposal(proposal, folder_.path());
  EXPECT_EQ(path, folder_ / "x86_64-amd-fam26-avx512-2c-kvm-l3_32m/core.json");
  EXPECT_EQ(json::read_file(path), baseline_text(proposal.baseline));

  const Proposal next = refresh_of(load_baseline(path), 0.4);
  EXPECT_EQ(apply_proposal(next, folder_.path()), path);
  EXPECT_EQ(json::read_file(path), baseline_text(next.baseline));
}

TEST_F(ApplyTest, ABaselineThatChangedSinceIsLeftAlone) {
  const std::string path = apply_proposal(made_up_proposal(), folder_.path());
  const Proposal late = refresh_of(load_baseline(path), 0.4);
  const Proposal first = refresh_of(load_baseline(path), 0.5);
  (void)apply_proposal(first, folder_.path());
  for (const Proposal& proposal : {late, first}) {  // and none twice
    try {
      (void)apply_proposal(proposal, folder_.path());
      ADD_FAILURE() << "applied";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::failed_precondition);
      EXPECT_THAT(std::string(error.what()), HasSubstr("propose again"));
    }
  }
  EXPECT_EQ(json::read_file(path), baseline_text(first.baseline));
}

}  // namespace
}  // namespace assay::baselines
