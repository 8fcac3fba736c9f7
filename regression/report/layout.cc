// SPDX-License-Identifier: MIT
#include "regression/report/layout.h"

#include <algorithm>
#include <numeric>

#include "regression/report/text.h"

namespace assay::report {
namespace {

constexpr std::size_t kShortest = 8;

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::doubtful:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[1;31m";
  }
  return "";
}

struct Plan {
  std::vector<std::size_t> widths;
  std::size_t first = 0;  // 1: the first column stands on lines of its own
  std::size_t gap = 2;

  std::size_t indent() const { return first == 0 ? 2 : 4; }
  std::size_t line() const {
    const auto begin = widths.begin() + static_cast<std::ptrdiff_t>(first);
    return indent() + std::accumulate(begin, widths.end(), std::size_t{0}) +
           gap * (widths.size() - first - 1);
  }
};

std::vector<std::size_t> full_widths(const std::vector<Column>& columns,
                                     std::span<const Section> sections) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = display_width(columns[c].title);
    for (const Section& section : sections) {
      for (const Line& line : section.lines) {
        width = std::max(width, display_width(line.cells[c]));
      }
    }
    widths.push_back(width);
  }
  return widths;
}

Plan fit(const std::vector<Column>& columns, std::span<const Section> sections,
         std::size_t max_columns) {
  Plan plan{.widths = full_widths(columns, sections)};
  for (const std::size_t first : {0U, 1U}) {
    for (const std::size_t gap : {2U, 1U}) {
      plan.first = first;
      plan.gap = gap;
      if (plan.line() <= max_columns) return plan;
    }
  }
  // The widest of those that may be cut gives way first.
  while (plan.line() > max_columns) {
    std::size_t* widest = nullptr;
    for (std::size_t c = plan.first; c < columns.size(); ++c) {
      std::size_t& width = plan.widths[c];
      if (!columns[c].cuttable || width <= kShortest) continue;
      if (widest == nullptr || width > *widest) widest = &width;
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return plan;
}

std::string draw(const std::vector<Column>& columns, const Plan& plan,
                 std::span<const std::string> cells, std::string_view escape) {
  std::string line(plan.indent(), ' ');
  for (std::size_t c = plan.first; c < columns.size(); ++c) {
    if (c > plan.first) line.append(plan.gap, ' ');
    const std::string text = cut(cells[c], plan.widths[c]);
    const std::string space(plan.widths[c] - display_width(text), ' ');
    const bool last = c + 1 == columns.size();
    if (columns[c].align == Align::right) line += space;
    if (last && !escape.empty()) {
      line.append(escape).append(text).append("\x1b[0m");
    } else {
      line += text;
    }
    if (columns[c].align == Align::left && !last) line += space;
  }
  return line + '\n';
}

}  // namespace

std::string lay_out(const std::vector<Column>& columns,
                    std::span<const Section> sections, bool color,
                    std::size_t max_columns) {
  const Plan plan = fit(columns, sections, max_columns);
  std::vector<std::string> titles;
  titles.reserve(columns.size());
  for (const Column& column : columns) titles.push_back(column.title);
  std::string text;
  for (const Section& section : sections) {
    if (!text.empty()) text += '\n';
    text += cut(section.title, max_columns) + '\n';
    text += draw(columns, plan, titles, "");
    const std::string* last_case = nullptr;
    for (const Line& line : section.lines) {
      const std::string& name = line.cells.front();
      if (plan.first == 1 && (last_case == nullptr || *last_case != name)) {
        text += "  " + cut(name, max_columns - 2) + '\n';
      }
      last_case = &name;
      text += draw(columns, plan, line.cells, color ? escape_of(line.tone) : "");
    }
  }
  return text;
}

std::string markdown_head(std::span<const Column> columns) {
  std::vector<std::string> titles;
  std::string rule = "|";
  for (const Column& column : columns) {
    titles.push_back(column.title);
    rule += column.align == Align::right ? " ---: |" : " --- |";
  }
  return markdown_line(titles) + rule + "\n";
}

}  // namespace assay::report
