// SPDX-License-Identifier: MIT
#include "regression/report/judged_json.h"

#include <utility>

#include "regression/json/file.h"
#include "regression/measure/results_io.h"

namespace assay::report {
namespace {

using json::any_double;
using json::Value;

// Without a roof its share is no member.
Value to_json(const judge::ArmSummary& arm, const Roof& roof) {
  Value::Object object{{"median_ns", any_double(arm.median_ns)},
                       {"min_ns", any_double(arm.min_ns)},
                       {"gflops", any_double(arm.gflops)},
                       {"share_of_peak", any_double(arm.share_of_peak)},
                       {"gbs", any_double(arm.gbs)},
                       {"worst_error", any_double(arm.worst_error)}};
  if (roof.kind != Roof::Kind::unknown) {
    object.emplace("share_of_roof", any_double(share_of(roof, arm)));
  }
  return object;
}

}  // namespace

Value to_json(const Row& row) {
  const judge::Judged& judged = row.judged;
  Value::Object object{{"id", row.comparison->id},
                       {"verdict", to_string(judged.verdict)},
                       {"speed", to_string(judged.speed)},
                       {"reason", judged.reason},
                       {"custom", to_json(judged.custom, row.roof)},
                       {"library", to_json(judged.library, row.roof)},
                       {"peak_gflops", any_double(judged.peak_gflops)},
                       {"peak_gbs", any_double(judged.peak_gbs)},
                       {"blocks_used", judged.blocks_used},
                       {"blocks_dropped", judged.blocks_dropped},
                       {"dropped_because", judged.dropped_because}};
  if (row.roof.kind != Roof::Kind::unknown) {
    object.emplace("roof", to_string(row.roof.kind));
  }
  // No ratio is no member: a zero would be averaged by somebody.
  if (judged.speed != judge::Speed::not_compared) {
    object.emplace("ratio", any_double(judged.ratio));
    object.emplace("interval", Value::Array{any_double(judged.interval.low),
                                            any_double(judged.interval.high)});
    object.emplace("half_width", any_double(judged.half_width));
    object.emplace("interval_kind", judged.interval_kind);
  }
  return object;
}

Value results_document(const measure::Results& results, std::span<const Row> rows) {
  Value document = measure::to_json(results);
  Value::Array judged;
  for (const Row& row : rows) judged.push_back(to_json(row));
  document.get_if<Value::Object>()->emplace("judged", std::move(judged));
  return document;
}

std::string results_text(const measure::Results& results, std::span<const Row> rows) {
  return json::to_text(results_document(results, rows));
}

void write_results(const std::string& path, const measure::Results& results,
                   std::span<const Row> rows) {
  json::write_file_atomically(path, results_text(results, rows));
}

}  // namespace assay::report
