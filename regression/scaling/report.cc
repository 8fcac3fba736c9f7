// SPDX-License-Identifier: MIT
#include "regression/scaling/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "regression/judge/statistics.h"
#include "regression/measure/ceiling.h"

namespace assay::scaling {
namespace {

// A round that time was too short for.
constexpr std::string_view kNotMeasured = "not measured";
// One-worker runs of device and event sync wait for the same work; runs of the same
// thing differ by some percent, and one of the originals' headlines rested on a factor
// of 2 between such two.
constexpr double kSameWithinShare = 0.15;
// Such a run of less says nothing of a baseline: the two calls themselves differ by
// some hundred nanoseconds.
constexpr double kLongOperationS = 20e-6;
// Operands of one worker below this share of the last-level cache need not come from
// memory, so that the triad is no bound.
constexpr double kInCache = 0.5;

std::size_t index_of(const Arm& arm, const Condition& condition) {
  return static_cast<std::size_t>(
      std::find(arm.conditions.begin(), arm.conditions.end(), condition) -
      arm.conditions.begin());
}

// The processors that the ceilings speak of: a process brings its own device.
double fma_ceiling(const Arm& arm, const Condition& condition, int processors) {
  if (condition.kind == WorkerKind::threads) return arm.ceilings.fma_gflops;
  const double units = static_cast<double>(arm.compute_units) * condition.workers;
  return arm.ceilings.fma_gflops_one * std::min(units, static_cast<double>(processors));
}

struct Peak {
  std::string_view name;
  double share = kUnknown;
};

// The ceiling that binds the op: whichever it needs more time at.
Peak peak_of(const Arm& arm, const Row& row, const measure::Machine& machine) {
  const double fma = fma_ceiling(arm, row.condition, machine.cpus);
  const double triad = measure::kTriadTraffic * arm.ceilings.triad_gbs;
  // Of one device, so that an op is bound by the same for any number of processes.
  const double fma_time = fma > 0 ? arm.flops / arm.ceilings.fma_gflops : 0;
  const double triad_time = triad > 0 ? arm.traffic_bytes / triad : 0;
  if (fma_time <= 0 && triad_time <= 0) return {};
  if (fma_time >= triad_time) return {"FMA", row.gflops / fma};
  const bool cached = arm.bytes < kInCache * static_cast<double>(machine.l3_bytes);
  // The triad of one process's device says little about that of several.
  const bool known =
      row.condition.kind == WorkerKind::threads || arm.compute_units >= 2;
  if (cached || !known) return {};
  return {"triad", row.rate * arm.traffic_bytes / 1e9 / triad};
}

// Rates of one condition over those of another, round by round: what drifts between
// rounds is in both. Empty where the other was not run.
std::vector<double> ratios_of(const Arm& arm, std::size_t at, const Condition& to) {
  const std::size_t base = index_of(arm, to);
  std::vector<double> ratios;
  if (base >= arm.cells.size()) return ratios;
  const std::size_t rounds = std::min(arm.cells[at].size(), arm.cells[base].size());
  for (std::size_t round = 0; round < rounds; ++round) {
    const Cell& cell = arm.cells[at][round];
    const Cell& other = arm.cells[base][round];
    if (!cell.failure.empty() || !other.failure.empty()) continue;
    ratios.push_back(cell.rate() / other.rate());
  }
  return ratios;
}

void add_efficiency(const Arm& arm, std::size_t at, Row& row) {
  std::vector<double> ratios = ratios_of(arm, at, baseline_of(row.condition));
  for (double& ratio : ratios) ratio /= row.condition.workers;
  if (ratios.empty()) return;
  row.efficiency = judge::median(ratios);
  row.interval = judge::sign_test_interval(ratios, judge::kConfidence);
}

Row row_of(const Arm& arm, std::size_t at, const measure::Machine& machine) {
  Row row;
  row.arm = &arm;
  row.condition = arm.conditions[at];
  std::vector<double> rates;
  for (const Cell& cell : arm.cells[at]) {
    if (cell.failure == kApart) continue;
    if (row.failure.empty()) row.failure = cell.failure;
    rates.push_back(cell.rate());
  }
  if (!row.failure.empty()) return row;
  if (rates.empty()) {
    row.failure = !arm.failure.empty()    ? arm.failure
                  : arm.cells[at].empty() ? kNotMeasured
                                          : kApart;
    return row;
  }
  row.rounds = rates.size();
  row.cell = median_cell(arm.cells[at]);
  row.rate = judge::median(rates);
  row.gflops = row.rate * arm.flops / 1e9;
  row.gbs = row.rate * arm.bytes / 1e9;
  const Peak peak = peak_of(arm, row, machine);
  row.peak = peak.name;
  row.share_of_peak = peak.share;
  if (peak.name.empty() && !row.condition.bare) {
    const std::vector<double> bare = ratios_of(arm, at, bare_of(row.condition));
    if (!bare.empty()) {
      row.peak = "bare";
      row.share_of_peak = judge::median(bare);
    }
  }
  add_efficiency(arm, at, row);

  Evidence& evidence = row.evidence;
  evidence.condition = row.condition;
  evidence.cell = row.cell;
  const std::size_t base = index_of(arm, baseline_of(row.condition));
  if (base < arm.cells.size()) evidence.baseline = median_cell(arm.cells[base]);
  evidence.efficiency = row.efficiency;
  if (row.interval.low > 0) evidence.least_efficiency = row.interval.low;
  // Of two workers on one unit the bare run says nothing: it has no units.
  evidence.share_of_peak = peak.share;
  evidence.peak = peak.name;
  evidence.compute_units = arm.compute_units;
  if (row.condition.kind == WorkerKind::processes) {
    evidence.devices = row.condition.workers;
  }
  evidence.processors = static_cast<std::uint32_t>(std::max(machine.cpus, 1));
  evidence.concurrent_queues = arm.concurrent_queues;
  evidence.library_call = arm.library_call;
  evidence.lend_one = arm.work.lend_one;
  row.diagnosis = diagnose(evidence);
  if (at < arm.confirmations.size() && arm.confirmations[at]) {
    row.confirmation = &*arm.confirmations[at];
  }
  if (at < arm.sightings.size() && arm.sightings[at]) {
    row.sighting = &*arm.sightings[at];
  }
  return row;
}

// Device and event sync of one worker with a queue of its own, in turn.
void note_unequal_equals(const std::vector<Row>& rows, std::vector<std::string>& out) {
  for (const Row& row : rows) {
    if (row.condition.sync_mode != SyncMode::device || row.condition.workers != 1 ||
        row.condition.shared_queue || !row.failure.empty() ||
        1 / row.rate < kLongOperationS) {
      continue;
    }
    Condition twin = row.condition;
    twin.sync_mode = SyncMode::event;
    for (const Row& other : rows) {
      if (other.arm != row.arm || !(other.condition == twin) ||
          !other.failure.empty()) {
        continue;
      }
      const double ratio = row.rate / other.rate;
      if (std::abs(std::log(ratio)) <= kSameWithinShare) continue;
      out.push_back(
          fmt::format("{}: with one worker, device sync has {:.2f} x the rate of event "
                      "sync, though "
                      "both wait for the same: do not trust either baseline",
                      title(*row.arm), ratio));
    }
  }
}

}  // namespace

std::string title(const Arm& arm) {
  std::string text = arm.work.op;
  if (arm.work.op == "chain") {
    text += fmt::format(" of {} steps", arm.work.chain_steps);
  }
  if (!arm.work.shape.empty()) text += " " + arm.work.shape;
  if (!arm.work.implementation.empty()) text += " " + arm.work.implementation;
  if (arm.work.lend_one) text += " (lent one unit)";
  return text;
}

std::vector<Row> rows_of(const Report& report) {
  std::vector<Row> rows;
  for (const Arm& arm : report.arms) {
    for (std::size_t at = 0; at < arm.conditions.size(); ++at) {
      rows.push_back(row_of(arm, at, report.run.machine));
    }
  }
  return rows;
}

bool implausible(const Row& row) {
  return row.failure.empty() && row.peak == "FMA" && row.share_of_peak > kPlausible;
}

const Row* ceiling_of(const std::vector<Row>& rows, const Row& row) {
  const Condition bare = bare_of(row.condition);
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
    return other.arm == row.arm && other.condition == bare;
  });
  return found != rows.end() && found->failure.empty() ? &*found : nullptr;
}

std::vector<std::string> notes(const Report& report, const std::vector<Row>& rows) {
  std::vector<std::string> out;
  std::set<std::string> told;
  for (const Arm& arm : report.arms) {
    if (!arm.failure.empty()) out.push_back(title(arm) + ": " + arm.failure);
    if (arm.audit.impaired && told.insert(arm.audit.name).second) {
      out.push_back(arm.audit.name + " is impaired: " + arm.audit.reason);
    }
  }
  for (const Row& row : rows) {
    const std::string name = title(*row.arm) + ", " + id(row.condition) + ": ";
    if (!row.failure.empty()) continue;
    if (implausible(row)) {
      out.push_back(name + fmt::format("IMPLAUSIBLE: {:.0f} % of the FMA peak",
                                       100 * row.share_of_peak));
    }
    if (row.interval.low > 1 && row.efficiency > kPlausible) {
      out.push_back(name +
                    fmt::format("efficiency {:.0f} %: the one-worker run was held "
                                "back by something",
                                100 * row.efficiency));
    }
  }
  note_unequal_equals(rows, out);
  return out;
}

int exit_code_of(const Report& report, const std::vector<Row>& rows) {
  namespace exit_code = judge::exit_code;
  int code = exit_code::kPass;
  for (const Arm& arm : report.arms) {
    if (arm.audit.impaired) code = judge::worse(code, exit_code::kEnvironment);
    if (!arm.failure.empty()) code = judge::worse(code, exit_code::kInternal);
  }
  for (const Row& row : rows) {
    if (!row.failure.empty() && row.failure != kNotMeasured && row.failure != kApart) {
      const bool wrong = row.failure.starts_with("wrong result");
      code = judge::worse(code, wrong ? exit_code::kWrong : exit_code::kInternal);
    }
    if (implausible(row)) code = judge::worse(code, exit_code::kWrong);
  }
  return code;
}

}  // namespace assay::scaling
