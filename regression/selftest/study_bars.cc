// SPDX-License-Identifier: MIT
// What the study must show. A bar has enough data when a perfect outcome would prove it
// at 95 %; it is met when the measured share is on its right side. The exact bounds are
// printed beside it, so a reader sees how much that says.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/verdict.h"
#include "regression/selftest/binomial.h"
#include "regression/selftest/study.h"

namespace assay::selftest {
namespace {

constexpr std::uint64_t kPlainEvaluations = 300;
constexpr std::uint64_t kPlainSessions = 5;
// Gates whose misses lie on one side more often than chance allows, two-sided.
constexpr double kUnbalanced = 0.05;

enum class What : std::uint8_t { regressed_at_most, never_green, regressed_at_least };

struct Promise {
  judge::Tier tier;
  double injected;
  What what;
  double share;
};

constexpr Promise kPromises[] = {
    {judge::Tier::tight, 0.02, What::regressed_at_most, 0.05},
    {judge::Tier::tight, 0.05, What::never_green, 0.975},
    {judge::Tier::tight, 0.10, What::regressed_at_least, 0.95},
    {judge::Tier::standard, 0.03, What::regressed_at_most, 0.05},
    {judge::Tier::standard, 0.10, What::never_green, 0.975},
    {judge::Tier::standard, 0.20, What::regressed_at_least, 0.95},
};

std::string counted(std::uint64_t count, std::uint64_t all) {
  const Share bounds = clopper_pearson(count, all, 0.95);
  return fmt::format("{} of {} ({:.1f} ... {:.1f} %)", count, all, 100 * bounds.low,
                     100 * bounds.high);
}

StudyRow sum_of(const Study& study, const auto& chosen) {
  StudyRow sum;
  for (const StudyRow& row : study.rows) {
    if (!chosen(row)) continue;
    sum.sessions = std::max(sum.sessions, row.sessions);
    sum.evaluated += row.evaluated;
    sum.green += row.green;
    sum.regressed += row.regressed;
  }
  return sum;
}

// One alarm is one too many, however little was measured.
StudyBar none_regressed(std::string what, const StudyRow& row, bool enough) {
  StudyBar bar{.what = std::move(what),
               .measured = counted(row.regressed, row.evaluated)};
  if (row.regressed > 0) {
    bar.state = BarState::missed;
  } else {
    bar.state = enough ? BarState::met : BarState::lacks_data;
  }
  return bar;
}

StudyBar promise_bar(const Study& study, const Promise& promise) {
  const StudyRow row = sum_of(study, [&](const StudyRow& r) {
    return !r.disturbed && r.tier == promise.tier &&
           std::fabs(r.injected - promise.injected) < 1e-6;
  });
  StudyBar bar;
  const std::string where =
      fmt::format("+{:g} %, {}: ", 100 * promise.injected, to_string(promise.tier));
  const auto all = static_cast<double>(row.evaluated);
  bool met = false;
  bool enough = false;
  switch (promise.what) {
    case What::regressed_at_most:
      bar.what = fmt::format("{}regressed <= {:g} %", where, 100 * promise.share);
      bar.measured = counted(row.regressed, row.evaluated);
      met = static_cast<double>(row.regressed) <= promise.share * all;
      enough = row.evaluated >= enough_to_show(1 - promise.share);
      break;
    case What::never_green:
      bar.what = fmt::format("{}not green >= {:g} %", where, 100 * promise.share);
      bar.measured = counted(row.evaluated - row.green, row.evaluated);
      met = static_cast<double>(row.evaluated - row.green) >= promise.share * all;
      enough = row.evaluated >= enough_to_show(promise.share);
      break;
    case What::regressed_at_least:
      bar.what = fmt::format("{}regressed >= {:g} %", where, 100 * promise.share);
      bar.measured = counted(row.regressed, row.evaluated);
      met = static_cast<double>(row.regressed) >= promise.share * all;
      enough = row.evaluated >= enough_to_show(promise.share);
      break;
  }
  if (!enough) {
    bar.state = BarState::lacks_data;
  } else {
    bar.state = met ? BarState::met : BarState::missed;
  }
  return bar;
}

// One vote a gate: what a baseline got wrong about a gate, each of its sessions
// repeats, so evaluations are not independent, and gates are.
StudyBar balance_bar(const Study& study, bool enough) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint64_t high_gates = 0;
  std::uint64_t low_gates = 0;
  for (const StudyGate& gate : study.gates) {
    high += gate.high;
    low += gate.low;
    if (gate.high > gate.low) ++high_gates;
    if (gate.low > gate.high) ++low_gates;
  }
  const double p = balance_p_value(high_gates, low_gates);
  StudyBar bar{.what = "unchanged: high and low misses balanced",
               .measured = fmt::format("{} high, {} low; {} gates more high, {} more "
                                       "low, p = {:.2f}",
                                       high, low, high_gates, low_gates, p)};
  if (!enough) {
    bar.state = BarState::lacks_data;
  } else {
    bar.state = p >= kUnbalanced ? BarState::met : BarState::missed;
  }
  return bar;
}

StudyBar tight_bar(const Study& study) {
  const auto tight = static_cast<std::uint64_t>(std::ranges::count(
      study.gates, judge::Tier::tight, [](const auto& gate) { return gate.tier; }));
  StudyBar bar{.what = "gates in the tight tier >= 2/3",
               .measured = fmt::format("{} of {}", tight, study.gates.size())};
  if (study.gates.empty()) {
    bar.state = BarState::lacks_data;
  } else {
    bar.state = 3 * tight >= 2 * study.gates.size() ? BarState::met : BarState::missed;
  }
  return bar;
}

}  // namespace

std::string_view to_string(BarState state) noexcept {
  switch (state) {
    case BarState::met:
      return "met";
    case BarState::missed:
      return "MISSED";
    case BarState::lacks_data:
      return "lacks data";
  }
  return "unknown";
}

std::vector<StudyBar> study_bars(const Study& study) {
  const StudyRow plain = sum_of(
      study, [](const StudyRow& row) { return !row.disturbed && row.injected == 0; });
  const bool enough =
      plain.evaluated >= kPlainEvaluations && study.plain_sessions >= kPlainSessions;
  std::vector<StudyBar> bars;
  bars.push_back(none_regressed(
      fmt::format("unchanged: none regressed, of >= {} in >= {} sessions",
                  kPlainEvaluations, kPlainSessions),
      plain, enough));
  bars.push_back(balance_bar(study, enough));
  for (const Promise& promise : kPromises) bars.push_back(promise_bar(study, promise));
  bars.push_back(tight_bar(study));
  const StudyRow disturbed =
      sum_of(study, [](const StudyRow& row) { return row.disturbed; });
  bars.push_back(none_regressed("one spinner beside: none regressed", disturbed,
                                disturbed.evaluated >= enough_to_show(0.95)));
  return bars;
}

int exit_code_of(const Study& study) noexcept {
  const auto any = [&](BarState state) {
    return std::ranges::find(study.bars, state, &StudyBar::state) != study.bars.end();
  };
  if (any(BarState::missed)) return judge::exit_code::kInternal;
  return any(BarState::lacks_data) ? judge::exit_code::kInconclusive
                                   : judge::exit_code::kPass;
}

}  // namespace assay::selftest
