// SPDX-License-Identifier: MIT
#include "regression/baselines/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "regression/baselines/figures.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/refusal.h"

namespace assay::baselines {
namespace {

using json::Value;
using testing::HasSubstr;

// Every field has a value that is not its default.
Baseline made_up_baseline() {
  Baseline baseline = made_up_proposal(0.123456789).baseline;
  GateEntry& entry = baseline.gates.at(kGate);
  entry.accepted = {"the output is checked now", "abcdef012345", 0.25};
  entry.anchor = {0.3, "fedcba987654"};
  return baseline;
}

Value::Object& member(Value& value, const char* name) {
  return *(*value.get_if<Value::Object>())[name].get_if<Value::Object>();
}
Value::Object& gate(Value& document) {
  return *member(document, "gates")[kGate].get_if<Value::Object>();
}

std::string complaint(const std::function<void(Value&)>& change) {
  return refusal(made_up_baseline(), change);
}

TEST(BaselineTest, WrittenAndReadAgainItIsTheSame) {
  const Baseline baseline = made_up_baseline();
  ASSERT_EQ(baseline.gates.size(), 2U);
  const std::string text = baseline_text(baseline);
  const Baseline again = baseline_from_text(text, "x");
  EXPECT_EQ(baseline_text(again), text);
  // Numbers were rounded when the entries were made, so they survive bit by bit.
  const judge::GateReference& before = baseline.gates.at(kGate).reference;
  const judge::GateReference& after = again.gates.at(kGate).reference;
  EXPECT_EQ(after.log_ratio, before.log_ratio);
  EXPECT_EQ(after.process_sd, before.process_sd);
  EXPECT_EQ(after.session_sd, before.session_sd);
  EXPECT_EQ(after.processes, 25U);
  EXPECT_EQ(after.sessions, 5U);
  EXPECT_EQ(after.tier, before.tier);
  EXPECT_EQ(after.custom_cost, before.custom_cost);
  EXPECT_EQ(after.library_cost, before.library_cost);
  EXPECT_EQ(again.gates.at(kGate).library, "OpenBLAS 0.3.21 Cooperlake, 2 threads");
  EXPECT_EQ(again.gates.at(kGate).commit, kCommit);
  EXPECT_EQ(again.gates.at(kGate).anchor.log_ratio, 0.3);
  EXPECT_EQ(again.gates.at(kGate).accepted->reason, "the output is checked now");
  EXPECT_EQ(again.gates.at(kGate).accepted->old_log_ratio, 0.25);
  EXPECT_FALSE(again.gates.at(kOtherGate).accepted);
  EXPECT_EQ(again.host.hard, baseline.host.hard);
  EXPECT_EQ(again.host.soft, baseline.host.soft);
  EXPECT_EQ(again.provenance.sessions.size(), 5U);
  EXPECT_EQ(again.provenance.sessions[0].sha256,
            baseline.provenance.sessions[0].sha256);
  EXPECT_EQ(again.provenance.compiler, "gcc 12.2.0");
}

TEST(BaselineTest, NumbersHaveSixDigits) {
  EXPECT_EQ(six_digits(0.1234567), 0.123457);
  EXPECT_EQ(six_digits(-1234567.0), -1234570.0);
  EXPECT_EQ(six_digits(1e-300 / 3), 3.33333e-301);
  EXPECT_FALSE(std::signbit(six_digits(-0.0)));
  EXPECT_TRUE(std::isnan(six_digits(std::nan(""))));
  for (double value = 1.0 / 3; value < 1e6; value *= 1.7) {
    EXPECT_EQ(six_digits(six_digits(value)), six_digits(value));
  }
  EXPECT_THAT(baseline_text(made_up_baseline()), HasSubstr("\"log_ratio\": 0.123457,"));
}

TEST(BaselineTest, DerivedFiguresFollow) {
  judge::GateReference reference;
  reference.log_ratio = std::log(1.5);
  reference.process_sd = 0.004;
  reference.processes = 25;
  reference.sessions = 5;
  const Figures figures = figures_of(reference);
  EXPECT_DOUBLE_EQ(figures.ratio, 1.5);
  // SE^2 = 0.004^2 / 25 + 0.003^2 / 5 with 20 and 4 degrees: SE = 0.1562 %, 7.1 degrees
  // with t = 2.36: +-0.368 %.
  EXPECT_NEAR(std::log(figures.interval.high / 1.5), 0.00368, 0.0001);
  EXPECT_NEAR(std::log(figures.interval.low / 1.5), -0.00368, 0.0001);
  EXPECT_DOUBLE_EQ(
      figures.smallest_detectable,
      six_digits(std::expm1(2 * judge::expected_half_width(reference, {}, {}))));
  // A gate of 3 sessions knows less.
  reference.processes = 15;
  reference.sessions = 3;
  EXPECT_GT(figures_of(reference).smallest_detectable,
            1.5 * figures.smallest_detectable);
}

TEST(BaselineTest, ADerivedFigureThatDisagreesIsRefused) {
  EXPECT_THAT(complaint([](Value& v) { gate(v)["ratio"] = 1.2; }),
              HasSubstr("ratio: 1.2 does not follow from the stored numbers"));
  EXPECT_THAT(complaint([](Value& v) {
                gate(v)["interval"] = Value::Array{1.0, 2.0};
              }),
              HasSubstr("interval[0]: 1 does not follow"));
  EXPECT_THAT(
      complaint([](Value& v) { gate(v)["smallest_detectable_slowdown"] = 0.5; }),
      HasSubstr("smallest_detectable_slowdown: 0.5 does not follow"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["log_ratio"] = 0.2; }),
              HasSubstr("does not follow"));
}

TEST(BaselineTest, WhatIsUnknownMissingOrOutOfRangeIsRefused) {
  EXPECT_EQ(complaint([](Value&) {}), "");
  EXPECT_THAT(complaint([](Value& v) { (*v.get_if<Value::Object>())["colour"] = 1; }),
              HasSubstr("unknown member \"colour\""));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["colour"] = 1; }),
              HasSubstr("unknown member"));
  EXPECT_THAT(complaint([](Value& v) { member(v, "schema")["colour"] = 1; }),
              HasSubstr("unknown member"));
  EXPECT_THAT(
      complaint([](Value& v) { member(v, "schema")["name"] = "assay.results"; }),
      HasSubstr("assay.baseline"));
  EXPECT_THAT(complaint([](Value& v) { member(v, "schema")["major"] = 2; }),
              HasSubstr("version 2"));
  EXPECT_THAT(complaint([](Value& v) { gate(v).erase("library"); }),
              HasSubstr("\"library\" is missing"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["processes"] = -1; }),
              HasSubstr("found -1"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["processes"] = 0; }),
              HasSubstr("at least 1"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["processes"] = 5000000000; }),
              HasSubstr("out of range"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["sessions"] = 25; }),
              HasSubstr("more processes than sessions"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["process_sd"] = -0.1; }),
              HasSubstr("negative"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["session_sd"] = 1e300; }),
              HasSubstr("no standard deviation"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["log_ratio"] = 1e300; }),
              HasSubstr("no log ratio"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["log_ratio"] = "nan"; }),
              HasSubstr("log_ratio"));
  EXPECT_THAT(complaint([](Value& v) { gate(v)["tier"] = "loose"; }),
              HasSubstr("tight or standard"));
}

// A file must not say where it goes.
TEST(BaselineTest, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"", ".", "..", "../x", "a/b", "A", ".x", "a b", "x\n"}) {
    EXPECT_THAT(complaint([&](Value& v) { member(v, "host")["name"] = name; }),
                HasSubstr("is no name"))
        << name;
    EXPECT_THAT(
        complaint([&](Value& v) { (*v.get_if<Value::Object>())["suite"] = name; }),
        HasSubstr("is no name"));
  }
}

TEST(BaselineTest, TheLibraryIsNamedWithVersionCoreAndThreads) {
  measure::Comparison comparison = made_up_gate(kGate, 0);
  EXPECT_EQ(library_identity(comparison), "OpenBLAS 0.3.21 Cooperlake, 2 threads");
  comparison.audit.core_name = "";
  comparison.audit.threads = 1;
  EXPECT_EQ(library_identity(comparison), "OpenBLAS 0.3.21, 1 thread");
  comparison.audit = {};
  comparison.library.implementation = "calibration";
  EXPECT_EQ(library_identity(comparison), "calibration");
}

}  // namespace
}  // namespace assay::baselines
