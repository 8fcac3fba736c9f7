// SPDX-License-Identifier: MIT
#include "regression/history/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "regression/json/utf8.h"

namespace assay::history {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
// A file of another kind would else be told line by line.
constexpr std::size_t kMaxWarnings = 10;

bool skipped(const Entry& entry, const GatePoint& gate) {
  return gate.verdict == judge::Verdict::inconclusive ||
         (gate.verdict == judge::Verdict::no_baseline &&
          entry.against == Against::baseline);
}

}  // namespace

std::string history_path(const std::string& folder, std::string_view host_class) {
  std::string name;
  for (const char c : host_class) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                      (c == '.' && !name.empty());
    name += fine ? c : '_';
  }
  if (name.empty()) name = "unknown";
  return (std::filesystem::path(folder) / (name + ".jsonl")).string();
}

History parse(std::string_view text) {
  History history;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos) {
      history.warnings.push_back(
          fmt::format("line {}: torn by a crash, skipped", number));
      break;
    }
    text.remove_prefix(end + 1);
    if (line.empty()) continue;
    try {
      history.entries.push_back(entry_from_line(line));
    } catch (const Error& error) {
      if (++history.bad_lines <= kMaxWarnings) {
        history.warnings.push_back(
            fmt::format("line {}: {}", number, json::excerpt(error.what(), 200)));
      }
    }
  }
  if (history.bad_lines > kMaxWarnings) {
    history.warnings.push_back(fmt::format("{} lines refused, {} of them not shown",
                                           history.bad_lines,
                                           history.bad_lines - kMaxWarnings));
  }
  return history;
}

History load(const std::string& path) {
  return parse(json::read_file(path, kMaxBytes));
}

std::size_t inconclusive_streak(const History& history, std::string_view gate) {
  std::size_t streak = 0;
  for (auto entry = history.entries.rbegin(); entry != history.entries.rend();
       ++entry) {
    if (!counts(*entry)) continue;
    const auto found = std::ranges::find(entry->gates, gate, &GatePoint::id);
    if (found == entry->gates.end()) continue;
    if (!skipped(*entry, *found)) break;
    ++streak;
  }
  return streak;
}

}  // namespace assay::history
