// SPDX-License-Identifier: MIT
// docs/schema/scaling.schema.json and advice.schema.json say what the writers write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "regression/scaling/advise.h"
#include "regression/scaling/report.h"
#include "tests/regression/json/schema_checker.h"
#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using json::Value;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Value schema(const std::string& name) {
  return json::load_file(std::string(ASSAY_SOURCE_DIR) + "/docs/schema/" + name +
                         ".schema.json");
}

// Good rows, one that failed, one that nobody waited in, one that was confirmed.
Report report() {
  Report made = made_up_report();
  Arm& arm = made.arms.front();
  arm.cells[1][0].failure = "wrong result: element 3";
  for (Cell& cell : arm.cells[2]) cell.wait_p50_ns = kUnknown;
  arm.confirmations.resize(arm.conditions.size());
  Intervention change;
  change.text = "submit delayed by 12 us";
  change.low = 0.9;
  change.high = std::numeric_limits<double>::infinity();
  arm.confirmations[2] = confirm(change, std::vector<double>(7, 1.0));
  arm.sightings.resize(arm.conditions.size());
  Prediction prediction;
  prediction.text = "groups under way";
  prediction.low = 1.5;
  prediction.high = std::numeric_limits<double>::infinity();
  arm.sightings[2] = look(prediction, std::vector<double>(7, 1.0));
  return made;
}

Value written(const Value& document) { return json::parse(json::to_text(document)); }

void every_member_is_required(const Value& rules, const Value& document) {
  for (const auto& [key, value] : *document.get_if<Value::Object>()) {
    Value without = document;
    without.get_if<Value::Object>()->erase(key);
    EXPECT_THAT(json::schema_problems(rules, without), Not(IsEmpty())) << key;
  }
}

TEST(ScalingSchemaTest, DescribesWhatIsWritten) {
  const Report made = report();
  const Value document = written(to_json(made, rows_of(made)));
  EXPECT_THAT(json::schema_problems(schema("scaling"), document), IsEmpty());
  every_member_is_required(schema("scaling"), document);
  const auto rows = json::Cursor(document).at("arms").items().at(0).at("rows").items();
  EXPECT_FALSE(rows[1].find("rate"));
  EXPECT_EQ(rows[2].at("confirmation").at("outcome").as_string(), "confirmed");
  EXPECT_EQ(rows[2].at("sighting").at("outcome").as_string(), "contradicted");
  EXPECT_FALSE(rows[0].find("sighting"));
  EXPECT_THAT(to_text(made, rows_of(made)),
              HasSubstr("CONTRADICTED: groups under way by the trace: 1.00"));
}

TEST(ScalingSchemaTest, KnowsEveryCause) {
  const Report made = report();
  Value document = written(to_json(made, rows_of(made)));
  for (int i = 0; to_string(static_cast<Cause>(i)) != "unknown"; ++i) {
    auto& root = *document.get_if<Value::Object>();
    auto& arm = *root["arms"].get_if<Value::Array>()->at(0).get_if<Value::Object>();
    auto& row = *arm["rows"].get_if<Value::Array>()->at(0).get_if<Value::Object>();
    row["cause"] = to_string(static_cast<Cause>(i));
    EXPECT_THAT(json::schema_problems(schema("scaling"), document), IsEmpty()) << i;
  }
}

TEST(ScalingSchemaTest, DescribesAdvice) {
  const Report made = report();
  const std::vector<Row> rows = rows_of(made);
  const std::vector<Advice> advice = advise(rows);
  EXPECT_THAT(advice, Not(IsEmpty()));
  const Value document = written(to_json(made, rows, advice));
  EXPECT_THAT(json::schema_problems(schema("advice"), document), IsEmpty());
  every_member_is_required(schema("advice"), document);
  EXPECT_THAT(json::schema_problems(schema("scaling"),
                                    json::Cursor(document).at("scaling").value()),
              IsEmpty());
}

}  // namespace
}  // namespace assay::scaling
