// SPDX-License-Identifier: MIT
#include "regression/measure/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "regression/json/value.h"

namespace assay::measure {
namespace {

using ::testing::HasSubstr;

Comparison comparison(const std::string& id) {
  Comparison one;
  one.id = id;
  one.op = "matmul";
  one.custom = {"packed", "custom", ""};
  one.library = {"openblas", "library", ""};
  ProcessSamples process;
  process.iterations = 3;
  Block block;
  block.custom_ns = {1.5, 2.5};
  block.library_ns = {3.5, 4.5};
  process.blocks.push_back(block);
  one.processes.push_back(process);
  return one;
}

Session session() {
  Session made;
  made.suite = "core";
  made.results.build.commit = "abc";
  made.results.comparisons = {comparison("a"), comparison("b")};
  made.confirmations = {comparison("b")};
  made.base = {comparison("a"), comparison("b")};
  made.base_confirmations = {comparison("b")};
  made.base_build.commit = "def";
  made.injected = 0.03;
  return made;
}

std::string refusal(const json::Value& document) {
  try {
    session_from_json(document);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    return error.what();
  }
  return "accepted";
}

TEST(SessionTest, ComesBackAsItWas) {
  const Session read = session_from_json(
      json::parse(json::to_text(to_json(session()), json::Layout::line)));
  EXPECT_EQ(json::to_text(to_json(read)), json::to_text(to_json(session())));
  EXPECT_EQ(read.suite, "core");
  EXPECT_EQ(read.injected, 0.03);
  EXPECT_EQ(read.base_build.commit, "def");
  ASSERT_EQ(read.confirmations.size(), 1U);
  EXPECT_EQ(read.confirmations[0].processes[0].blocks[0].library_ns[1], 4.5);
}

TEST(SessionTest, AnotherSchemaIsRefused) {
  json::Value document = to_json(session());
  (*document.get_if<json::Value::Object>())["schema"] = json::Value(
      json::Value::Object{{"name", "assay.results"}, {"major", 1}, {"minor", 0}});
  EXPECT_THAT(refusal(document), HasSubstr("assay.session"));
}

TEST(SessionTest, EveryMemberIsNeeded) {
  const json::Value whole = to_json(session());
  for (const auto& [name, value] : *whole.get_if<json::Value::Object>()) {
    json::Value document = whole;
    document.get_if<json::Value::Object>()->erase(name);
    EXPECT_THAT(refusal(document), HasSubstr(name));
  }
}

// docs/schema/session.schema.json names the members that there are, all required.
TEST(SessionTest, TheSchemaIsThatOfTheWriter) {
  const json::Value schema = json::load_file(std::string(ASSAY_SOURCE_DIR) +
                                             "/docs/schema/session.schema.json");
  const json::Cursor root(schema);
  std::vector<std::string> described;
  for (const auto& [name, value] : root.at("properties").members()) {
    described.push_back(name);
  }
  std::vector<std::string> required;
  for (const json::Cursor& name : root.at("required").items()) {
    required.push_back(name.as_string());
  }
  std::vector<std::string> written;
  const json::Value document = to_json(session());
  for (const auto& [name, value] : json::Cursor(document).members()) {
    written.push_back(name);
  }
  EXPECT_EQ(described, written);
  EXPECT_EQ(required, written);
  // Not that of the results inside, which has the same members.
  const json::Cursor header = root.at("properties").at("schema").at("properties");
  const json::Cursor made = json::Cursor(document).at("schema");
  for (const char* const name : {"name", "major"}) {
    EXPECT_EQ(header.at(name).at("const").value(), made.at(name).value()) << name;
  }
}

TEST(SessionTest, ANegativeInjectionIsRefused) {
  json::Value document = to_json(session());
  (*document.get_if<json::Value::Object>())["injected"] = json::Value(-0.1);
  EXPECT_THAT(refusal(document), HasSubstr("injected"));
}

TEST(SessionTest, APlaceInsideIsNamed) {
  json::Value document = to_json(session());
  auto& confirmations = *(*document.get_if<json::Value::Object>())["confirmations"]
                             .get_if<json::Value::Array>();
  confirmations[0].get_if<json::Value::Object>()->erase("op");
  EXPECT_THAT(refusal(document), HasSubstr("confirmations[0]"));
}

TEST(SessionTest, ControlsAreKnownByTheirProvider) {
  Comparison one = comparison("a");
  EXPECT_FALSE(is_control(one));
  one.library.provider = "control";
  EXPECT_TRUE(is_control(one));
}

TEST(SessionTest, ComparisonsAreFoundByTheirId) {
  const Session made = session();
  EXPECT_EQ(find_comparison(made.results.comparisons, "b"),
            &made.results.comparisons[1]);
  EXPECT_EQ(find_comparison(made.results.comparisons, "c"), nullptr);
}

}  // namespace
}  // namespace assay::measure
