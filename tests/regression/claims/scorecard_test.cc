// SPDX-License-Identifier: MIT
// From measurements that are written down here to verdicts, counts and exit codes.
#include "regression/claims/scorecard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "regression/claims/others.h"
#include "regression/json/file.h"
#include "tests/regression/claims/made_up_claims.h"
#include "tests/regression/json/schema_checker.h"
#include "tests/support/special_values.h"

namespace assay::claims {
namespace {

using End = Measurement::End;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Measurement measured(double low, double value, double high) {
  Measurement result;
  result.value = value;
  result.interval = {low, high};
  result.kind = "sign test over 15 processes";
  result.samples = {low, value, high};
  return result;
}

Measurement ended(End end) {
  Measurement result;
  result.end = end;
  result.reason = "because";
  return result;
}

ClaimStatus status_of(Direction direction, double target, const Measurement& what) {
  return judge_claim(made_up(direction, target), what).status;
}

TEST(ScorecardTest, TheWholeIntervalHasToBeOnTheClaimedSide) {
  const Measurement what = measured(2, 2.5, 3);
  EXPECT_EQ(status_of(Direction::at_least, 2, what), ClaimStatus::pass);
  EXPECT_EQ(status_of(Direction::at_least, 2.1, what), ClaimStatus::inconclusive);
  EXPECT_EQ(status_of(Direction::at_least, 3, what), ClaimStatus::inconclusive);
  EXPECT_EQ(status_of(Direction::at_least, 3.1, what), ClaimStatus::fail);
  EXPECT_EQ(status_of(Direction::at_most, 3, what), ClaimStatus::pass);
  EXPECT_EQ(status_of(Direction::at_most, 2.9, what), ClaimStatus::inconclusive);
  EXPECT_EQ(status_of(Direction::at_most, 2, what), ClaimStatus::inconclusive);
  EXPECT_EQ(status_of(Direction::at_most, 1.9, what), ClaimStatus::fail);
}

TEST(ScorecardTest, NoIntervalDecidesNothing) {
  const Measurement wide = measured(-kInfinity, 100, kInfinity);
  EXPECT_EQ(status_of(Direction::at_least, 1, wide), ClaimStatus::inconclusive);
  EXPECT_EQ(status_of(Direction::at_most, 1, wide), ClaimStatus::inconclusive);
}

// It stands beside the figure, and makes nothing true that was not.
TEST(ScorecardTest, ACeilingIsShownAndDecidesNothing) {
  Measurement what = measured(1, 1.5, 1.8);
  const Claim claim = made_up(Direction::at_least, 2);
  what.ceiling = 1.9;
  what.ceiling_interval = {1.875, 1.9375};
  Scorecard card;
  card.results = {judge_claim(claim, what)};
  EXPECT_EQ(card.results[0].status, ClaimStatus::fail);
  EXPECT_THAT(to_text(card), HasSubstr("the machine itself, without a device, in the "
                                       "same rounds: 1.9 [1.875, 1.938]"));
  card.results = {judge_claim(claim, measured(1, 1.5, 1.8))};
  EXPECT_THAT(to_text(card), Not(HasSubstr("the machine itself")));
}

TEST(ScorecardTest, NothingWithANanIsTrueOrFalse) {
  for (const Measurement& what :
       {measured(kNaN, 5, 6), measured(4, kNaN, 6), measured(4, 5, kNaN)}) {
    for (const Direction direction : {Direction::at_least, Direction::at_most}) {
      for (const double target : {1.0, 10.0}) {
        EXPECT_EQ(status_of(direction, target, what), ClaimStatus::invalid);
      }
    }
  }
  EXPECT_EQ(status_of(Direction::at_least, kNaN, measured(1, 2, 3)),
            ClaimStatus::inconclusive);
}

TEST(ScorecardTest, ASimulatedDeviceSatisfiesNoClaimAndRefutesNone) {
  Measurement what = measured(2, 2.5, 3);
  what.simulated = true;
  for (const double target : {1.0, 2.5, 10.0}) {
    const Result result = judge_claim(made_up(Direction::at_least, target), what);
    EXPECT_EQ(result.status, ClaimStatus::simulated) << target;
    EXPECT_EQ(result.exit_code, 4) << target;
  }
}

TEST(ScorecardTest, AMachineThatOthersUseDecidesNothing) {
  const auto judged = [](Direction direction, double target, const char* experiment,
                         double others) {
    Measurement what = measured(2, 2.5, 3);
    what.others = others;
    return judge_claim(made_up(direction, target, experiment), what);
  };
  constexpr auto kLeast = Direction::at_least;
  constexpr auto kMost = Direction::at_most;
  EXPECT_EQ(judged(kLeast, 1, "figure_ratio", 0.05).status, ClaimStatus::pass);
  EXPECT_EQ(judged(kLeast, 1, "figure_ratio", 0.5).status, ClaimStatus::inconclusive);
  EXPECT_EQ(judged(kLeast, 9, "figure_ratio", 0.5).status, ClaimStatus::inconclusive);
  EXPECT_EQ(judged(kLeast, 9, "figure_ratio", kNaN).status, ClaimStatus::inconclusive);
  EXPECT_THAT(judged(kLeast, 9, "figure_ratio", 0.5).reason, HasSubstr("50 %"));
  EXPECT_THAT(judged(kLeast, 9, "figure_ratio", kNaN).reason, HasSubstr("unknown"));
  // They make nothing faster, and change no count.
  EXPECT_EQ(judged(kMost, 9, "figure_time", 0.5).status, ClaimStatus::pass);
  EXPECT_EQ(judged(kMost, 1, "figure_time", 0.5).status, ClaimStatus::inconclusive);
  EXPECT_EQ(judged(kLeast, 9, "pool_saving", 0.5).status, ClaimStatus::fail);
}

TEST(OthersTest, ReadsProcStat) {
  const auto use = parse_cpu_use("cpu  100 20 30 1000 40 5 6 7 50 0\ncpu0 1 1\n", 100);
  ASSERT_TRUE(use);
  EXPECT_DOUBLE_EQ(use->busy_s, 1.68);  // not idle, not waiting, guests once
  EXPECT_DOUBLE_EQ(use->total_s, 12.08);
  for (const char* text : {"", "cpu", "cpu ", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3",
                           "cpu a b c d e f g h", "intr 1 2 3 4 5 6 7 8"}) {
    EXPECT_FALSE(parse_cpu_use(text, 100)) << text;
  }
  EXPECT_FALSE(parse_cpu_use("cpu 1 2 3 4 5 6 7 8", 0));
  const double share = Others().share();
  EXPECT_GE(share, 0);
  EXPECT_LE(share, 1);
}

TEST(ScorecardTest, WhatWasNotMeasuredHasItsOwnCode) {
  const struct {
    End end;
    ClaimStatus status;
    int exit_code;
  } rows[] = {
      {End::undecided, ClaimStatus::inconclusive, 4},
      {End::absent, ClaimStatus::untested, 6},
      {End::refused, ClaimStatus::invalid, 6},
      {End::malformed, ClaimStatus::invalid, 7},
      {End::wrong, ClaimStatus::invalid, 3},
      {End::broken, ClaimStatus::invalid, 70},
  };
  for (const auto& row : rows) {
    Measurement what = ended(row.end);
    // Numbers that are there all the same count for nothing.
    what.value = 5;
    what.interval = {4, 6};
    const Result result = judge_claim(made_up(Direction::at_least, 1), what);
    EXPECT_EQ(result.status, row.status);
    EXPECT_EQ(result.exit_code, row.exit_code);
    EXPECT_EQ(result.reason, "because");
  }
}

class WholeScorecardTest : public testing::Test {
 protected:
  // The original's: four true, one false, two nobody tested.
  WholeScorecardTest() {
    card_.title = "made up";
    for (int i = 0; i < 4; ++i) add(measured(2, 2.5, 3));
    add(measured(0.3, 0.37, 0.4));
    card_.results.push_back(untested(claim_, "deferred"));
    card_.results.push_back(untested(claim_, "deferred"));
  }
  void add(const Measurement& what) {
    card_.results.push_back(judge_claim(claim_, what));
  }

  Claim claim_ = made_up(Direction::at_least, 2);
  Scorecard card_;
};

TEST_F(WholeScorecardTest, CountsAllOfTheFile) {
  EXPECT_EQ(count(card_, ClaimStatus::pass), 4U);
  EXPECT_EQ(count(card_, ClaimStatus::fail), 1U);
  EXPECT_EQ(count(card_, ClaimStatus::untested), 2U);
  const std::string text = to_text(card_);
  EXPECT_THAT(text, HasSubstr("7 claims: 4 pass, 1 fail, 2 untested, 0 inconclusive, "
                              "0 invalid, 0 simulated"));
  EXPECT_THAT(text, HasSubstr("shown to be true: 4 of 7"));
  EXPECT_THAT(text, Not(HasSubstr("80 %")));
}

TEST_F(WholeScorecardTest, TheWorstWins) {
  EXPECT_EQ(exit_code_of(card_, false), 1);
  add(ended(End::absent));
  EXPECT_EQ(exit_code_of(card_, false), 6);
  add(ended(End::wrong));
  EXPECT_EQ(exit_code_of(card_, false), 3);
  add(ended(End::broken));
  EXPECT_EQ(exit_code_of(card_, false), 70);
}

TEST(ScorecardTest, OnlyStrictMindsWhatIsOpen) {
  const Claim claim = made_up(Direction::at_least, 2);
  Scorecard card;
  card.results = {judge_claim(claim, measured(1, 2, 3))};
  EXPECT_EQ(exit_code_of(card, false), 0);
  EXPECT_EQ(exit_code_of(card, true), 4);
  card.results = {untested(claim, "left out by --only")};
  EXPECT_EQ(exit_code_of(card, true), 0);
}

TEST_F(WholeScorecardTest, TheSchemaDescribesWhatIsWritten) {
  for (const End end : {End::absent, End::refused, End::malformed, End::wrong,
                        End::broken, End::cancelled}) {
    add(ended(end));
  }
  Measurement simulated = measured(1, 2, kInfinity);
  simulated.simulated = true;
  add(simulated);
  add(measured(kNaN, kNaN, kNaN));
  Measurement bounded = measured(1, 2, 3);
  bounded.ceiling = 2.5;
  bounded.ceiling_interval = {2.25, 2.75};
  add(bounded);
  const json::Value schema = json::load_file(std::string(ASSAY_SOURCE_DIR) +
                                             "/docs/schema/claims_report.schema.json");
  const json::Value document = json::parse(json::to_text(to_json(card_)));
  EXPECT_THAT(json::schema_problems(schema, document), IsEmpty());
  for (const auto& [key, value] : *document.get_if<json::Value::Object>()) {
    json::Value without = document;
    without.get_if<json::Value::Object>()->erase(key);
    EXPECT_THAT(json::schema_problems(schema, without), Not(IsEmpty())) << key;
  }
  // What was not measured has no number.
  const auto items = json::Cursor(document).at("claims").items();
  EXPECT_TRUE(items[0].find("value"));
  EXPECT_FALSE(items[5].find("value"));
  EXPECT_FALSE(items.front().find("ceiling"));
  EXPECT_EQ(items.back().at("ceiling").as_double(), 2.5);
  EXPECT_EQ(items.back().at("ceiling_low").as_double(), 2.25);
  EXPECT_EQ(items.back().at("ceiling_high").as_double(), 2.75);
}

}  // namespace
}  // namespace assay::claims
