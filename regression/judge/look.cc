// SPDX-License-Identifier: MIT
#include "regression/judge/look.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "regression/judge/statistics.h"

namespace assay::judge {
namespace {

std::vector<double> medians_of(const Examined& examined) {
  std::vector<double> values;
  for (const std::vector<double>& blocks : examined.log_ratios) {
    values.push_back(median(blocks));
  }
  return values;
}

// A/B: what both builds have of process i is a pair; a process that only one of them
// has usable blocks of was measured under another machine's mood.
Drift paired_drift(const Examined& base, const Examined& now, const GateRules& rules) {
  std::vector<double> before;
  std::vector<double> after;
  std::size_t j = 0;
  for (std::size_t i = 0; i < now.numbers.size(); ++i) {
    while (j < base.numbers.size() && base.numbers[j] < now.numbers[i]) ++j;
    if (j == base.numbers.size() || base.numbers[j] != now.numbers[i]) continue;
    before.push_back(median(base.log_ratios[j]));
    after.push_back(median(now.log_ratios[i]));
  }
  return drift_from_base(before, after, rules);
}

}  // namespace

Look look_at(const measure::Comparison& now, const measure::Comparison* base,
             const GateRules& rules) {
  Look look{examine(now, rules.rules), std::nullopt};
  if (base != nullptr) look.base = examine(*base, rules.rules);
  return look;
}

Drift drift_of(const Look& look, const GateReference* reference,
               const GateRules& rules) {
  if (look.base) return paired_drift(*look.base, look.now, rules);
  return drift_from_baseline(medians_of(look.now), *reference, rules);
}

std::optional<Finding> refusal_of(const Look& look, const char* prefix) {
  if (look.now.refused) {
    return Finding{look.now.judged.verdict, prefix + look.now.judged.reason};
  }
  if (look.base && look.base->refused) {
    return Finding{look.base->judged.verdict,
                   fmt::format("{}base build: {}", prefix, look.base->judged.reason)};
  }
  return std::nullopt;
}

std::optional<std::string> too_many_dropped(const Look& look, const GateRules& rules) {
  for (const Examined* part : {&look.now, look.base ? &*look.base : nullptr}) {
    if (part == nullptr || dropped_share(part->judged) <= rules.max_dropped_share) {
      continue;
    }
    return fmt::format(
        "{} of {} blocks dropped ({}), more than {:g} %: repeat on a quiet machine",
        part->judged.blocks_dropped,
        part->judged.blocks_dropped + part->judged.blocks_used,
        part->judged.dropped_because, 100 * rules.max_dropped_share);
  }
  return std::nullopt;
}

std::string failed_control(std::span<const measure::Comparison* const> controls,
                           const Rules& rules) {
  const double edge = std::log1p(margins_of(Tier::tight).indifference);
  for (const measure::Comparison* control : controls) {
    const bool measured = std::ranges::any_of(
        control->processes,
        [](const auto& process) { return !process.blocks.empty(); });
    if (!measured && !control->complete && control->failure.empty()) continue;
    const Judged judged = judge(*control, rules);
    if (judged.speed == Speed::not_compared) {
      if (judged.verdict == Verdict::inconclusive) continue;  // every block dropped
      return fmt::format("control {}: {}: fix that first", control->id, judged.reason);
    }
    const double low = std::log(judged.interval.low);
    const double high = std::log(judged.interval.high);
    if (low <= edge && high >= -edge) continue;
    return fmt::format(
        "control {} compares an implementation with itself and finds {:.3f} "
        "({:.3f} ... {:.3f}): the session finds differences where there are none: "
        "repeat it on a quiet machine",
        control->id, judged.ratio, judged.interval.low, judged.interval.high);
  }
  return {};
}

}  // namespace assay::judge
