// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cmath>

#include "regression/scaling/report.h"

namespace assay::scaling {
namespace {

std::string number(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

std::string percent_text(double share) { return number(100 * share, 0); }

// "0.12/3.4": p50 and p95 in microseconds.
std::string pair(double p50_ns, double p95_ns) {
  if (!std::isfinite(p50_ns)) return "-";
  const auto digits = [](double us) { return us < 10 ? 2 : us < 1000 ? 1 : 0; };
  return number(p50_ns / 1e3, digits(p50_ns / 1e3)) + "/" +
         number(p95_ns / 1e3, digits(p95_ns / 1e3));
}

std::string efficiency(const Row& row) {
  if (!std::isfinite(row.efficiency)) return "n/a";
  if (row.condition.workers == 1) return "1";
  if (!std::isfinite(row.interval.low)) return number(row.efficiency, 2);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", row.efficiency, row.interval.low,
                     row.interval.high);
}

std::string rate(double value) { return number(value, value < 100 ? 1 : 0); }

// The rate in the unit of the peak that binds.
std::string work_rate(const Row& row) {
  if (row.peak == "FMA") return rate(row.gflops) + " GF/s";
  if (row.arm->bytes > 0) return rate(row.gbs) + " GB/s";
  return "-";
}

std::string share(const Row& row) {
  if (row.peak.empty()) return "-";
  return percent_text(row.share_of_peak) + " " + std::string(row.peak);
}

std::string_view confirmation_word(Confirmation::Outcome outcome) {
  switch (outcome) {
    case Confirmation::Outcome::confirmed:
      return "confirmed";
    case Confirmation::Outcome::contradicted:
      return "CONTRADICTED";
    case Confirmation::Outcome::cannot_tell:
      return "not confirmed";
  }
  return "unknown";
}

constexpr const char* kLine = "{:>9}{:>12}{:>20}{:>12}{:>10}{:>15}{:>15}  {}\n";

std::string line(const Row& row) {
  const std::string workers = std::to_string(row.condition.workers);
  if (!row.failure.empty()) return fmt::format("{:>9}  {}\n", workers, row.failure);
  std::string text =
      fmt::format(kLine, workers, rate(row.rate), efficiency(row), work_rate(row),
                  share(row), pair(row.cell.submit_p50_ns, row.cell.submit_p95_ns),
                  pair(row.cell.wait_p50_ns, row.cell.wait_p95_ns), row.diagnosis.text);
  if (row.confirmation != nullptr) {
    text +=
        fmt::format("{:9}{}: {}\n", "", confirmation_word(row.confirmation->outcome),
                    row.confirmation->text);
  }
  if (row.sighting != nullptr) {
    text += fmt::format("{:9}{}: {}\n", "", confirmation_word(row.sighting->outcome),
                        row.sighting->text);
  }
  return text;
}

std::string describe_arm(const Arm& arm) {
  std::string text = fmt::format(
      "{} on {}, {} compute unit{}, {} iterations a worker\n  peaks measured: FMA "
      "{:.0f} "
      "GFLOP/s, triad {:.1f} GB/s\n",
      title(arm), arm.device, arm.compute_units, arm.compute_units == 1 ? "" : "s",
      arm.iterations, arm.ceilings.fma_gflops, arm.ceilings.triad_gbs);
  if (!arm.audit.resolved_path.empty()) {
    text += fmt::format("  library: {}, core {}, {} threads\n", arm.audit.resolved_path,
                        arm.audit.core_name, arm.audit.threads);
  }
  return text;
}

}  // namespace

std::string to_text(const Report& report, const std::vector<Row>& rows) {
  std::string text = fmt::format(
      "{}, {}, {}\n", report.run.machine.cpu_model,
      measure::usable_processors(report.run.machine),
      report.run.complete ? "complete" : "NOT COMPLETE: some rounds are missing");
  const Arm* arm = nullptr;
  Condition section;
  for (const Row& row : rows) {
    if (row.arm != arm) text += "\n" + describe_arm(*row.arm);
    if (row.arm != arm || !(baseline_of(row.condition) == section)) {
      section = baseline_of(row.condition);
      text += "\n  " + describe(section) + "\n" +
              fmt::format(kLine, to_string(section.kind), "ops/s", "efficiency", "rate",
                          "% of peak", "submit us", "wait us", "why");
    }
    arm = row.arm;
    text += line(row);
  }
  text +=
      "\nefficiency: rate / (workers x rate of the one-worker run above it, same "
      "session) [95 % over rounds]\nsubmit, wait: p50/p95 of single calls\n";
  for (const std::string& note : notes(report, rows)) text += "note: " + note + "\n";
  return text;
}

}  // namespace assay::scaling
