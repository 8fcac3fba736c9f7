// SPDX-License-Identifier: MIT
// What `assay api` measured, for a terminal and as a file. Pure functions.
#ifndef ASSAY_REGRESSION_REPORT_API_REPORT_H_
#define ASSAY_REGRESSION_REPORT_API_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/json/value.h"
#include "regression/judge/verdict.h"
#include "regression/measure/api_cost.h"
#include "regression/measure/results.h"

namespace assay::report {

inline constexpr std::string_view kApiSchema = "assay.api";
inline constexpr int kApiSchemaMajor = 1;
inline constexpr int kApiSchemaMinor = 0;

struct ApiCall {
  std::string call;
  std::string meaning;
  std::uint64_t count = 0;
  // NaN of no samples.
  double mean_ns = 0;
  double p50_ns = 0;
  double p95_ns = 0;
  double p99_ns = 0;
};
// Nearest rank.
ApiCall summarize(const measure::CallTimes& times);

struct ApiRun {
  measure::CallSetting setting;
  std::vector<ApiCall> calls;
};

// Two queues of independent one-group kernels against one.
struct ApiOverlap {
  double kernel_us = 0;
  std::uint64_t rounds = 0;
  double ratio = 0;          // of the rates: the median
  judge::Interval interval;  // 95 %
};

struct ApiReport {
  measure::Results run;  // build, machine, time, command line, complete
  std::string device;    // its URI
  std::string device_name;
  std::vector<ApiRun> runs;
  std::optional<ApiOverlap> overlap;  // of a device whose queues can
};

// One table a run, in microseconds.
std::string to_text(const ApiReport& report);
// docs/schema/api.schema.json.
json::Value to_json(const ApiReport& report);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_API_REPORT_H_
