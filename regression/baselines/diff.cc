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
    case Change::left_out:
      return "**LEFT OUT**";
    case Change::dropped:
      return "dropped";
    case Change::added:
      return "new";
    case Change::restored:
      return "back";
    case Change::faster:
      return "faster";
    case Change::moved:
      return "slower within its margin";
    case Change::kept:
      return "kept";
    case Change::still_left_out:
      return "still left out";
  }
  return "unknown";
}

// "**LEFT OUT**: known to +-6.12 %, decides at 3.29 %".
std::string verdict_cell(const GateChange& change, const Baseline& made) {
  std::string text(word(change.change));
  const auto found = made.left_out.find(change.gate);
  if (found == made.left_out.end()) return text;
  return text + fmt::format(": known to +-{:.2f} %, decides at {:.2f} %",
                            100 * half_width_of(found->second),
                            100 * half_width_limit());
}

// Why it was left out, and why a gate that the baseline had could be.
std::string reason_cell(const GateChange& change, const Baseline& made) {
  const auto found = made.left_out.find(change.gate);
  std::string text = change.reason.empty() ? "" : cell(change.reason);
  if (found == made.left_out.end() || !found->second.loosened) return text;
  return text + "; accepted: " + cell(found->second.loosened->reason);
}

std::string row(const GateChange& change, const Baseline& made) {
  const bool both = change.before && change.after;
  return fmt::format("| {} | {} | {} | {} | {} | {}/{} | {} | {} |\n",
                     cell(change.gate), ratio_cell(change.before),
                     ratio_cell(change.after),
                     both ? fmt::format("{:+.1f}", 100 * change.slowdown) : "-",
                     judge::to_string(change.tier), change.processes, change.sessions,
                     verdict_cell(change, made), reason_cell(change, made));
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
      "{} gates: {} slower, {} against another library, {} left out, {} dropped, {} "
      "new, "
      "{} back, {} faster, {} moved, {} kept, {} still left out.\n\n",
      proposal.changes.size(), count(Change::slower), count(Change::library_changed),
      count(Change::left_out), count(Change::dropped), count(Change::added),
      count(Change::restored), count(Change::faster), count(Change::moved),
      count(Change::kept), count(Change::still_left_out));
  text +=
      "| gate | old ratio | new ratio | slower by % | tier | processes/sessions | "
      "verdict | reason |\n"
      "| --- | --- | --- | ---: | --- | --- | --- | --- |\n";
  for (const GateChange& change : proposal.changes) text += row(change, made);
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
