// SPDX-License-Identifier: MIT
#include "regression/history/skip_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "regression/json/utf8.h"

namespace assay::history {
namespace {

using judge::Verdict;

bool skipped(const gates::GateReport& report, const judge::GateJudged& gate) {
  const bool has_baseline = !report.against_base && report.no_baseline_because.empty();
  return gate.verdict == Verdict::inconclusive ||
         (gate.verdict == Verdict::no_baseline && has_baseline);
}

// What came before this session, whose own line may be there, and those of other suites
// after it.
History before(const gates::GateReport& report, const History& history) {
  History earlier = history;
  const auto own = std::ranges::find_if(earlier.entries, [&](const Entry& entry) {
    return is_of(entry, *report.session);
  });
  earlier.entries.erase(own, earlier.entries.end());
  return earlier;
}

std::string names(const std::vector<std::string>& gates) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> shown;
  for (const std::string& gate : gates) {
    if (shown.size() == kShown) break;
    shown.push_back(json::excerpt(gate, 120));
  }
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (gates.size() > kShown) {
    text += fmt::format(" and {} more", gates.size() - kShown);
  }
  return text;
}

}  // namespace

SkipBudget check_skips(const gates::GateReport& report, const History& history) {
  std::vector<std::string> now;
  std::vector<std::string> rotten;
  std::size_t left_out = 0;
  const History earlier = before(report, history);
  for (const judge::GateJudged& gate : report.gates) {
    if (gate.verdict == Verdict::left_out) ++left_out;
    if (!skipped(report, gate)) continue;
    now.push_back(gate.id);
    const std::size_t sessions = 1 + inconclusive_streak(earlier, gate.id);
    if (sessions > kMaxSkippedSessions) {
      rotten.push_back(fmt::format("{} ({} sessions)", gate.id, sessions));
    }
  }
  const std::size_t all = report.gates.size() - left_out;
  const double most = kMaxSkippedShare * static_cast<double>(all);
  SkipBudget budget;
  if (!report.against_base && !report.no_baseline_because.empty()) {
    budget.message = "NOT GATED: " + report.no_baseline_because + "; ";
  }
  budget.message += fmt::format("{} of {} gates skipped", now.size(), all);
  if (!now.empty()) budget.message += ": " + names(now);
  if (left_out > 0) {
    budget.message += fmt::format("; {} left out by the baseline", left_out);
  }
  if (!(static_cast<double>(now.size()) <= most)) {
    budget.ok = false;
    budget.message += fmt::format(
        "; more than {:g} % may not be: measure on a quieter machine, or give these "
        "gates a wider tier or a baseline",
        100 * kMaxSkippedShare);
  }
  if (!rotten.empty()) {
    budget.ok = false;
    budget.message += fmt::format(
        "; skipped in {} and more sessions in a row: {}: mend or remove them",
        kMaxSkippedSessions + 1, names(rotten));
  }
  return budget;
}

}  // namespace assay::history
