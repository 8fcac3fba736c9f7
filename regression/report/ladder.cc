// SPDX-License-Identifier: MIT
#include "regression/report/ladder.h"

#include <fmt/core.h>

#include <algorithm>

#include "backends/interface/status.h"
#include "regression/report/cells.h"
#include "regression/report/legend.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

using judge::Judged;

// The row to quote for a step at a shape; null when it was not measured.
const Row* find_row(std::span<const Group> groups, std::string_view shape,
                    std::string_view step) {
  for (const Group& group : groups) {
    const measure::Comparison& comparison = *group.quoted->comparison;
    if (comparison.shape == shape && comparison.custom.implementation == step) {
      return group.quoted;
    }
  }
  return nullptr;
}

// Time, rate and share of the roof.
std::vector<std::string> figures(const Row& row, const judge::ArmSummary& arm) {
  std::string share = "-";
  if (row.roof.kind != Roof::Kind::unknown) {
    // The first steps of a ladder are below one percent.
    const double percent = 100 * share_of(row.roof, arm);
    share = fmt::format("{:.{}f} % of {}", percent, percent < 9.95 ? 1 : 0,
                        to_string(row.roof.kind));
  }
  const std::string rate = shows_bytes(row) ? format_rate(arm.gbs) + " GB/s"
                                            : format_rate(arm.gflops) + " GFLOP/s";
  return {format_time(arm.median_ns), rate, share};
}

bool has_library(const Row& row) {
  return row.comparison->library.provider != measure::kNoPeer;
}

std::vector<std::string> step_cells(const Row* row) {
  if (row == nullptr) return {"not run", "", "", ""};
  const Judged& judged = row->judged;
  if (judged.speed == judge::Speed::not_compared &&
      (has_library(*row) || judged.verdict != judge::Verdict::pass)) {
    return {verdict_text(judged), "", "", ""};
  }
  std::vector<std::string> cells = figures(*row, judged.custom);
  if (!has_library(*row)) {
    cells.emplace_back("-");
    return cells;
  }
  std::string ratio = format_ratio(judged.ratio, judged.interval);
  if (judged.verdict == judge::Verdict::inconclusive) ratio += ", cannot tell";
  cells.push_back(ratio);
  return cells;
}

std::string table_of(const LadderShape& at, std::span<const Group> groups,
                     const Ladder& ladder, double confidence) {
  std::string text = ladder_heading(at.shape);
  text += markdown_line(std::vector<std::string>{
      "step", "idea", "time", "rate", "of the roof",
      fmt::format("library's time / its own [{:g} %]", 100 * confidence)});
  text += "| --- | --- | ---: | ---: | ---: | ---: |\n";
  const Row* last = nullptr;
  for (const LadderStep& step : at.steps) {
    const Row* const row = find_row(groups, at.shape, step.name);
    if (row != nullptr) last = row;
    text += ladder_row_start(step);
    for (const std::string& cell : step_cells(row)) text += " " + markdown(cell) + " |";
    text += "\n";
  }
  if (last == nullptr || !has_library(*last) ||
      last->judged.speed == judge::Speed::not_compared) {
    return text + "\n";
  }
  const std::string& name = last->comparison->library.implementation;
  const auto found = std::ranges::find(ladder.libraries, name, &LadderStep::name);
  const std::string idea = found == ladder.libraries.end() ? "" : found->idea;
  text += "| *" + markdown(name) + "* | " + markdown(idea) + " |";
  for (const std::string& cell : figures(*last, last->judged.library)) {
    text += " " + markdown(cell) + " |";
  }
  return text + " 1 |\n\n";
}

// Where the marker begins as a line of its own; npos when it is not there. Throws when
// it is there twice.
std::size_t place_of(std::string_view page, const std::string& marker) {
  const auto next = [&](std::size_t from) {
    for (;;) {
      const std::size_t found = page.find(marker, from);
      if (found == page.npos || found == 0 || page[found - 1] == '\n') return found;
      from = found + 1;
    }
  };
  const std::size_t first = next(0);
  if (first != page.npos && next(first + 1) != page.npos) {
    throw Error(StatusCode::bad_file,
                "there twice: " + marker.substr(0, marker.size() - 1));
  }
  return first;
}

struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Part part_of(std::string_view page, std::string_view op) {
  const std::string first = ladder_begin(op);
  const std::string last = ladder_end(op);
  const std::size_t begin = place_of(page, first);
  const std::size_t end = place_of(page, last);
  if (begin == page.npos || end == page.npos || end < begin) {
    throw Error(StatusCode::bad_file, "has no line '" +
                                          first.substr(0, first.size() - 1) +
                                          "' with an end below it: put both there");
  }
  return {begin + first.size(), end};
}

}  // namespace

std::string ladder_heading(std::string_view shape) {
  return "**" + markdown(shape) + "**\n\n";
}

std::string ladder_row_start(const LadderStep& step) {
  return "| " + markdown(step.name) + " | " + markdown(step.idea) + " |";
}

std::string ladder_begin(std::string_view op) {
  return fmt::format("<!-- ladder of {}: begin -->\n", op);
}

std::string ladder_end(std::string_view op) {
  return fmt::format("<!-- ladder of {}: end -->\n", op);
}

std::string_view ladder_part(std::string_view page, std::string_view op) {
  const Part part = part_of(page, op);
  return page.substr(part.begin, part.end - part.begin);
}

std::string with_ladder_part(std::string_view page, std::string_view op,
                             std::string_view part) {
  const Part old = part_of(page, op);
  std::string text(page.substr(0, old.begin));
  text += part;
  text += page.substr(old.end);
  return text;
}

std::string render_ladder(const measure::Results& results, std::span<const Row> rows,
                          const Ladder& ladder) {
  const std::vector<Group> groups = group_rows(rows);
  const judge::Rules rules;
  std::string text = "\n";
  for (const LadderShape& at : ladder.shapes) {
    text += table_of(at, groups, ladder, rules.confidence);
  }
  for (const LadderShape& at : ladder.shapes) {
    for (const LadderStep& step : at.steps) {
      if (step.not_run_because.empty()) continue;
      text += fmt::format("- not run: {} at {}: {}\n", markdown(step.name),
                          markdown(at.shape), markdown(step.not_run_because));
    }
  }
  std::vector<std::string> audited;
  for (const Entry& entry : legend(results.machine, groups, "")) {
    // Said by the head of the column.
    if (entry.label == "ratio") continue;
    if (entry.label == "library") {
      // Audited again for each shape, with another share of the peak.
      const std::string name = entry.text.substr(0, entry.text.find(':'));
      if (std::ranges::find(audited, name) != audited.end()) continue;
      audited.push_back(name);
    }
    text += fmt::format("- {}: {}\n", entry.label, markdown(entry.text));
  }
  const measure::Build& build = results.build;
  text += fmt::format("- build: {}, commit {}, {}, {}\n", markdown(build.version),
                      build.commit.empty() ? "unknown" : markdown(build.commit),
                      markdown(build.compiler), markdown(build.build_type));
  text += "\nGenerated by\n\n```\n" + plain(ladder.regenerate) + "\n```\n";
  return text;
}

}  // namespace assay::report
