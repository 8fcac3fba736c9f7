// SPDX-License-Identifier: MIT
// docs/schema/history.schema.json says what the writer writes and the loader takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "regression/history/entry.h"
#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "tests/regression/history/made_up_history.h"
#include "tests/regression/json/schema_checker.h"

namespace assay::history {
namespace {

using json::Value;
using testing::IsEmpty;

Value schema() {
  return json::load_file(std::string(ASSAY_SOURCE_DIR) +
                         "/docs/schema/history.schema.json");
}

Value document() {
  Entry entry = made_up_entry(0, {made_up_point("a", 0.1), made_up_point("b", 0)});
  entry.gates[1].log_ratio.reset();
  entry.gates[1].slowdown.reset();
  return json::parse(to_line(entry));
}

bool loads(const Value& value) {
  try {
    (void)entry_from_line(json::to_text(value, json::Layout::line));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

TEST(HistorySchemaTest, DescribesWhatIsWritten) {
  EXPECT_THAT(json::schema_problems(schema(), document()), IsEmpty());
}

TEST(HistorySchemaTest, DescribesEveryVerdict) {
  Entry entry = made_up_entry(0, {made_up_point("a", 0.1)});
  for (int i = 0; to_string(static_cast<judge::Verdict>(i)) != "unknown"; ++i) {
    entry.gates[0].verdict = static_cast<judge::Verdict>(i);
    EXPECT_THAT(json::schema_problems(schema(), json::parse(to_line(entry))), IsEmpty())
        << i;
  }
}

TEST(HistorySchemaTest, RequiresWhatTheLoaderNeeds) {
  const Value written = document();
  for (const auto& [key, value] : *written.get_if<Value::Object>()) {
    Value without = written;
    without.get_if<Value::Object>()->erase(key);
    EXPECT_EQ(json::schema_problems(schema(), without).empty(), loads(without)) << key;
  }
  Value more = written;
  more.get_if<Value::Object>()->emplace("colour", "red");
  EXPECT_FALSE(loads(more));
  EXPECT_FALSE(json::schema_problems(schema(), more).empty());
}

}  // namespace
}  // namespace assay::history
