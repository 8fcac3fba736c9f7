// SPDX-License-Identifier: MIT
#include "regression/report/table.h"

#include <fmt/core.h>

#include "regression/report/cells.h"
#include "regression/report/layout.h"
#include "regression/report/legend.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

// The id is the one thing a person has to replace.
constexpr std::string_view kRowId =
    "a row's id is op.type.shape.custom.vs.library.units.scope";

constexpr std::string_view kStopped =
    "INCOMPLETE: the run ended early; rows and blocks are missing";

}  // namespace

std::string render_table(const measure::Machine& machine, std::span<const Row> rows,
                         const TableOptions& options) {
  const std::string stopped = options.incomplete ? fmt::format("{}\n", kStopped) : "";
  if (rows.empty()) return "nothing was compared\n" + stopped;
  const std::vector<Group> groups = group_rows(rows);
  std::string text =
      lay_out(columns(options.confidence), sections(groups), options.color);
  if (options.incomplete) text += "\n" + stopped;
  if (const auto lines = problems(groups); !lines.empty()) {
    text += "\nproblems\n";
    for (const std::string& line : lines) text += "  " + line + "\n";
  }
  text += "\n";
  for (const Entry& entry : legend(machine, groups, options.reproduce)) {
    text += fmt::format("{:<10}{}\n", entry.label, entry.text);
    if (entry.label == "reproduce")
      text.insert(text.size() - 1, fmt::format("  ({})", kRowId));
  }
  return text;
}

std::string render_markdown(const measure::Machine& machine, std::span<const Row> rows,
                            const TableOptions& options) {
  std::string text;
  if (options.incomplete) text = fmt::format("{}\n\n", kStopped);
  if (rows.empty()) return text + "Nothing was compared.\n";
  const std::vector<Group> groups = group_rows(rows);
  if (const auto lines = problems(groups); !lines.empty()) {
    text += "**Problems**\n\n";
    for (const std::string& line : lines) text += "- " + markdown(line) + "\n";
    text += "\n";
  }
  const std::vector<Column> all = columns(options.confidence);
  for (const Section& section : sections(groups)) {
    text += "**" + markdown(section.title) + "**\n\n" + markdown_head(all);
    for (const Line& line : section.lines) text += markdown_line(line.cells);
    text += "\n";
  }
  for (const Entry& entry : legend(machine, groups, options.reproduce)) {
    text += fmt::format("- {}: {}", entry.label, markdown(entry.text));
    if (entry.label == "reproduce") text += fmt::format(" ({})", kRowId);
    text += "\n";
  }
  return text;
}

}  // namespace assay::report
