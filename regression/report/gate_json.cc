// SPDX-License-Identifier: MIT
#include "regression/report/gate_json.h"

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "regression/json/cursor.h"
#include "regression/measure/results_io.h"
#include "regression/report/gate_cells.h"
#include "regression/report/judged_json.h"

namespace assay::report {
namespace {

using gates::GateReport;
using json::any_double;
using json::Value;

std::string_view to_string(judge::Zone zone) {
  switch (zone) {
    case judge::Zone::pass:
      return "pass";
    case judge::Zone::within_tolerance:
      return "within_tolerance";
    case judge::Zone::regressed:
      return "regressed";
    case judge::Zone::inconclusive:
      return "inconclusive";
    case judge::Zone::improved:
      return "improved";
  }
  return "unknown";
}

Value to_json(const judge::Drift& drift) {
  return Value::Object{{"slowdown", any_double(drift.slowdown)},
                       {"standard_error", any_double(drift.standard_error)},
                       {"degrees", any_double(drift.degrees)},
                       {"half_width", any_double(drift.half_width)},
                       {"low", any_double(drift.low)},
                       {"high", any_double(drift.high)}};
}

Value texts(const std::vector<std::string>& lines) {
  return Value::Array(lines.begin(), lines.end());
}

Value gate_value(const GateReport& report, const judge::GateJudged& gate) {
  const ProcessCounts processes = process_counts(report, gate);
  Value::Object object{{"id", gate.id},
                       {"verdict", to_string(gate.verdict)},
                       {"reason", gate.reason},
                       {"tier", to_string(gate.tier)},
                       {"wants_confirmation", gate.wants_confirmation},
                       {"processes", processes.measured},
                       {"confirming_processes", processes.confirming}};
  if (drift_evaluated(gate)) {
    object.emplace("zone", to_string(gate.zone));
    object.emplace("drift", to_json(gate.drift));
  }
  if (gate.confirmed) object.emplace("confirmed", to_json(*gate.confirmed));
  if (const double ratio = reference_ratio(report, gate); ratio > 0) {
    object.emplace("reference_ratio", any_double(ratio));
  }
  if (shows_ratio(gate)) {
    object.emplace("ratio", any_double(gate.comparison.ratio));
    object.emplace("interval", Value::Array{any_double(gate.comparison.interval.low),
                                            any_double(gate.comparison.interval.high)});
  }
  // Both arms' figures, blocks used and dropped, as in a results file.
  if (const auto* comparison =
          measure::find_comparison(report.session->results.comparisons, gate.id)) {
    object.emplace("comparison", to_json(Row{comparison, gate.comparison}));
  }
  return object;
}

Value control_value(const gates::Control& control) {
  Value::Object object{{"id", control.id},
                       {"verdict", to_string(control.judged.verdict)},
                       {"reason", control.judged.reason},
                       {"holds", control_holds(control)}};
  if (control.judged.speed != judge::Speed::not_compared) {
    object.emplace("ratio", any_double(control.judged.ratio));
    object.emplace("interval", Value::Array{any_double(control.judged.interval.low),
                                            any_double(control.judged.interval.high)});
  }
  return object;
}

Value counts_of(const GateReport& report) {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  for (const judge::GateJudged& gate : report.gates) {
    ++counts[std::string(to_string(gate.verdict))];
  }
  Value::Object object;
  for (const auto& [verdict, count] : counts) object.emplace(verdict, count);
  return object;
}

}  // namespace

json::Value gate_report_document(const GateReport& report) {
  Value::Array gates;
  for (const judge::GateJudged& gate : report.gates) {
    gates.push_back(gate_value(report, gate));
  }
  Value::Array controls;
  for (const gates::Control& control : report.controls) {
    controls.push_back(control_value(control));
  }
  const measure::Session& session = *report.session;
  Value::Object document{
      {"schema", json::schema_value(kGateReportSchema, kGateReportSchemaMajor,
                                    kGateReportSchemaMinor)},
      {"suite", session.suite},
      {"utc", session.results.utc},
      {"build", measure::to_json(session.results.build)},
      {"complete", session.results.complete},
      {"injected", any_double(session.injected)},
      {"host_class", report.host_class},
      {"against_base", report.against_base},
      {"baseline_path", report.baseline_path},
      {"no_baseline_because", report.no_baseline_because},
      {"differing", texts(report.differing)},
      {"warnings", texts(report.warnings)},
      {"counts", counts_of(report)},
      {"drifts_evaluated", drifts_evaluated(report)},
      {"skipped", report.skipped},
      {"gates", std::move(gates)},
      {"controls", std::move(controls)}};
  if (report.against_base) {
    document.emplace("base_build", measure::to_json(session.base_build));
  }
  return document;
}

std::string gate_report_text(const GateReport& report) {
  return json::to_text(gate_report_document(report));
}

}  // namespace assay::report
