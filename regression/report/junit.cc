// SPDX-License-Identifier: MIT
#include "regression/report/junit.h"

#include <fmt/core.h>

#include <cmath>
#include <span>

#include "regression/report/figures.h"
#include "regression/report/gate_cells.h"
#include "regression/report/xml.h"

namespace assay::report {
namespace {

using gates::GateReport;
using judge::GateJudged;
using judge::Verdict;

enum class Outcome { passed, failure, error, skipped };

Outcome outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::within_tolerance:
    case Verdict::improved:
      return Outcome::passed;
    case Verdict::regressed:
      return Outcome::failure;
    case Verdict::inconclusive:
    case Verdict::no_baseline:
    case Verdict::left_out:
      return Outcome::skipped;
    case Verdict::wrong_result:
    case Verdict::implausible:
    case Verdict::invalid_run:
    case Verdict::library_impaired:
    case Verdict::library_changed:
      return Outcome::error;
  }
  return Outcome::error;
}

double measured_seconds(std::span<const measure::Comparison> comparisons,
                        const std::string& id) {
  const measure::Comparison* comparison = measure::find_comparison(comparisons, id);
  if (comparison == nullptr) return 0;
  double ns = 0;
  for (const measure::ProcessSamples& process : comparison->processes) {
    for (const measure::Block& block : process.blocks) {
      const double once = block.custom_ns[0] + block.custom_ns[1] +
                          block.library_ns[0] + block.library_ns[1];
      ns += once * static_cast<double>(process.iterations);
    }
  }
  return std::isfinite(ns) ? ns / 1e9 : 0;
}

double measured_seconds(const GateReport& report, const GateJudged& gate) {
  return measured_seconds(report.session->results.comparisons, gate.id) +
         measured_seconds(report.session->confirmations, gate.id);
}

std::string properties(const GateReport& report, const GateJudged& gate) {
  std::string text = "      <properties>\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    text += "        <property" + xml_attribute("name", name) +
            xml_attribute("value", value) + "/>\n";
  };
  add("verdict", to_string(gate.verdict));
  add("tier", to_string(gate.tier));
  for (const Figure& figure : gate_figures(report, gate)) {
    add(figure.name, fmt::format("{}", figure.value));
  }
  const ProcessCounts counts = process_counts(report, gate);
  add("processes", fmt::format("{}", counts.measured));
  add("confirming_processes", fmt::format("{}", counts.confirming));
  return text + "      </properties>\n";
}

std::string outcome_element(const GateReport& report, const GateJudged& gate) {
  const std::string_view verdict = to_string(gate.verdict);
  const std::string because = gate.reason.empty() ? "" : ": " + gate.reason;
  const std::string message = std::string(verdict) + because;
  const auto element = [&](std::string_view name) {
    return fmt::format(
        "      <{0}{1}{2}>{3}</{0}>\n", name, xml_attribute("type", verdict),
        xml_attribute("message", message), xml(gate_summary(report, gate)));
  };
  switch (outcome_of(gate.verdict)) {
    case Outcome::failure:
      return element("failure");
    case Outcome::error:
      return element("error");
    case Outcome::skipped:
      return "      <skipped" + xml_attribute("message", message) + "/>\n";
    case Outcome::passed:
      break;
  }
  return "      <system-out>" + xml(gate_summary(report, gate)) + "</system-out>\n";
}

}  // namespace

std::string junit_text(const GateReport& report) {
  std::string cases;
  double all_seconds = 0;
  std::size_t counts[4] = {};
  for (const GateJudged& gate : report.gates) {
    const double seconds = measured_seconds(report, gate);
    all_seconds += seconds;
    ++counts[static_cast<std::size_t>(outcome_of(gate.verdict))];
    cases += "    <testcase" + xml_attribute("classname", report.session->suite) +
             xml_attribute("name", gate.id) +
             xml_attribute("time", fmt::format("{:.6f}", seconds)) + ">\n";
    cases += properties(report, gate) + outcome_element(report, gate);
    cases += "    </testcase>\n";
  }
  const auto count = [&](Outcome outcome) {
    return fmt::format("{}", counts[static_cast<std::size_t>(outcome)]);
  };
  const std::string totals =
      xml_attribute("tests", fmt::format("{}", report.gates.size())) +
      xml_attribute("failures", count(Outcome::failure)) +
      xml_attribute("errors", count(Outcome::error)) +
      xml_attribute("skipped", count(Outcome::skipped)) +
      xml_attribute("time", fmt::format("{:.6f}", all_seconds));
  // The standard's time stamp has no zone; ours is UTC.
  std::string_view utc = report.session->results.utc;
  if (utc.ends_with('Z')) utc.remove_suffix(1);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         xml_attribute("name", "assay gate") + totals + ">\n  <testsuite" +
         xml_attribute("name", report.session->suite) + totals +
         xml_attribute("timestamp", utc) + ">\n" + cases +
         "  </testsuite>\n</testsuites>\n";
}

}  // namespace assay::report
