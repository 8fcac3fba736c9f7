// SPDX-License-Identifier: MIT
// docs/schema/gate_report.schema.json says what the writer writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "regression/json/file.h"
#include "regression/report/gate_json.h"
#include "tests/regression/json/schema_checker.h"
#include "tests/regression/report/made_up_report.h"

namespace assay::report {
namespace {

using json::Value;
using testing::IsEmpty;
using testing::Not;

Value schema() {
  return json::load_file(std::string(ASSAY_SOURCE_DIR) +
                         "/docs/schema/gate_report.schema.json");
}

Value written(const gates::GateReport& report) {
  return json::parse(gate_report_text(report));
}

// A gate of every verdict, one measured again, one refused, one without a baseline.
void fill(MadeUpReport& made) {
  for (int i = 0; to_string(static_cast<judge::Verdict>(i)) != "unknown"; ++i) {
    made.add("gate " + std::to_string(i), static_cast<judge::Verdict>(i), "because");
  }
  made.add("again", judge::Verdict::regressed, "slower").confirmed =
      MadeUpReport::drift(0.1, 0.01);
  made.add_refused("refused", judge::Verdict::wrong_result, "element 3");
  made.add_without_baseline("new");
  made.add_control("control", 0.99, 1.01);
}

TEST(GateReportSchemaTest, DescribesWhatIsWritten) {
  MadeUpReport made;
  fill(made);
  const Value document = written(made.report);
  EXPECT_THAT(json::schema_problems(schema(), document), IsEmpty());
  for (const auto& [key, value] : *document.get_if<Value::Object>()) {
    Value without = document;
    without.get_if<Value::Object>()->erase(key);
    EXPECT_THAT(json::schema_problems(schema(), without), Not(IsEmpty())) << key;
  }
}

TEST(GateReportSchemaTest, DescribesAnUnknownHostAndAnotherBuild) {
  MadeUpReport made;
  fill(made);
  made.make_host_unknown();
  made.report.against_base = true;
  made.session.base_build = {"1.2.2", "def456", "gcc 12.2.0", "Release"};
  EXPECT_THAT(json::schema_problems(schema(), written(made.report)), IsEmpty());
}

}  // namespace
}  // namespace assay::report
