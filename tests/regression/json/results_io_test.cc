// SPDX-License-Identifier: MIT
#include "regression/measure/results_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "backends/interface/status.h"
#include "regression/report/judged_json.h"
#include "tests/regression/json/made_up_results.h"

namespace assay::measure {
namespace {

using json::Value;
using testing::HasSubstr;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file) << error.what();
    return error.what();
  }
  return "accepted";
}

// The made-up results with one member changed, by its path.
Value changed(std::initializer_list<const char*> path, Value value) {
  Value document = to_json(made_up_results());
  Value* at = &document;
  for (const char* step : path) {
    if (auto* array = at->get_if<Value::Array>()) {
      at = &array->at(static_cast<std::size_t>(std::stoul(step)));
    } else {
      at = &(*at->get_if<Value::Object>())[step];
    }
  }
  *at = std::move(value);
  return document;
}

std::string refusal_of(const Value& document) {
  return refusal([&] { (void)results_from_json(document); });
}

// The text holds every field: none of the made-up values is a default, so a field that
// is forgotten on one side makes the two texts differ.
TEST(ResultsIoTest, GoesThereAndBack) {
  const Results results = made_up_results();
  const std::string text = json::to_text(to_json(results));
  const Results back = results_from_json(json::parse(text));
  EXPECT_EQ(json::to_text(to_json(back)), text);
  EXPECT_EQ(back.comparisons.size(), 2U);
  EXPECT_EQ(back.comparisons[0].seed, 0xFFFFFFFFFFFFFFFFU);
  EXPECT_EQ(back.comparisons[0].processes[1].blocks[0].custom_ns[1], 1001.25);
  EXPECT_FALSE(back.comparisons[0].processes[1].blocks[0].custom_first);
  EXPECT_EQ(back.comparisons[0].library_scope, Scope::cold);
  EXPECT_EQ(back.machine.isa_flags, results.machine.isa_flags);
  EXPECT_EQ(back.worker_environment, results.worker_environment);
  EXPECT_EQ(back.command_line, results.command_line);
  EXPECT_FALSE(back.complete);
}

// Two fields that are exchanged on both sides go there and back unseen.
TEST(ResultsIoTest, TwinsAreNotExchanged) {
  const Comparison made_up = made_up_comparison();
  const Value document = json::parse(to_line(made_up));
  const json::Cursor at = json::Cursor(document).at("comparison");
  const json::Cursor process = at.at("processes").items()[0];
  const json::Cursor block = process.at("blocks").items()[0];
  EXPECT_EQ(block.at("custom_ns").items()[0].as_double(), 1000.5);
  EXPECT_EQ(block.at("custom_ns").items()[1].as_double(), 1001.25);
  EXPECT_EQ(block.at("library_ns").items()[0].as_double(), 1200);
  EXPECT_EQ(process.at("custom_check").at("worst").as_double(), 0.125);
  EXPECT_EQ(process.at("library_check").at("worst").as_string(), "inf");
  EXPECT_EQ(process.at("peak_gflops").as_double(), 250.5);
  EXPECT_EQ(process.at("peak_gbs").as_double(), 25.5);
  EXPECT_EQ(at.at("custom_scope").as_string(), "with_transfer");
  EXPECT_EQ(at.at("library_scope").as_string(), "cold");
  EXPECT_EQ(at.at("custom").at("implementation").as_string(), "packed");
  EXPECT_EQ(at.at("library").at("implementation").as_string(), "openblas");
  EXPECT_EQ(at.at("flops").as_double(), 1024);
  EXPECT_EQ(at.at("compulsory_bytes").as_double(), 768);

  const Comparison back = comparison_from_line(to_line(made_up));
  const ProcessSamples& read = back.processes[0];
  EXPECT_EQ(read.blocks[0].library_ns[1], 1199.875);
  EXPECT_EQ(read.blocks[0].custom_ns[0], 1000.5);
  EXPECT_EQ(read.custom_check.worst, 0.125);
  EXPECT_EQ(read.peak_gbs, 25.5);
  EXPECT_EQ(back.library.implementation, "openblas");
  EXPECT_EQ(back.custom_scope, Scope::with_transfer);
}

TEST(ResultsIoTest, WhatIsNoNumberStaysWhatItWas) {
  Comparison comparison = made_up_comparison();
  comparison.processes[0].custom_check.worst = std::numeric_limits<double>::quiet_NaN();
  comparison.processes[0].blocks[0].custom_ns[0] =
      -std::numeric_limits<double>::infinity();
  const Comparison back = comparison_from_line(to_line(comparison));
  EXPECT_TRUE(std::isnan(back.processes[0].custom_check.worst));
  EXPECT_EQ(back.processes[0].blocks[0].custom_ns[0], -HUGE_VAL);
  EXPECT_EQ(back.processes[0].library_check.worst, HUGE_VAL);
}

TEST(ResultsIoTest, AComparisonIsOneLine) {
  Comparison comparison = made_up_comparison();
  comparison.failure = "two\nlines";
  const std::string line = to_line(comparison);
  EXPECT_EQ(line.find('\n'), line.npos);
  const Comparison back = comparison_from_line(line);
  EXPECT_EQ(back.failure, "two\nlines");
  EXPECT_EQ(to_line(back), line);
}

TEST(ResultsIoTest, JudgementsBesideAreIgnored) {
  const Results results = made_up_results();
  const auto rows = report::judge_all(results, judge::Rules());
  const std::string text = report::results_text(results, rows);
  EXPECT_THAT(text, HasSubstr("\"judged\""));
  const Results back = results_from_json(json::parse(text));
  EXPECT_EQ(json::to_text(to_json(back)), json::to_text(to_json(results)));
}

TEST(ResultsIoTest, UnknownMembersAreTolerated) {
  EXPECT_EQ(refusal_of(changed({"comparisons", "0", "custom", "colour"}, "red")),
            "accepted");
  EXPECT_EQ(refusal_of(changed({"schema", "minor"}, 7)), "accepted");
}

TEST(ResultsIoTest, RefusesByPlace) {
  const struct {
    std::initializer_list<const char*> path;
    Value value;
    const char* message;
  } known[] = {
      {{"schema", "major"}, 2, "schema.major: version 2 of assay.results"},
      {{"schema", "name"}, "assay.claims", "schema.name: expected \"assay.results\""},
      {{"schema"}, Value(), "schema: expected an object, found null"},
      {{"comparisons", "0", "processes", "1", "iterations"},
       -1,
       "comparisons[0].processes[1].iterations: expected an unsigned integer, found "
       "-1"},
      {{"comparisons", "0", "compute_units"},
       4294967296,
       "comparisons[0].compute_units: 4294967296 is out of range"},
      {{"comparisons", "0", "custom_scope"},
       "kernels",
       "comparisons[0].custom_scope: expected"},
      {{"comparisons", "0", "processes", "0", "blocks", "1", "custom_ns"},
       Value::Array{1.0},
       "blocks[1].custom_ns: expected 2 elements, found 1"},
      {{"comparisons", "0", "processes", "0", "blocks", "1", "custom_ns", "1"},
       "fast",
       "blocks[1].custom_ns[1]: expected a number"},
      {{"comparisons", "0", "audit", "threads"},
       1e3,
       "audit.threads: expected an integer"},
      {{"comparisons"}, Value::Object{}, "comparisons: expected an array"},
      {{"complete"}, 1, "complete: expected a boolean"},
      {{"worker_environment", "0"},
       Value::Array{"A"},
       "worker_environment[0]: expected 2"},
      {{"machine", "cpus"}, 1ULL << 40U, "machine.cpus: 1099511627776 is out of range"},
  };
  for (const auto& [path, value, message] : known) {
    EXPECT_THAT(refusal_of(changed(path, value)), HasSubstr(message));
  }
}

TEST(ResultsIoTest, EveryMemberIsNeeded) {
  const Value document = to_json(made_up_results());
  for (const auto& [key, value] : *document.get_if<Value::Object>()) {
    Value without = document;
    without.get_if<Value::Object>()->erase(key);
    EXPECT_THAT(refusal_of(without), HasSubstr("\"" + key + "\" is missing"));
  }
}

// A file that was cut off, anywhere, is refused: nothing crashes, nothing is half
// taken.
TEST(ResultsIoTest, ATruncatedFileIsRefusedAtEveryLength) {
  Results results = made_up_results();
  results.comparisons.resize(1);
  results.comparisons[0].processes.resize(1);
  const std::string text = json::to_text(to_json(results), json::Layout::line);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(refusal([&] {
                (void)results_from_json(
                    json::parse(std::string_view(text).substr(0, length)));
              }),
              "accepted")
        << length;
  }
  EXPECT_NO_THROW((void)results_from_json(json::parse(text)));
}

// One changed byte is refused or read as something; it never crashes.
TEST(ResultsIoTest, AChangedByteNeverCrashes) {
  Comparison comparison = made_up_comparison();
  comparison.processes.resize(1);
  const std::string text = to_line(comparison);
  constexpr std::string_view kBytes("\"}-9\\\xFF\0,", 8);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = kBytes[at % kBytes.size()];
    try {
      (void)comparison_from_line(damaged);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::bad_file);
    }
  }
}

}  // namespace
}  // namespace assay::measure
