// SPDX-License-Identifier: MIT
// docs/schema/baseline.schema.json says what the writer writes and the loader takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/json/schema_checker.h"

namespace assay::baselines {
namespace {

using json::Value;
using testing::IsEmpty;

Value schema() {
  return json::load_file(std::string(ASSAY_SOURCE_DIR) +
                         "/docs/schema/baseline.schema.json");
}

Value document() {
  Baseline baseline = made_up_left_out();
  baseline.gates.at(kGate).accepted = {"a reason", "abcdef012345", 0.25};
  return to_json(baseline);
}

bool loads(const Value& value) {
  try {
    (void)baseline_from_json(value);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Each object of the document that has fixed members, by name.
std::map<std::string, Value::Object*> objects_of(Value& root) {
  const auto object = [](Value& value) { return value.get_if<Value::Object>(); };
  auto& top = *object(root);
  std::map<std::string, Value::Object*> result = {{"document", &top}};
  for (const char* name : {"schema", "host", "provenance"}) {
    result[name] = object(top[name]);
  }
  auto& sessions = (*result["provenance"])["sessions"];
  result["session"] = object((*sessions.get_if<Value::Array>())[0]);
  auto& gate = *object((*object(top["gates"]))[kGate]);
  result["gate"] = &gate;
  result["anchor"] = object(gate["anchor"]);
  result["accepted"] = object(gate["accepted"]);
  auto& left_out = *object((*object(top["left_out"]))[kOtherGate]);
  result["left_out"] = &left_out;
  result["loosened"] = object(left_out["loosened"]);
  result["last"] = object((*result["loosened"])["last"]);
  return result;
}

TEST(BaselineSchemaTest, DescribesWhatIsWritten) {
  EXPECT_THAT(json::schema_problems(schema(), document()), IsEmpty());
}

// Each member of each object: the schema requires it exactly when the loader does.
TEST(BaselineSchemaTest, RequiresWhatTheLoaderNeeds) {
  Value names = document();
  int members = 0;
  for (const auto& [where, object] : objects_of(names)) {
    for (const auto& [key, value] : *object) {
      Value without = document();
      objects_of(without)[where]->erase(key);
      ++members;
      EXPECT_EQ(json::schema_problems(schema(), without).empty(), loads(without))
          << where << "." << key;
    }
  }
  EXPECT_GT(members, 60);
}

// The loader refuses an unknown member wherever the schema does.
TEST(BaselineSchemaTest, RefusesWhatTheLoaderRefuses) {
  Value names = document();
  for (const auto& [where, object] : objects_of(names)) {
    Value more = document();
    (*objects_of(more)[where])["colour"] = "red";
    EXPECT_FALSE(loads(more)) << where;
    EXPECT_FALSE(json::schema_problems(schema(), more).empty()) << where;
  }
}

}  // namespace
}  // namespace assay::baselines
