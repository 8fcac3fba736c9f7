// SPDX-License-Identifier: MIT
#include "regression/judge/verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "regression/judge/examine.h"
#include "regression/judge/statistics.h"

namespace assay::judge {
namespace {

std::string why_undecided(const Judged& judged, const Rules& rules) {
  if (!std::isfinite(judged.half_width)) {
    return fmt::format(
        "too few blocks for an interval at {:g} % ({}): measure 3 processes, or more "
        "blocks in each",
        100 * rules.confidence, judged.interval_kind);
  }
  return fmt::format(
      "the interval {:.3f} ... {:.3f} ({}) holds 1 and more than {:g} % "
      "around it: measure more processes",
      judged.interval.low, judged.interval.high, judged.interval_kind,
      100 * rules.indifference);
}

// The ratio and its interval from the usable blocks.
void compare(const Examined& examined, const Rules& rules, Judged& judged) {
  const Estimate estimate = estimate_log_ratio(examined.log_ratios, rules.confidence);
  judged.ratio = std::exp(estimate.center);
  judged.interval = {std::exp(estimate.interval.low), std::exp(estimate.interval.high)};
  judged.half_width = 0.5 * (estimate.interval.high - estimate.interval.low);
  judged.interval_kind = estimate.kind;
}

// The share of dropped blocks decides before the interval does: what is left of a
// disturbed run is a selection, however narrow its interval.
void decide(const measure::Comparison& comparison, const Rules& rules, Judged& judged) {
  const double all = static_cast<double>(judged.blocks_used + judged.blocks_dropped);
  if (!(static_cast<double>(judged.blocks_dropped) <= rules.max_dropped_share * all)) {
    judged.verdict = Verdict::inconclusive;
    judged.speed = Speed::cannot_tell;
    judged.reason =
        fmt::format("{} of {:g} blocks dropped ({}): repeat on a quiet machine",
                    judged.blocks_dropped, all, judged.dropped_because);
    return;
  }
  judged.speed = speed_of(judged.interval, rules.indifference);
  if (judged.speed == Speed::cannot_tell) {
    judged.verdict = Verdict::inconclusive;
    judged.reason = why_undecided(judged, rules);
    return;
  }
  judged.verdict = Verdict::pass;
  if (!comparison.complete) {
    judged.reason = fmt::format("incomplete: stopped after {} process{}",
                                comparison.processes.size(),
                                comparison.processes.size() == 1 ? "" : "es");
  }
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::regressed:
      return "regressed";
    case Verdict::improved:
      return "improved";
    case Verdict::within_tolerance:
      return "within_tolerance";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::no_baseline:
      return "no_baseline";
    case Verdict::left_out:
      return "left_out";
    case Verdict::wrong_result:
      return "wrong_result";
    case Verdict::implausible:
      return "implausible";
    case Verdict::invalid_run:
      return "invalid_run";
    case Verdict::library_impaired:
      return "library_impaired";
    case Verdict::library_changed:
      return "library_changed";
  }
  return "unknown";
}

std::string_view to_string(Speed speed) noexcept {
  switch (speed) {
    case Speed::equal:
      return "equal";
    case Speed::faster:
      return "faster";
    case Speed::slower:
      return "slower";
    case Speed::cannot_tell:
      return "cannot_tell";
    case Speed::not_compared:
      return "not_compared";
  }
  return "unknown";
}

int exit_code_of(Verdict verdict, bool strict, bool require_baseline) noexcept {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::improved:
    case Verdict::within_tolerance:
      return exit_code::kPass;
    case Verdict::regressed:
      return exit_code::kRegressed;
    case Verdict::inconclusive:
    case Verdict::left_out:
      return strict ? exit_code::kInconclusive : exit_code::kPass;
    case Verdict::no_baseline:
      return require_baseline ? exit_code::kNoBaseline : exit_code::kPass;
    case Verdict::wrong_result:
    case Verdict::implausible:
    case Verdict::invalid_run:
      return exit_code::kWrong;
    case Verdict::library_impaired:
    case Verdict::library_changed:
      return exit_code::kEnvironment;
  }
  return exit_code::kInternal;
}

int worse(int a, int b) noexcept {
  // Best first. A code that is not here ends a run, so it is never merged away.
  static constexpr int kOrder[] = {exit_code::kPass,        exit_code::kInconclusive,
                                   exit_code::kNoBaseline,  exit_code::kRegressed,
                                   exit_code::kEnvironment, exit_code::kWrong,
                                   exit_code::kBadFile,     exit_code::kInternal};
  const auto rank = [](int code) {
    return std::ranges::find(kOrder, code) - std::begin(kOrder);
  };
  return rank(b) > rank(a) ? b : a;
}

Speed speed_of(const Interval& ratio, double indifference) noexcept {
  const double edge = 1 + indifference;
  if (ratio.low >= 1 / edge && ratio.high <= edge) return Speed::equal;
  if (ratio.low > 1 && ratio.high >= ratio.low) return Speed::faster;
  if (ratio.high < 1 && ratio.low <= ratio.high) return Speed::slower;
  return Speed::cannot_tell;
}

Judged judge(const measure::Comparison& comparison, const Rules& rules) {
  const Examined examined = examine(comparison, rules);
  Judged judged = examined.judged;
  if (examined.refused) return judged;
  if (judged.blocks_used == 0) {
    judged.verdict = Verdict::inconclusive;
    judged.speed = Speed::not_compared;
    judged.reason = fmt::format("all blocks dropped ({}): repeat on a quiet machine",
                                judged.dropped_because);
    return judged;
  }
  if (comparison.library.provider == measure::kNoPeer) {
    // The second arm only kept the first one's blocks honest.
    judged.verdict = Verdict::pass;
    judged.speed = Speed::not_compared;
    judged.library = {};
    const std::string& because = comparison.library.configuration;
    judged.reason = "nothing to compare with: " +
                    (because.empty() ? "no library runs on this device" : because);
    return judged;
  }
  compare(examined, rules, judged);
  decide(comparison, rules, judged);
  return judged;
}

Rules rules_for(std::uint64_t last_level_cache_bytes) noexcept {
  Rules rules;
  if (last_level_cache_bytes > 0) {
    rules.cache_bytes = static_cast<double>(last_level_cache_bytes);
  }
  return rules;
}

std::size_t best_library(std::span<const Judged> judged) {
  const auto compared = [&](std::size_t i) {
    return judged[i].speed != Speed::not_compared;
  };
  const auto code = [&](std::size_t i) {
    return exit_code_of(judged[i].verdict, true, true);
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < judged.size(); ++i) {
    if (compared(i) != compared(best)) {
      if (compared(i)) best = i;
    } else if (compared(i)) {
      if (judged[i].ratio < judged[best].ratio) best = i;
    } else if (code(i) != code(best) && worse(code(i), code(best)) == code(i)) {
      best = i;
    }
  }
  return best;
}

}  // namespace assay::judge
