// SPDX-License-Identifier: MIT
#include "regression/report/api_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "regression/json/cursor.h"
#include "regression/judge/statistics.h"
#include "regression/measure/results_io.h"

namespace assay::report {
namespace {

using json::any_double;
using json::Value;

double nearest_rank(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto rank =
      static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::string_view queues(const measure::CallSetting& setting) {
  return setting.shared_queue ? "shared" : "own";
}

std::string microseconds(double ns) {
  return std::isfinite(ns) ? fmt::format("{:.3f}", ns / 1e3) : "-";
}

Value to_json(const ApiCall& call) {
  return Value::Object{
      {"call", call.call},
      {"meaning", call.meaning},
      {"count", call.count},
      {"mean_ns", any_double(call.mean_ns)},
      {"p50_ns", any_double(call.p50_ns)},
      {"p95_ns", any_double(call.p95_ns)},
      {"p99_ns", any_double(call.p99_ns)},
  };
}

}  // namespace

ApiCall summarize(const measure::CallTimes& times) {
  std::vector<double> sorted = times.samples_ns;
  std::sort(sorted.begin(), sorted.end());
  return {times.call,
          times.meaning,
          sorted.size(),
          judge::mean(sorted),
          nearest_rank(sorted, 0.5),
          nearest_rank(sorted, 0.95),
          nearest_rank(sorted, 0.99)};
}

std::string to_text(const ApiReport& report) {
  std::string text = report.device_name + "\n";
  for (const ApiRun& run : report.runs) {
    const std::uint32_t threads = run.setting.threads;
    text += threads == 1 ? std::string("\n1 thread\n")
                         : fmt::format("\n{} threads, {}\n", threads,
                                       run.setting.shared_queue ? "one shared queue"
                                                                : "a queue each");
    text += fmt::format("{:<16}{:>10}{:>10}{:>10}{:>10}   {}\n", "call", "mean", "p50",
                        "p95", "p99", "microseconds");
    for (const ApiCall& call : run.calls) {
      text += fmt::format("{:<16}{:>10}{:>10}{:>10}{:>10}   {}\n", call.call,
                          microseconds(call.mean_ns), microseconds(call.p50_ns),
                          microseconds(call.p95_ns), microseconds(call.p99_ns),
                          call.meaning);
    }
  }
  if (report.overlap) {
    const ApiOverlap& overlap = *report.overlap;
    text += fmt::format(
        "\ntwo queues of independent one-group kernels ({:.0f} us each) against one: "
        "{:.3f} x [{:.3f}, {:.3f}], median of {} rounds\n",
        overlap.kernel_us, overlap.ratio, overlap.interval.low, overlap.interval.high,
        overlap.rounds);
  }
  return text;
}

Value to_json(const ApiReport& report) {
  Value::Array runs;
  for (const ApiRun& run : report.runs) {
    Value::Array calls;
    for (const ApiCall& call : run.calls) calls.push_back(to_json(call));
    runs.push_back(Value::Object{{"threads", run.setting.threads},
                                 {"queues", queues(run.setting)},
                                 {"calls", std::move(calls)}});
  }
  Value::Object members{
      {"schema", json::schema_value(kApiSchema, kApiSchemaMajor, kApiSchemaMinor)},
      {"run", measure::to_json(report.run)},
      {"device", report.device},
      {"device_name", report.device_name},
      {"runs", std::move(runs)},
  };
  if (report.overlap) {
    const ApiOverlap& overlap = *report.overlap;
    members.emplace("queue_overlap",
                    Value::Object{{"kernel_us", overlap.kernel_us},
                                  {"rounds", overlap.rounds},
                                  {"ratio", any_double(overlap.ratio)},
                                  {"low", any_double(overlap.interval.low)},
                                  {"high", any_double(overlap.interval.high)}});
  }
  return members;
}

}  // namespace assay::report
