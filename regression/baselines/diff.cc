// SPDX-License-Identifier: MIT
#include "regression/baselines/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "regression/json/utf8.h"

namespace assay::baselines {
namespace {

// Text from files and command lines, as one line that means nothing to Markdown.
std::string cell(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]#|~!$<>&@";
  std::string result;
  for (const char c : json::excerpt(text, 200)) {
    if (kSpecial.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string ratio_cell(const std::optional<Figures>& figures) {
  if (!figures) return "-";
  return fmt::format("{:.3f} \\[{:.3f}, {:.3f}\\]", figures->ratio,
                     figures->interval.low, figures->interval.high);
}

std::string_view word(Change change) {
  switch (change) {
    case Change::slower:
      return "**SLOWER**";
    case Change::library_changed:
      return "**LIBRARY CHANGED**";
    case Change::dropped:
      return "dropped";
    case Change::added:
      return "new";
    case Change::faster:
      return "faster";
    case Change::moved:
      return "slower within its margin";
    case Change::kept:
      return "kept";
  }
  return "unknown";
}

std::string row(const GateChange& change) {
  const bool both = change.before && change.after;
  return fmt::format(
      "| {} | {} | {} | {} | {} | {}/{} | {} | {} |\n", cell(change.gate),
      ratio_cell(change.before), ratio_cell(change.after),
      both ? fmt::format("{:+.1f}", 100 * change.slowdown) : "-",
      judge::to_string(change.tier), change.processes, change.sessions,
      word(change.change), change.reason.empty() ? "" : cell(change.reason));
}

}  // namespace

std::string markdown_diff(const Proposal& proposal) {
  const Baseline& made = proposal.baseline;
  std::string text = fmt::format("## Baseline {} of {} at {}\n\n", cell(made.suite),
                                 cell(made.host.name), cell(made.provenance.commit));
  const auto count = [&](Change change) {
    return std::ranges::count(proposal.changes, change, &GateChange::change);
  };
  text += fmt::format(
      "{} gates: {} slower, {} against another library, {} dropped, {} new, {} faster, "
      "{} moved, {} kept.\n\n",
      proposal.changes.size(), count(Change::slower), count(Change::library_changed),
      count(Change::dropped), count(Change::added), count(Change::faster),
      count(Change::moved), count(Change::kept));
  text +=
      "| gate | old ratio | new ratio | slower by % | tier | processes/sessions | "
      "verdict | reason |\n"
      "| --- | --- | --- | ---: | --- | --- | --- | --- |\n";
  for (const GateChange& change : proposal.changes) text += row(change);
  text +=
      "\nA ratio is library time / custom time with its 95 % interval. Kept: the "
      "intervals overlap, the old numbers stay.\n\nSessions:\n\n";
  for (const SessionRecord& session : proposal.sessions) {
    text += fmt::format("- {}: {} processes a gate, steal {:.2f} %, sha256 {}\n",
                        cell(session.utc), session.processes, 100 * session.steal_share,
                        cell(session.sha256));
  }
  if (!proposal.notes.empty()) text += "\nNotes:\n\n";
  for (const std::string& note : proposal.notes) text += "- " + cell(note) + "\n";
  return text;
}

}  // namespace assay::baselines
