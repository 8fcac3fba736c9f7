// SPDX-License-Identifier: MIT
#include "regression/report/gate_table.h"

#include <fmt/core.h>

#include <utility>

#include "regression/report/gate_cells.h"
#include "regression/report/layout.h"
#include "regression/report/text.h"

namespace assay::report {

std::string render_gates(const gates::GateReport& report,
                         const GateTableOptions& options) {
  if (report.gates.empty()) return "no gate was measured\n";
  Section gates{gate_title(report), {}};
  for (const judge::GateJudged& gate : report.gates) {
    gates.lines.push_back(gate_line(report, gate));
  }
  std::vector<Section> sections = {std::move(gates)};
  if (!report.controls.empty()) {
    Section controls{"controls: an implementation against itself", {}};
    for (const gates::Control& control : report.controls) {
      controls.lines.push_back(control_line(control));
    }
    sections.push_back(std::move(controls));
  }
  std::string text = lay_out(gate_columns(report), sections, options.color);

  if (const auto notes = gate_notes(report); !notes.empty()) {
    text += "\n";
    for (const std::string& note : notes) text += note + "\n";
  }
  if (const auto problems = gate_problems(report); !problems.empty()) {
    text += "\nproblems\n";
    for (const std::string& line : problems) text += "  " + line + "\n";
  }
  text += "\n" + gate_counts(report) + "\n";
  text += fmt::format(
      "{:<10}reference time / custom time: above 1, custom is faster; slower by: than "
      "the {}\n",
      "ratio", report.against_base ? "base" : "baseline");
  text += fmt::format(
      "{:<10}half of the interval of \"slower by\"; limit: the widest that this tier "
      "can "
      "decide with\n",
      "+-%");
  if (!options.reproduce.empty()) {
    text += fmt::format("{:<10}{} --only {}\n", "reproduce", plain(options.reproduce),
                        plain(report.gates.front().id));
  }
  return text;
}

}  // namespace assay::report
