// SPDX-License-Identifier: MIT
// What `assay api` prints and writes, from made-up times with known answers.
#include "regression/report/api_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "regression/json/cursor.h"
#include "regression/json/file.h"
#include "tests/regression/json/schema_checker.h"

namespace assay::report {
namespace {

using json::Value;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

measure::CallTimes hundred() {
  measure::CallTimes times{"submit", "the call alone", {}};
  for (int i = 100; i > 0; --i) times.samples_ns.push_back(1000.0 * i);
  return times;
}

ApiReport made_up_report() {
  ApiReport report;
  report.run.utc = "2020-01-01T00:00:00Z";
  report.device = "vgpu://?cus=2";
  report.device_name = "a device";
  report.runs.push_back({{1, false}, {summarize(hundred())}});
  report.runs.push_back({{2, true}, {summarize({"device", "no timestamps", {}})}});
  report.runs.push_back({{4, false}, {summarize(hundred())}});
  report.overlap = {50, 9, 1.95, {1.9, 2.0}};
  return report;
}

TEST(ApiReportTest, QuantilesAreNearestRanks) {
  const ApiCall call = summarize(hundred());
  EXPECT_EQ(call.count, 100U);
  EXPECT_EQ(call.mean_ns, 50'500);
  EXPECT_EQ(call.p50_ns, 50'000);
  EXPECT_EQ(call.p95_ns, 95'000);
  EXPECT_EQ(call.p99_ns, 99'000);
  const ApiCall one = summarize({"submit", "", {7}});
  EXPECT_EQ(one.p50_ns, 7);
  EXPECT_EQ(one.p99_ns, 7);
  EXPECT_TRUE(std::isnan(summarize({"submit", "", {}}).p50_ns));
}

TEST(ApiReportTest, TheTableHasEveryRunAndItsQueues) {
  const std::string text = to_text(made_up_report());
  EXPECT_THAT(text, HasSubstr("1 thread\n"));
  EXPECT_THAT(text, HasSubstr("2 threads, one shared queue\n"));
  EXPECT_THAT(text, HasSubstr("4 threads, a queue each\n"));
  EXPECT_THAT(text,
              HasSubstr("submit              50.500    50.000    95.000    99.000"));
  EXPECT_THAT(text, HasSubstr("device                   -         -"));
  EXPECT_THAT(text, HasSubstr("1.950 x [1.900, 2.000], median of 9 rounds"));
}

TEST(ApiReportTest, TheSchemaDescribesWhatIsWritten) {
  const Value rules =
      json::load_file(std::string(ASSAY_SOURCE_DIR) + "/docs/schema/api.schema.json");
  const Value document = json::parse(json::to_text(to_json(made_up_report())));
  EXPECT_THAT(json::schema_problems(rules, document), IsEmpty());
  for (const auto& [key, value] : *document.get_if<Value::Object>()) {
    Value without = document;
    without.get_if<Value::Object>()->erase(key);
    const auto problems = json::schema_problems(rules, without);
    EXPECT_EQ(problems.empty(), key == "queue_overlap") << key;
  }
  const auto runs = json::Cursor(document).at("runs").items();
  EXPECT_EQ(runs[1].at("queues").as_string(), "shared");
  EXPECT_EQ(runs[2].at("queues").as_string(), "own");
  EXPECT_EQ(runs[0].at("calls").items().at(0).at("p95_ns").as_any_double(), 95'000);
}

}  // namespace
}  // namespace assay::report
