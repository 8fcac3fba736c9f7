// SPDX-License-Identifier: MIT
// The lines above and below a gate table.
#include <fmt/core.h>

#include <map>

#include "regression/report/gate_cells.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

using gates::Control;
using gates::GateReport;
using judge::GateJudged;
using judge::Verdict;

void add_dropped(const std::string& id, const judge::Judged& judged,
                 const std::string& reason, std::vector<std::string>& lines) {
  // A reason about dropped blocks has said it.
  if (judged.blocks_dropped == 0 || reason.find("dropped") != std::string::npos) return;
  lines.push_back(fmt::format("{}: {} block{} dropped: {}", id, judged.blocks_dropped,
                              judged.blocks_dropped == 1 ? "" : "s",
                              plain(judged.dropped_because)));
}

void add_problem(const Control& control, std::vector<std::string>& lines) {
  const judge::Judged& judged = control.judged;
  const std::string id = plain(control.id);
  if (!control_holds(control)) {
    const bool ratio = judged.speed != judge::Speed::not_compared;
    lines.push_back(fmt::format(
        "{}: control {}: {}", id, control_verdict_text(control),
        !judged.reason.empty() ? plain(judged.reason)
        : ratio ? "an implementation differs from itself: this machine or session "
                  "biases what it measures; run again on a quiet machine"
                : "nothing was compared"));
  }
  add_dropped(id, judged, judged.reason, lines);
}

}  // namespace

std::vector<std::string> gate_notes(const GateReport& report) {
  std::vector<std::string> notes;
  if (!report.session->results.complete) {
    notes.emplace_back(
        "INCOMPLETE: the session ended early; gates it did not reach "
        "are missing or undecided");
  }
  if (report.session->injected != 0) {
    notes.push_back(fmt::format(
        "INJECTED: {:g} % extra work was given to the custom arms on purpose",
        100 * report.session->injected));
  }
  if (!report.no_baseline_because.empty()) {
    notes.push_back("NOT GATED: " + plain(report.no_baseline_because));
    for (const std::string& fact : report.differing) {
      notes.push_back("differs: " + plain(fact));
    }
  }
  for (const std::string& warning : report.warnings) {
    notes.push_back("warning: " + plain(warning));
  }
  for (const GateJudged& gate : report.gates) {
    if (gate.verdict != Verdict::left_out) continue;
    notes.push_back("left out: " + plain(gate.id) + ": " + plain(gate.reason));
  }
  return notes;
}

std::vector<std::string> gate_problems(const GateReport& report) {
  std::vector<std::string> lines;
  for (const GateJudged& gate : report.gates) {
    const std::string id = plain(gate.id);
    // On a host without a baseline the one note says it for all gates.
    const bool said =
        gate.verdict == Verdict::no_baseline && !report.no_baseline_because.empty();
    const bool passed = gate.verdict == Verdict::pass && gate.reason.empty();
    // Nothing went wrong: a note says it.
    if (!said && !passed && gate.verdict != Verdict::left_out) {
      lines.push_back(fmt::format("{}: {}{}{}", id, gate_verdict_text(gate.verdict),
                                  gate.reason.empty() ? "" : ": ", plain(gate.reason)));
    }
    add_dropped(id, gate.comparison, gate.reason, lines);
  }
  for (const Control& control : report.controls) add_problem(control, lines);
  return lines;
}

std::string gate_counts(const GateReport& report) {
  // In the order of the enumeration, whose first is pass.
  std::map<Verdict, std::size_t> counts;
  for (const GateJudged& gate : report.gates) ++counts[gate.verdict];
  const std::size_t all = report.gates.size();
  std::string text = fmt::format("{} gate{}", all, all == 1 ? "" : "s");
  const char* separator = ": ";
  for (const auto& [verdict, count] : counts) {
    text += fmt::format("{}{} {}", separator, count, gate_verdict_text(verdict));
    separator = ", ";
  }
  return text +
         fmt::format("; drift gates evaluated {} of {}", drifts_evaluated(report), all);
}

std::string gate_summary(const GateReport& report, const GateJudged& gate) {
  std::string text =
      fmt::format("{}: {}", plain(gate.id), gate_verdict_text(gate.verdict));
  if (shows_ratio(gate)) {
    text += ", ratio " + format_ratio(gate.comparison.ratio, gate.comparison.interval);
  }
  if (const double reference = reference_ratio(report, gate); reference > 0) {
    text += fmt::format(", {} {:.3f}", report.against_base ? "base" : "baseline",
                        reference);
  }
  if (drift_evaluated(gate)) {
    text += fmt::format(", slower by {} %, {} tier", format_drift(gate.drift),
                        to_string(gate.tier));
  }
  if (!gate.reason.empty()) text += ": " + plain(gate.reason);
  return text;
}

}  // namespace assay::report
