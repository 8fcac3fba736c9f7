// SPDX-License-Identifier: MIT
#include "regression/report/ctest_lines.h"

#include <fmt/core.h>

#include "regression/report/figures.h"
#include "regression/report/gate_cells.h"
#include "regression/report/xml.h"

namespace assay::report {
namespace {

std::string measurement(std::string_view type, std::string_view name,
                        std::string_view value) {
  return fmt::format("<CTestMeasurement{}{}>{}</CTestMeasurement>\n",
                     xml_attribute("type", type), xml_attribute("name", name),
                     xml(value));
}

// For people, so quotes stay as they are; no element can begin without its bracket.
std::string without_elements(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string ctest_lines(const gates::GateReport& report,
                        const judge::GateJudged& gate) {
  std::string text = without_elements(gate_summary(report, gate)) + "\n";
  for (const Figure& figure : gate_figures(report, gate)) {
    text += measurement("numeric/double", figure.name, fmt::format("{}", figure.value));
  }
  text += measurement("numeric/integer", "processes",
                      fmt::format("{}", process_counts(report, gate).measured));
  text += measurement("text/string", "tier", to_string(gate.tier));
  return text + measurement("text/string", "verdict", to_string(gate.verdict));
}

}  // namespace assay::report
