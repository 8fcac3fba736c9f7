// SPDX-License-Identifier: MIT
#include "regression/report/gate_cells.h"

#include <fmt/core.h>

#include <cmath>

#include "regression/report/text.h"

namespace assay::report {
namespace {

using gates::Control;
using gates::GateReport;
using judge::GateJudged;
using judge::Verdict;

std::string half_width_text(const GateJudged& gate) {
  const double can_decide = judge::widest_half_width(judge::margins_of(gate.tier));
  if (!std::isfinite(gate.drift.half_width)) {
    return fmt::format("-/{:.2f}", 100 * can_decide);
  }
  return fmt::format("{:.2f}/{:.2f}", 100 * gate.drift.half_width, 100 * can_decide);
}

std::string processes_text(const ProcessCounts& counts) {
  if (counts.confirming == 0) return fmt::format("{}", counts.measured);
  return fmt::format("{}+{}", counts.measured, counts.confirming);
}

}  // namespace

std::string gate_verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::regressed:
      return "REGRESSED";
    case Verdict::improved:
      return "improved";
    case Verdict::within_tolerance:
      return "within tolerance";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::no_baseline:
      return "no baseline";
    case Verdict::left_out:
      return "left out";
    case Verdict::wrong_result:
      return "WRONG RESULT";
    case Verdict::implausible:
      return "IMPLAUSIBLE";
    case Verdict::invalid_run:
      return "INVALID RUN";
    case Verdict::library_impaired:
      return "LIB IMPAIRED";
    case Verdict::library_changed:
      return "LIB CHANGED";
  }
  return "UNKNOWN";
}

Tone gate_verdict_tone(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::improved:
      return Tone::good;
    case Verdict::within_tolerance:
      return Tone::plain;
    case Verdict::inconclusive:
    case Verdict::no_baseline:
    case Verdict::left_out:
      return Tone::doubtful;
    case Verdict::regressed:
    case Verdict::wrong_result:
    case Verdict::implausible:
    case Verdict::invalid_run:
    case Verdict::library_impaired:
    case Verdict::library_changed:
      return Tone::bad;
  }
  return Tone::bad;
}

bool shows_ratio(const GateJudged& gate) {
  switch (gate.verdict) {
    case Verdict::wrong_result:
    case Verdict::implausible:
    case Verdict::invalid_run:
    case Verdict::library_impaired:
      return false;
    case Verdict::pass:
    case Verdict::regressed:
    case Verdict::improved:
    case Verdict::within_tolerance:
    case Verdict::inconclusive:
    case Verdict::no_baseline:
    case Verdict::left_out:
    case Verdict::library_changed:
      return gate.comparison.speed != judge::Speed::not_compared;
  }
  return false;
}

bool drift_evaluated(const GateJudged& gate) {
  // Even of alike processes an interval has a width; NaN and infinity count: the
  // gate was held against its baseline and nothing came of it.
  const bool any = gate.drift.half_width != 0 || gate.drift.standard_error != 0;
  return shows_ratio(gate) && gate.verdict != Verdict::no_baseline &&
         gate.verdict != Verdict::library_changed && any;
}

std::size_t drifts_evaluated(const GateReport& report) {
  std::size_t count = 0;
  for (const GateJudged& gate : report.gates) count += drift_evaluated(gate) ? 1 : 0;
  return count;
}

double reference_ratio(const GateReport& report, const GateJudged& gate) {
  if (!report.against_base) return gate.baseline_ratio;
  if (!drift_evaluated(gate)) return 0;
  return gate.comparison.ratio * std::exp(gate.drift.slowdown);
}

bool control_holds(const Control& control) {
  const judge::Judged& judged = control.judged;
  if (judged.speed == judge::Speed::not_compared) return false;
  if (judged.verdict != Verdict::pass && judged.verdict != Verdict::inconclusive) {
    return false;
  }
  const double edge = 1 + judge::margins_of(judge::Tier::tight).indifference;
  return judged.interval.low <= edge && judged.interval.high >= 1 / edge;
}

std::string control_verdict_text(const Control& control) {
  if (control_holds(control)) return "holds";
  const Verdict verdict = control.judged.verdict;
  if (verdict == Verdict::pass) return "FAILED";
  return gate_verdict_text(verdict);
}

std::string format_percent(double log_ratio) {
  if (std::isnan(log_ratio)) return "nan";
  if (std::isinf(log_ratio)) return log_ratio > 0 ? "+inf" : "-inf";
  return fmt::format("{:+.1f}", judge::percent_slower(log_ratio));
}

std::string format_drift(const judge::Drift& drift) {
  return fmt::format("{} [{}, {}]", format_percent(drift.slowdown),
                     format_percent(drift.low), format_percent(drift.high));
}

ProcessCounts process_counts(const GateReport& report, const GateJudged& gate) {
  const auto count = [&](std::span<const measure::Comparison> comparisons) {
    const auto* found = measure::find_comparison(comparisons, gate.id);
    return found == nullptr ? std::size_t{0} : found->processes.size();
  };
  return {count(report.session->results.comparisons),
          count(report.session->confirmations)};
}

std::vector<Column> gate_columns(const GateReport& report) {
  return {{"gate"},
          {"ratio [95 %]", Align::right},
          {report.against_base ? "base" : "baseline", Align::right},
          {"slower by %", Align::right},
          {"tier"},
          {"+-%/limit", Align::right},
          {"proc", Align::right},
          {"verdict"}};
}

Line gate_line(const GateReport& report, const GateJudged& gate) {
  const bool drift = drift_evaluated(gate);
  const double reference = reference_ratio(report, gate);
  return {
      {plain(gate.id),
       shows_ratio(gate) ? format_ratio(gate.comparison.ratio, gate.comparison.interval)
                         : "-",
       reference > 0 ? fmt::format("{:.3f}", reference) : "-",
       drift ? format_drift(gate.drift) : "-", std::string(to_string(gate.tier)),
       drift ? half_width_text(gate) : "-",
       processes_text(process_counts(report, gate)), gate_verdict_text(gate.verdict)},
      gate_verdict_tone(gate.verdict)};
}

Line control_line(const Control& control) {
  const judge::Judged& judged = control.judged;
  const bool ratio = judged.speed != judge::Speed::not_compared;
  return {{plain(control.id), ratio ? format_ratio(judged.ratio, judged.interval) : "-",
           "-", "-", "-", "-", "-", control_verdict_text(control)},
          control_holds(control) ? Tone::good : Tone::bad};
}

std::string gate_title(const GateReport& report) {
  std::string text =
      fmt::format("suite {} on {}", report.session->suite, report.host_class);
  if (report.against_base) {
    const measure::Build& base = report.session->base_build;
    text += ", against the base " + base.version;
    if (!base.commit.empty()) text += " at " + base.commit;
  } else if (report.no_baseline_because.empty()) {
    text += ", against " + report.baseline_path;
  }
  return plain(text);
}

}  // namespace assay::report
