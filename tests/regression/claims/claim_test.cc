// SPDX-License-Identifier: MIT
// The loader of claims files: what it takes, and everything that it does not.
#include "regression/claims/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "tests/regression/claims/made_up_claims.h"
#include "tests/regression/json/schema_checker.h"

namespace assay::claims {
namespace {

using json::Value;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Value schema() {
  return json::load_file(std::string(ASSAY_SOURCE_DIR) +
                         "/docs/schema/claims.schema.json");
}

// What the loader says; empty when it takes the document.
std::string refusal(const Value& document) {
  try {
    (void)claims_from_json(document);
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    return error.what();
  }
}

Value with(const std::string& key, Value value) {
  Value claim = made_up_claim();
  (*claim.get_if<Value::Object>())[key] = std::move(value);
  return made_up_file({claim});
}

TEST(ClaimsFileTest, TheFilesOfTheToolAreTaken) {
  const ClaimsFile originals =
      claims_from_json(json::parse(find_built_in("originals")->text));
  std::vector<std::string> ids;
  for (const Claim& claim : originals.claims) {
    ids.push_back(claim.id);
    EXPECT_THAT(claim.source, HasSubstr("claim ")) << claim.id;
  }
  // All seven of the report, also the one it called a success when it failed and the
  // two it never tested.
  EXPECT_THAT(ids, ElementsAre("unified_memory", "vendor_library", "memory_pooling",
                               "cold_start", "kernel_cache", "command_buffer",
                               "graph_parallelism"));
  EXPECT_THAT(claims_from_json(json::parse(find_built_in("project")->text)).claims,
              Not(IsEmpty()));
  EXPECT_EQ(find_built_in("frob"), nullptr);
  EXPECT_NE(find_built_in(kDefaultClaims), nullptr);
}

TEST(ClaimsFileTest, TheSchemaDescribesThem) {
  for (const char* name : {"originals", "project"}) {
    EXPECT_THAT(json::schema_problems(schema(), json::parse(find_built_in(name)->text)),
                IsEmpty())
        << name;
  }
  // An experiment that the schema does not know is one that nobody can write down.
  for (const Experiment& experiment : experiments()) {
    const Value document = with("experiment", experiment.name);
    EXPECT_THAT(json::schema_problems(schema(), document), IsEmpty());
  }
}

TEST(ClaimsFileTest, WhatIsLeftOutHasItsDefault) {
  const ClaimsFile file = claims_from_json(made_up_file({made_up_claim()}));
  const Claim& claim = file.claims.at(0);
  EXPECT_EQ(claim.settings.text("device"), "vgpu://");
  EXPECT_EQ(claim.direction, Direction::at_most);
  EXPECT_EQ(claim.target, 10);
  const Settings again = settings_from_json(to_json(claim.settings), *claim.experiment);
  EXPECT_EQ(again.texts, claim.settings.texts);
}

TEST(ClaimsFileTest, EveryMemberIsNeededAndNoOtherIsTaken) {
  const Value file = made_up_file({made_up_claim()});
  EXPECT_EQ(refusal(file), "");
  for (const auto& [key, value] : *file.get_if<Value::Object>()) {
    Value without = file;
    without.get_if<Value::Object>()->erase(key);
    EXPECT_NE(refusal(without), "") << key;
    EXPECT_FALSE(json::schema_problems(schema(), without).empty()) << key;
  }
  const Value whole = made_up_claim();
  for (const auto& [key, value] : *whole.get_if<Value::Object>()) {
    Value claim = whole;
    claim.get_if<Value::Object>()->erase(key);
    EXPECT_NE(refusal(made_up_file({claim})), "") << key;
    EXPECT_FALSE(json::schema_problems(schema(), made_up_file({claim})).empty()) << key;
  }
  EXPECT_THAT(refusal(with("colour", "red")), HasSubstr("colour"));
}

TEST(ClaimsFileTest, HostileFilesAreOneLine) {
  const std::string long_text(100'000, 'x');
  const std::vector<std::pair<Value, std::string>> hostile = {
      {with("id", ""), "empty"},
      {with("id", "../../etc/passwd"), "id"},
      {with("id", "Two Words"), "id"},
      {with("statement", "a\nb"), "control"},
      {with("statement", "\x1b[2J"), "control"},
      {with("source", long_text), "2000"},
      {with("experiment", "frob"), "there is no experiment 'frob'"},
      {with("experiment", 7), "string"},
      {with("comparison", "about"), "at_least or at_most"},
      {with("target", "inf"), "target"},
      {with("target", Value()), "target"},
      {with("conditions", "vgpu://"), "conditions"},
      {with("conditions", Value::Object{{"frob", 1}}), "no such parameter"},
      {with("conditions", Value::Object{{"device", 1}}), "device"},
      {made_up_file({}), "nothing to test"},
      {made_up_file({made_up_claim(), made_up_claim()}), "taken"},
      {made_up_file(Value::Array(1001, made_up_claim())), "1000"},
      {Value::Array{}, "object"},
      {Value(), "object"},
  };
  for (const auto& [document, because] : hostile) {
    const std::string said = refusal(document);
    EXPECT_THAT(said, AllOf(HasSubstr(because), Not(HasSubstr("\n"))));
    EXPECT_LT(said.size(), 4000U);
  }
}

// Cut off at every length and with every byte changed: taken or refused in one line,
// and what is taken is what the schema describes.
TEST(ClaimsFileTest, DamagedFilesAreRefusedOrTaken) {
  const std::string whole = json::to_text(
      made_up_file({made_up_claim("a"), made_up_claim("b")}), json::Layout::line);
  const Value rules = schema();
  std::size_t refused = 0;
  const auto try_text = [&](const std::string& text) {
    try {
      const Value document = json::parse(text);
      (void)claims_from_json(document);
      EXPECT_THAT(json::schema_problems(rules, document), IsEmpty()) << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::bad_file) << text;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << text;
      ++refused;
    }
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    try_text(whole.substr(0, at));
    for (const char byte : {'\0', '"', '}', '9', '\xff', 'x'}) {
      std::string changed = whole;
      changed[at] = byte;
      try_text(changed);
    }
  }
  EXPECT_GT(refused, whole.size());
}

Value about(const std::string& experiment, Value::Object conditions) {
  Value claim = made_up_claim();
  auto& members = *claim.get_if<Value::Object>();
  members["experiment"] = experiment;
  members["conditions"] = std::move(conditions);
  return made_up_file({claim});
}

TEST(ClaimsFileTest, NumbersHaveTheirRange) {
  for (const Value& elements :
       {Value(0), Value(-1), Value(100'000'001), Value(1.5), Value("many")}) {
    EXPECT_NE(refusal(about("memory_round_trip", {{"elements", elements}})), "");
  }
  EXPECT_EQ(refusal(about("memory_round_trip", {{"elements", 100'000'000}})), "");
}

// Loading a library runs its code: a file that somebody sent must not name one.
TEST(ClaimsFileTest, NoClaimNamesALibraryByItsPath) {
  for (const char* path : {"/tmp/evil.so", "./evil.so", "../evil.so"}) {
    EXPECT_THAT(refusal(about("library_speedup", {{"library", path}})),
                HasSubstr("names no files"));
  }
  EXPECT_EQ(refusal(about("library_speedup", {{"library", "openblas-serial"}})), "");
}

}  // namespace
}  // namespace assay::claims
