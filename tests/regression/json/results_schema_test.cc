// SPDX-License-Identifier: MIT
// docs/schema/results.schema.json says what the writer writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "regression/measure/results_io.h"
#include "regression/report/judged_json.h"
#include "tests/regression/json/made_up_results.h"
#include "tests/regression/json/schema_checker.h"

namespace assay::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value schema() {
  return load_file(std::string(ASSAY_SOURCE_DIR) + "/docs/schema/results.schema.json");
}

// Two comparisons: one that is refused, one with a ratio and an infinite interval.
Value document() {
  measure::Results results = measure::made_up_results();
  measure::Comparison& good = results.comparisons[1];
  good = results.comparisons[0];
  good.custom_scope = good.library_scope = measure::Scope::cold;
  good.failure.clear();
  good.audit.impaired = false;
  good.processes.resize(1);
  good.processes[0].peak_gflops = 1e9;
  for (auto* check :
       {&good.processes[0].custom_check, &good.processes[0].library_check}) {
    *check = {.ok = true, .worst = 0.5, .checked = 64, .detail = ""};
  }
  for (auto& block : good.processes[0].blocks) block.spoilers = {};
  const auto rows = report::judge_all(results, judge::Rules());
  // The same document by way of its text.
  return parse(report::results_text(results, rows));
}

TEST(ResultsSchemaTest, DescribesWhatIsWritten) {
  const Value written = document();
  EXPECT_THAT(schema_problems(schema(), written), IsEmpty());
  const auto judged = Cursor(written).at("judged").items();
  EXPECT_FALSE(judged[0].find("ratio"));
  EXPECT_FALSE(judged[1].at("roof").as_string().empty());
  EXPECT_GT(judged[1].at("custom").at("share_of_roof").as_any_double(), 0);
  EXPECT_EQ(judged[1].at("interval").items()[1].as_string(), "inf");
}

TEST(ResultsSchemaTest, ACheckedDocumentCanFail) {
  Value broken = document();
  auto& root = *broken.get_if<Value::Object>();
  root.erase("utc");
  root["colour"] = "red";
  root["complete"] = 1;
  (*root["schema"].get_if<Value::Object>())["major"] = 2;
  EXPECT_THAT(schema_problems(schema(), broken),
              testing::UnorderedElementsAre("document: has no member utc",
                                            "colour: is not described by the schema",
                                            "complete: is not of type boolean",
                                            "schema.major: is not the constant"));
}

// Every member that the loader asks for is required by the schema, and no other.
TEST(ResultsSchemaTest, RequiresWhatTheLoaderNeeds) {
  const Value written = document();
  for (const auto& [key, value] : *written.get_if<Value::Object>()) {
    Value without = written;
    without.get_if<Value::Object>()->erase(key);
    bool loads = true;
    try {
      (void)measure::results_from_json(without);
    } catch (const std::exception&) {
      loads = false;
    }
    EXPECT_EQ(schema_problems(schema(), without).empty(), loads) << key;
  }
}

}  // namespace
}  // namespace assay::json
