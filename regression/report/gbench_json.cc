// SPDX-License-Identifier: MIT
#include "regression/report/gbench_json.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "regression/judge/arms.h"
#include "regression/judge/statistics.h"
#include "regression/report/figures.h"
#include "regression/report/gate_cells.h"

namespace assay::report {
namespace {

using gates::GateReport;
using json::Value;

void add_cache(const char* type, int level, std::size_t bytes, Value::Array& caches) {
  if (bytes == 0) return;
  caches.emplace_back(Value::Object{{"type", type}, {"level", level}, {"size", bytes}});
}

Value context_of(const GateReport& report) {
  const measure::Results& results = report.session->results;
  const measure::Machine& machine = results.machine;
  Value::Array caches;
  add_cache("Data", 1, machine.l1d_bytes, caches);
  add_cache("Unified", 2, machine.l2_bytes, caches);
  add_cache("Unified", 3, machine.l3_bytes, caches);
  const bool debug = results.build.build_type == "Debug";
  return Value::Object{
      {"json_schema_version", 1},
      {"date", results.utc},
      // A class of machines: whose machine it was is nobody's business.
      {"host_name", report.host_class},
      {"executable", "assay"},
      {"num_cpus", machine.cpus},
      {"cpu_model", machine.cpu_model},
      {"isa", machine.isa},
      {"hypervisor", machine.hypervisor},
      {"kernel", machine.kernel},
      {"caches", std::move(caches)},
      {"library_build_type", debug ? "debug" : "release"},
      {"assay_version", results.build.version},
      {"assay_commit", results.build.commit},
      {"compiler", results.build.compiler},
      {"suite", report.session->suite}};
}

// What one worker process found.
struct ProcessFigures {
  double custom_ns = 0;
  double ratio = 0;
  std::uint64_t iterations = 0;
};

const measure::ProcessSamples* owner_of(const measure::Comparison& comparison,
                                        const measure::Block* block) {
  for (const measure::ProcessSamples& process : comparison.processes) {
    for (const measure::Block& own : process.blocks) {
      if (&own == block) return &process;
    }
  }
  return nullptr;
}

// Of each process that has a usable block.
std::vector<ProcessFigures> processes_of(const measure::Comparison& comparison) {
  std::vector<ProcessFigures> all;
  const judge::UsableBlocks usable = judge::usable_blocks(comparison, judge::Rules());
  for (const auto& blocks : usable.processes) {
    const measure::ProcessSamples* process = owner_of(comparison, blocks.front());
    if (process == nullptr) continue;
    std::vector<double> times;
    std::vector<double> log_ratios;
    for (const measure::Block* block : blocks) {
      for (const double ns : judge::times_of(*block, judge::Arm::custom)) {
        times.push_back(ns);
      }
      log_ratios.push_back(judge::block_log_ratio(*block));
    }
    const ProcessFigures figures{
        judge::median(times), std::exp(judge::median(log_ratios)), process->iterations};
    const bool finite =
        std::isfinite(figures.custom_ns) && std::isfinite(figures.ratio);
    if (finite) all.push_back(figures);
  }
  return all;
}

void add_entries(const GateReport& report, const judge::GateJudged& gate,
                 std::uint64_t family, Value::Array& entries) {
  const measure::Comparison* comparison =
      measure::find_comparison(report.session->results.comparisons, gate.id);
  if (comparison == nullptr || !shows_ratio(gate)) return;
  const std::vector<ProcessFigures> processes = processes_of(*comparison);
  for (std::size_t i = 0; i < processes.size(); ++i) {
    Value::Object entry{{"name", gate.id},
                        {"run_name", gate.id},
                        {"run_type", "iteration"},
                        {"family_index", family},
                        {"per_family_instance_index", 0},
                        {"repetitions", processes.size()},
                        {"repetition_index", i},
                        {"threads", 1},
                        {"iterations", processes[i].iterations},
                        {"real_time", processes[i].custom_ns},
                        {"cpu_time", processes[i].custom_ns},
                        {"time_unit", "ns"},
                        {"process_ratio", processes[i].ratio}};
    for (const Figure& figure : gate_figures(report, gate)) {
      entry.emplace(figure.name, figure.value);
    }
    entries.emplace_back(std::move(entry));
  }
}

}  // namespace

json::Value gbench_document(const GateReport& report) {
  Value::Array entries;
  std::uint64_t family = 0;
  for (const judge::GateJudged& gate : report.gates) {
    add_entries(report, gate, family++, entries);
  }
  return Value::Object{{"context", context_of(report)},
                       {"benchmarks", std::move(entries)}};
}

std::string gbench_text(const GateReport& report) {
  return json::to_text(gbench_document(report));
}

}  // namespace assay::report
