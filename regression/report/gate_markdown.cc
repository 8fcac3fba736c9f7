// SPDX-License-Identifier: MIT
#include "regression/report/gate_markdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "regression/report/gate_cells.h"
#include "regression/report/layout.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

// Characters of a cell and of a line. Escaping makes at most 6 bytes of one character
// ("&#64;" and a backslash form are shorter, "&amp;" is 5, UTF-8 takes 4):
//   50 rows x 8 cells x 160 x 6 + 3 x 50 lines x 500 x 6 = 834 kB < 1 MiB.
constexpr std::size_t kMaxCell = 160;
constexpr std::size_t kMaxLine = 500;

std::string shown(std::string_view text, std::size_t max_width) {
  return markdown(cut(text, max_width));
}

std::string table_line(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = cut(cell, kMaxCell);
  return markdown_line(cells);
}

std::string and_more(std::size_t all) {
  if (all <= kMaxMarkdownRows) return "";
  return fmt::format("\nand {} more\n", all - kMaxMarkdownRows);
}

void add_list(std::string_view title, std::span<const std::string> lines,
              std::string& text) {
  if (lines.empty()) return;
  text += fmt::format("**{}**\n\n", title);
  for (const std::string& line :
       lines.first(std::min(lines.size(), kMaxMarkdownRows))) {
    text += "- " + shown(line, kMaxLine) + "\n";
  }
  text += and_more(lines.size()) + "\n";
}

}  // namespace

std::string render_gate_markdown(const gates::GateReport& report,
                                 const std::string& reproduce) {
  if (report.gates.empty()) return "No gate was measured.\n";
  std::string text = "**" + shown(gate_counts(report), kMaxLine) + "**\n\n";
  text += shown(gate_title(report), kMaxLine) + "\n\n";
  add_list("Problems", gate_problems(report), text);
  add_list("Notes", gate_notes(report), text);

  const std::size_t rows = std::min(report.gates.size(), kMaxMarkdownRows);
  text += markdown_head(gate_columns(report));
  for (std::size_t i = 0; i < rows; ++i) {
    text += table_line(gate_line(report, report.gates[i]).cells);
  }
  text += and_more(report.gates.size());
  if (!reproduce.empty()) {
    text += "\nreproduce: " +
            shown(reproduce + " --only " + report.gates.front().id, kMaxLine) + "\n";
  }
  return text;
}

}  // namespace assay::report
