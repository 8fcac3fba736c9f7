// SPDX-License-Identifier: MIT
#include "regression/report/cells.h"

#include <fmt/core.h>

#include "regression/report/gate_cells.h"
#include "regression/report/text.h"

namespace assay::report {
namespace {

using judge::Judged;
using judge::Verdict;
using measure::Comparison;

// Figures of an arm that did not do the work would be quoted all the same.
bool shows_figures(const Judged& judged) {
  switch (judged.verdict) {
    case Verdict::wrong_result:
    case Verdict::implausible:
    case Verdict::invalid_run:
      return false;
    case Verdict::pass:
    case Verdict::regressed:
    case Verdict::improved:
    case Verdict::within_tolerance:
    case Verdict::inconclusive:
    case Verdict::no_baseline:
    case Verdict::left_out:
    case Verdict::library_impaired:
    case Verdict::library_changed:
      return true;
  }
  return false;
}

std::string pair(const std::string& custom, const std::string& library) {
  return custom + "/" + library;
}

std::string scope_text(const Comparison& comparison) {
  std::string text(to_string(comparison.custom_scope));
  if (comparison.library_scope != comparison.custom_scope) {
    text.append(" / ").append(to_string(comparison.library_scope));
  }
  if (comparison.simulated_transfers) text += " (simulated)";
  return text;
}

// A library given as a path by its file name; the legend has the path.
std::string library_text(const Comparison& comparison) {
  const std::string& name = comparison.library.implementation;
  const auto slash = name.find_last_of('/');
  return plain(slash == name.npos ? name : name.substr(slash + 1));
}

bool has_peer(const Comparison& comparison) {
  return comparison.library.provider != measure::kNoPeer;
}

// Of the library's arm, where there is one.
std::string of_peer(const Comparison& comparison, std::string text) {
  return has_peer(comparison) ? std::move(text) : "-";
}

std::string rates(const Row& row) {
  const Judged& judged = row.judged;
  if (shows_bytes(row)) {
    return pair(format_rate(judged.custom.gbs),
                of_peer(*row.comparison, format_rate(judged.library.gbs))) +
           " GB/s";
  }
  return pair(format_rate(judged.custom.gflops),
              of_peer(*row.comparison, format_rate(judged.library.gflops)));
}

std::string shares(const Row& row) {
  if (row.roof.kind == Roof::Kind::unknown) return "-";
  const auto share = [&](const judge::ArmSummary& arm) {
    return format_share(share_of(row.roof, arm));
  };
  return pair(share(row.judged.custom),
              of_peer(*row.comparison, share(row.judged.library))) +
         " " + std::string(to_string(row.roof.kind));
}

std::string blocks_text(const Judged& judged) {
  if (judged.blocks_dropped == 0) return fmt::format("{}", judged.blocks_used);
  return fmt::format("{}/{}", judged.blocks_used,
                     judged.blocks_used + judged.blocks_dropped);
}

Line to_line(const Row& row) {
  const Comparison& comparison = *row.comparison;
  const Judged& judged = row.judged;
  const bool figures = shows_figures(judged);
  const auto shown = [figures](std::string text) {
    return figures ? std::move(text) : std::string("-");
  };
  const std::string ratio = judged.speed == judge::Speed::not_compared
                                ? "-"
                                : format_ratio(judged.ratio, judged.interval);
  const std::string errors =
      pair(format_error(judged.custom.worst_error),
           of_peer(comparison, format_error(judged.library.worst_error)));
  return {{plain(comparison.shape + " " + comparison.custom.implementation),
           scope_text(comparison), shown(format_time(judged.custom.median_ns)),
           shown(of_peer(comparison, format_time(judged.library.median_ns))),
           library_text(comparison), ratio, shown(rates(row)), shown(shares(row)),
           shown(errors), blocks_text(judged), verdict_text(judged)},
          verdict_tone(judged)};
}

std::string section_title(const Comparison& comparison) {
  // The type of a case is its result's; what is multiplied may be narrower.
  std::string types = comparison.dtype;
  if (!comparison.multiplies.empty() && comparison.multiplies != types) {
    types = comparison.multiplies + " to " + types;
  }
  return plain(fmt::format("{} {} on {}, {} compute unit{}, data {}", comparison.op,
                           types, comparison.device, comparison.compute_units,
                           comparison.compute_units == 1 ? "" : "s", comparison.data));
}

void add_problem(const Row& row, std::vector<std::string>& lines) {
  const Judged& judged = row.judged;
  const std::string id = plain(row.comparison->id);
  if (!judged.reason.empty()) {
    lines.push_back(
        fmt::format("{}: {}: {}", id, verdict_text(judged), plain(judged.reason)));
  } else if (judged.verdict != Verdict::pass) {
    lines.push_back(fmt::format("{}: {}", id, verdict_text(judged)));
  }
  // A reason about dropped blocks has said it.
  if (judged.blocks_dropped > 0 && judged.reason.find("dropped") == std::string::npos) {
    lines.push_back(fmt::format("{}: {} block{} dropped: {}", id, judged.blocks_dropped,
                                judged.blocks_dropped == 1 ? "" : "s",
                                plain(judged.dropped_because)));
  }
}

}  // namespace

// A comparison has no baseline: a pass says which arm is faster, and what a gate calls
// inconclusive is that nobody can tell.
std::string verdict_text(const Judged& judged) {
  if (judged.verdict == Verdict::pass) return std::string(to_string(judged.speed));
  if (judged.verdict == Verdict::inconclusive) return "cannot tell";
  return gate_verdict_text(judged.verdict);
}

Tone verdict_tone(const Judged& judged) {
  const bool slower = judged.speed == judge::Speed::slower;
  if (judged.verdict == Verdict::pass && slower) return Tone::plain;
  return gate_verdict_tone(judged.verdict);
}

bool shows_bytes(const Row& row) {
  return row.roof.kind == Roof::Kind::triad ||
         row.comparison->flops < row.comparison->compulsory_bytes;
}

std::vector<Column> columns(double confidence) {
  return {{"case"},
          {"scope"},
          {"custom", Align::right},
          {"library", Align::right},
          {"vs", Align::left, true},
          {fmt::format("ratio [{:g} %]", 100 * confidence), Align::right},
          {"GFLOP/s", Align::right},
          {"% of roof", Align::right},
          {"err/bound", Align::right},
          {"blocks", Align::right},
          {"verdict"}};
}

std::vector<Section> sections(std::span<const Group> groups) {
  std::vector<Section> result;
  for (const Group& group : groups) {
    std::string title = section_title(*group.quoted->comparison);
    if (result.empty() || result.back().title != title) {
      result.push_back({std::move(title), {}});
    }
    result.back().lines.push_back(to_line(*group.quoted));
  }
  return result;
}

std::vector<std::string> problems(std::span<const Group> groups) {
  std::vector<std::string> lines;
  for (const Group& group : groups) {
    add_problem(*group.quoted, lines);
    for (const Row* other : group.others) add_problem(*other, lines);
  }
  return lines;
}

}  // namespace assay::report
