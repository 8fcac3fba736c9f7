// SPDX-License-Identifier: MIT
// Gates left out, as they stand in a baseline file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "backends/interface/status.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/refusal.h"

namespace assay::baselines {
namespace {

using json::Value;
using testing::HasSubstr;
using testing::Not;

Value::Object& left_out(Value& document) {
  auto& root = *document.get_if<Value::Object>();
  auto& all = *root["left_out"].get_if<Value::Object>();
  return *all[kOtherGate].get_if<Value::Object>();
}

std::string refusal_of_file(const std::function<void(Value&)>& change) {
  return refusal(made_up_left_out(), change);
}

TEST(LeftOutFileTest, WrittenAndReadAgainItIsTheSame) {
  const std::string text = baseline_text(made_up_left_out());
  const Baseline again = baseline_from_text(text, "x");
  EXPECT_EQ(baseline_text(again), text);
  const LeftOut& there = again.left_out.at(kOtherGate);
  EXPECT_EQ(there.reason, "a neighbour");
  EXPECT_EQ(there.commit, kCommit);
  EXPECT_EQ(there.noise.process_sd, 0.06);
  EXPECT_EQ(there.noise.processes, 25U);
  ASSERT_TRUE(there.loosened);
  EXPECT_EQ(there.loosened->reason, "its machine is sold");
  EXPECT_EQ(there.loosened->commit, "fedcba987654");
  EXPECT_EQ(there.loosened->last.library, "OpenBLAS 0.3.21 Cooperlake, 2 threads");
  EXPECT_EQ(there.loosened->last.anchor.log_ratio, -0.5);
}

// A program that knows nothing of them refuses such a file; all others stay readable
// for it, byte for byte.
TEST(LeftOutFileTest, OnlyAFileThatLeavesOutSomethingIsOfTheNewerVersion) {
  EXPECT_THAT(baseline_text(made_up_left_out()), HasSubstr("\"minor\": 1"));
  const std::string old = baseline_text(made_up_proposal().baseline);
  EXPECT_THAT(old, HasSubstr("\"minor\": 0"));
  EXPECT_THAT(old, Not(HasSubstr("left_out")));
  EXPECT_TRUE(baseline_from_text(old, "x").left_out.empty());
}

TEST(LeftOutFileTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(refusal_of_file([](Value&) {}), "");
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["reason"] = ""; }),
              HasSubstr("reason: a reason is missing"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["reason"] = " \n"; }),
              HasSubstr("a reason is missing"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v).erase("reason"); }),
              HasSubstr("\"reason\" is missing"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["half_width"] = 0.2; }),
              HasSubstr("half_width: 0.2 does not follow"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["limit"] = 0.01; }),
              HasSubstr("limit: 0.01 does not follow"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["process_sd"] = 0.05; }),
              HasSubstr("does not follow"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["process_sd"] = -0.06; }),
              HasSubstr("negative"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["processes"] = 5; }),
              HasSubstr("more processes than sessions"));
  EXPECT_THAT(refusal_of_file([](Value& v) { left_out(v)["colour"] = 1; }),
              HasSubstr("unknown member"));
  const auto loosened = [](Value& v) -> Value::Object& {
    return *left_out(v)["loosened"].get_if<Value::Object>();
  };
  EXPECT_THAT(refusal_of_file([&](Value& v) { loosened(v)["reason"] = ""; }),
              HasSubstr("a reason is missing"));
  EXPECT_THAT(refusal_of_file([&](Value& v) { loosened(v).erase("last"); }),
              HasSubstr("\"last\" is missing"));
  EXPECT_THAT(refusal_of_file([&](Value& v) {
                (*loosened(v)["last"].get_if<Value::Object>())["ratio"] = 2.0;
              }),
              HasSubstr("does not follow"));
}

// Made by hand to look as if it could not decide: its figures say that it can.
TEST(LeftOutFileTest, AGateThatCanDecideIsRefused) {
  Baseline baseline = made_up_left_out();
  baseline.left_out.at(kOtherGate).noise.process_sd = 0.004;
  try {
    (void)baseline_from_json(to_json(baseline));
    ADD_FAILURE() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    EXPECT_THAT(std::string(error.what()), HasSubstr("within the limit"));
  }
}

TEST(LeftOutFileTest, NoGateIsBothThereAndLeftOut) {
  EXPECT_THAT(refusal_of_file([](Value& v) {
                auto& root = *v.get_if<Value::Object>();
                auto& gates = *root["gates"].get_if<Value::Object>();
                gates[kOtherGate] = gates[kGate];
              }),
              HasSubstr("is among the gates, too"));
}

TEST(LeftOutFileTest, NotNothingAndNotEverything) {
  EXPECT_THAT(refusal_of_file([](Value& v) {
                (*v.get_if<Value::Object>())["left_out"] = Value::Object{};
              }),
              HasSubstr("leaves out nothing"));
  EXPECT_THAT(refusal_of_file([](Value& v) {
                (*v.get_if<Value::Object>())["gates"] = Value::Object{};
              }),
              HasSubstr("leaves out every gate"));
}

}  // namespace
}  // namespace assay::baselines
