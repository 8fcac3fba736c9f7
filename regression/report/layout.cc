// SPDX-License-Identifier: MIT
#include "regression/report/layout.h"

#include <algorithm>
#include <numeric>

#include "regression/report/text.h"

namespace assay::report {
namespace {

constexpr std::size_t kShortest = 8;
constexpr std::size_t kIndent = 2;

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

struct Widths {
  std::vector<std::size_t> columns;
  std::size_t gap = 2;

  std::size_t line() const {
    return kIndent + std::accumulate(columns.begin(), columns.end(), std::size_t{0}) +
           gap * (columns.size() - 1);
  }
};

Widths fit(const std::vector<Column>& columns, std::span<const Section> sections,
           std::size_t max_columns) {
  Widths widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = display_width(columns[c].title);
    for (const Section& section : sections) {
      for (const Line& line : section.lines) {
        width = std::max(width, display_width(line.cells[c]));
      }
    }
    widths.columns.push_back(width);
  }
  if (widths.line() > max_columns) widths.gap = 1;
  // The widest of those that may be cut gives way first.
  while (widths.line() > max_columns) {
    std::size_t* widest = nullptr;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::size_t& width = widths.columns[c];
      if (!columns[c].cuttable || width <= kShortest) continue;
      if (widest == nullptr || width > *widest) widest = &width;
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string draw(const std::vector<Column>& columns, const Widths& widths,
                 std::span<const std::string> cells, std::string_view escape) {
  std::string line(kIndent, ' ');
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) line.append(widths.gap, ' ');
    const std::string text = cut(cells[c], widths.columns[c]);
    const std::string space(widths.columns[c] - display_width(text), ' ');
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
  const Widths widths = fit(columns, sections, max_columns);
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  std::string text;
  for (const Section& section : sections) {
    if (!text.empty()) text += '\n';
    text += cut(section.title, max_columns) + '\n';
    text += draw(columns, widths, titles, "");
    for (const Line& line : section.lines) {
      text += draw(columns, widths, line.cells, color ? escape_of(line.tone) : "");
    }
  }
  return text;
}

}  // namespace assay::report
