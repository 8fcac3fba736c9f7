// SPDX-License-Identifier: MIT
#include <cstddef>
#include <utility>

#include "regression/json/cursor.h"
#include "regression/measure/results_io.h"
#include "regression/scaling/report.h"
#include "regression/scaling/task.h"

namespace assay::scaling {
namespace {

using json::any_double;
using json::Value;

Value to_json(const Arm& arm) {
  return Value::Object{
      {"title", title(arm)},
      {"op", arm.work.op},
      {"shape", arm.work.shape},
      {"implementation", arm.work.implementation},
      {"seed", arm.work.seed},
      {"chain_steps", arm.work.chain_steps},
      {"lend_one", arm.work.lend_one},
      {"device", arm.device},
      {"compute_units", arm.compute_units},
      {"library", arm.audit.resolved_path},
      {"library_core", arm.audit.core_name},
      {"library_threads", arm.audit.threads},
      {"impaired", arm.audit.impaired},
      {"peak_fma_gflops", arm.ceilings.fma_gflops},
      {"peak_fma_gflops_one", arm.ceilings.fma_gflops_one},
      {"peak_triad_gbs", arm.ceilings.triad_gbs},
      {"flops", arm.flops},
      {"compulsory_bytes", arm.bytes},
      {"traffic_bytes", arm.traffic_bytes},
      {"library_call", arm.library_call},
      {"iterations", arm.iterations},
      {"failure", arm.failure},
  };
}

Value to_json(const Confirmation& confirmation) {
  return Value::Object{
      {"outcome", to_string(confirmation.outcome)},
      {"intervention", confirmation.intervention.text},
      {"predicted_low", any_double(confirmation.intervention.low)},
      {"predicted_high", any_double(confirmation.intervention.high)},
      {"ratio", any_double(confirmation.ratio)},
      {"low", any_double(confirmation.interval.low)},
      {"high", any_double(confirmation.interval.high)},
      {"text", confirmation.text},
  };
}

Value to_json(const Sighting& sighting) {
  return Value::Object{
      {"outcome", to_string(sighting.outcome)},
      {"figure", sighting.prediction.text},
      {"predicted_low", any_double(sighting.prediction.low)},
      {"predicted_high", any_double(sighting.prediction.high)},
      {"value", any_double(sighting.value)},
      {"low", any_double(sighting.interval.low)},
      {"high", any_double(sighting.interval.high)},
      {"text", sighting.text},
  };
}

// Without figures where there are none: a zero in their place would be averaged.
Value to_json(const Row& row, const std::vector<Cell>& cells) {
  Value::Object members{
      {"id", id(row.condition)},
      {"conditions", to_json(row.condition)},
      {"failure", row.failure},
  };
  if (!row.failure.empty()) return members;
  Value::Array rounds;
  for (const Cell& cell : cells) rounds.push_back(to_json(cell));
  members.insert({
      {"rate", row.rate},
      {"gflops", row.gflops},
      {"gbs", row.gbs},
      {"efficiency", any_double(row.efficiency)},
      {"efficiency_low", any_double(row.interval.low)},
      {"efficiency_high", any_double(row.interval.high)},
      {"peak", row.peak},
      {"share_of_peak", any_double(row.share_of_peak)},
      {"median", to_json(row.cell)},
      {"cause", to_string(row.diagnosis.cause)},
      {"why", row.diagnosis.text},
      {"rounds", std::move(rounds)},
  });
  if (row.confirmation != nullptr) {
    members.emplace("confirmation", to_json(*row.confirmation));
  }
  if (row.sighting != nullptr) members.emplace("sighting", to_json(*row.sighting));
  return members;
}

}  // namespace

Value to_json(const Report& report, const std::vector<Row>& rows) {
  Value::Array arms;
  std::size_t at = 0;
  for (const Arm& arm : report.arms) {
    Value document = to_json(arm);
    Value::Array list;
    for (std::size_t i = 0; i < arm.conditions.size(); ++i, ++at) {
      list.push_back(to_json(rows.at(at), arm.cells[i]));
    }
    document.get_if<Value::Object>()->emplace("rows", std::move(list));
    arms.push_back(std::move(document));
  }
  Value::Array remarks;
  for (const std::string& note : notes(report, rows)) remarks.push_back(note);
  return Value::Object{
      {"schema", json::schema_value(kSchema, kSchemaMajor, kSchemaMinor)},
      {"run", measure::to_json(report.run)},
      {"arms", std::move(arms)},
      {"notes", std::move(remarks)},
  };
}

}  // namespace assay::scaling
