// SPDX-License-Identifier: MIT
// From the gates of a session to their verdicts. The order of the checks is the order
// of precedence of judge_gates(); each check is accept-if, so that NaN fails it.
#include "regression/judge/gate.h"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>
#include <utility>

#include "regression/judge/look.h"
#include "regression/judge/watch.h"

namespace assay::judge {
namespace {

// What is known of a gate before the family is.
struct Draft {
  GateJudged judged;
  const GateInput* input = nullptr;
  Look first;
  std::optional<Look> second;  // the confirmation
  bool has_drift = false;
};

// Without a baseline nobody has measured what a gate can do; A/B takes the finer tier
// when today's width allows it. The width alone: never what the interval says.
Tier tier_of(const GateReference* reference, const Drift& drift) {
  if (reference != nullptr) return reference->tier;
  const double widest = widest_half_width(margins_of(Tier::tight));
  return drift.half_width <= widest ? Tier::tight : Tier::standard;
}

// "slower by 7.2 % (5.9 ... 8.5)".
std::string describe(const Drift& drift) {
  return fmt::format("slower by {:.1f} % ({:.1f} ... {:.1f})",
                     percent_slower(drift.slowdown), percent_slower(drift.low),
                     percent_slower(drift.high));
}

std::string why_wide(const Drift& drift, Tier tier) {
  if (!std::isfinite(drift.half_width)) {
    return "no interval: fewer than two processes with usable blocks, or a baseline "
           "without a spread: measure more processes";
  }
  return fmt::format(
      "{}: the interval is +-{:.2f} %, tier {} decides at +-{:.2f} %: measure more "
      "processes or repeat on a quiet machine",
      describe(drift), 100 * drift.half_width, to_string(tier),
      100 * widest_half_width(margins_of(tier)));
}

Draft draft_of(const GateInput& input, const GateRules& rules) {
  Draft draft;
  draft.input = &input;
  draft.judged.id = input.now->id;
  draft.judged.comparison = judge(*input.now, rules.rules);
  draft.first = look_at(*input.now, input.base, rules);
  const bool comparable = input.confirmation != nullptr &&
                          (input.base == nullptr || input.base_confirmation != nullptr);
  if (comparable) {
    draft.second =
        look_at(*input.confirmation,
                input.base == nullptr ? nullptr : input.base_confirmation, rules);
  }
  if (input.reference != nullptr) {
    draft.judged.tier = input.reference->tier;
    if (input.base == nullptr) {
      draft.judged.baseline_ratio = std::exp(input.reference->log_ratio);
    }
  }
  draft.has_drift = (input.reference != nullptr || input.base != nullptr) &&
                    !refusal_of(draft.first, "");
  if (draft.has_drift) {
    draft.judged.drift = drift_of(draft.first, input.reference, rules);
    draft.judged.tier = tier_of(input.reference, draft.judged.drift);
    draft.judged.zone = zone_of(draft.judged.drift, margins_of(draft.judged.tier));
  }
  return draft;
}

// All that comes before the interval is looked at.
std::optional<Finding> obstacle(const Draft& draft, const std::string& control,
                                const GateRules& rules) {
  if (auto finding = refusal_of(draft.first, "")) return finding;
  if (draft.second) {
    if (auto finding = refusal_of(*draft.second, "confirmation: ")) return finding;
  }
  if (!control.empty()) return Finding{Verdict::invalid_run, control};
  if (!draft.has_drift && !draft.input->left_out_because.empty()) {
    return Finding{Verdict::left_out, draft.input->left_out_because};
  }
  if (auto reason = too_many_dropped(draft.first, rules)) {
    return Finding{Verdict::inconclusive, *reason};
  }
  if (!draft.has_drift) {
    return Finding{Verdict::no_baseline, draft.input->no_baseline_because.empty()
                                             ? "nothing to compare with: propose a "
                                               "baseline"
                                             : draft.input->no_baseline_because};
  }
  if (draft.input->base != nullptr) return std::nullopt;
  if (auto reason =
          library_changed(*draft.input->now, *draft.input->reference, rules)) {
    return Finding{Verdict::library_changed, *reason};
  }
  return std::nullopt;
}

// The zone is `regressed`: what becomes of it. `stands`: Holm rejects.
Finding decide_regressed(Draft& draft, bool stands, std::size_t family,
                         const GateRules& rules) {
  GateJudged& judged = draft.judged;
  const std::string found = describe(judged.drift);
  if (!stands) {
    return {Verdict::inconclusive,
            fmt::format("{}, which among {} gates may be chance (Holm, {:g} %): repeat "
                        "the session",
                        found, family, 100 * rules.family_alpha)};
  }
  if (!draft.second) {
    judged.wants_confirmation = true;
    return {Verdict::inconclusive,
            found + ": not confirmed yet: measure it again in fresh processes"};
  }
  judged.confirmed = drift_of(*draft.second, draft.input->reference, rules);
  const std::string again = describe(*judged.confirmed);
  if (auto dropped = too_many_dropped(*draft.second, rules)) {
    return {Verdict::inconclusive,
            fmt::format("{}; confirmation: {}", found, *dropped)};
  }
  if (zone_of(*judged.confirmed, margins_of(judged.tier)) != Zone::regressed) {
    return {Verdict::inconclusive,
            fmt::format("{}, in fresh processes {}: not confirmed: repeat the session",
                        found, again)};
  }
  return {Verdict::regressed,
          fmt::format("{}, confirmed {}: beyond the tolerance of {:g} %: make it fast "
                      "again{}",
                      found, again, 100 * margins_of(judged.tier).tolerance,
                      draft.input->base == nullptr
                          ? ", or propose the baseline with a reason"
                          : "")};
}

Finding decide(Draft& draft, bool stands, std::size_t family, const GateRules& rules) {
  const GateJudged& judged = draft.judged;
  if (judged.zone == Zone::regressed) {
    return decide_regressed(draft, stands, family, rules);
  }
  if (judged.zone == Zone::inconclusive) {
    return {Verdict::inconclusive, why_wide(judged.drift, judged.tier)};
  }
  if (draft.input->base == nullptr) {
    if (auto reason = both_slower(*draft.input->now, *draft.input->reference, rules)) {
      return {Verdict::inconclusive, *reason};
    }
  }
  const Margins margins = margins_of(judged.tier);
  if (judged.zone == Zone::improved) {
    return {Verdict::improved,
            fmt::format("faster by {:.1f} % ({:.1f} ... {:.1f}){}",
                        percent_slower(-judged.drift.slowdown),
                        percent_slower(-judged.drift.high),
                        percent_slower(-judged.drift.low),
                        draft.input->base == nullptr
                            ? ": the baseline is stale: propose a new one"
                            : "")};
  }
  if (judged.zone == Zone::within_tolerance) {
    return {Verdict::within_tolerance,
            fmt::format("{}, within the tolerance of {:g} %: look for the cause before "
                        "it adds up",
                        describe(judged.drift), 100 * margins.tolerance)};
  }
  if (draft.input->now->complete) return {Verdict::pass, ""};
  return {Verdict::pass, fmt::format("incomplete: stopped after {} processes",
                                     draft.input->now->processes.size())};
}

}  // namespace

double percent_slower(double log_ratio) { return 100 * std::expm1(log_ratio); }

std::vector<GateJudged> judge_gates(
    std::span<const GateInput> gates,
    std::span<const measure::Comparison* const> controls, const GateRules& rules) {
  const std::string control = failed_control(controls, rules.rules);
  std::vector<Draft> drafts;
  std::vector<double> p_values;
  for (const GateInput& gate : gates) {
    const Draft& draft = drafts.emplace_back(draft_of(gate, rules));
    if (!draft.has_drift) continue;
    p_values.push_back(p_value(draft.judged.drift, margins_of(draft.judged.tier)));
  }
  const std::vector<bool> rejected = holm(p_values, rules.family_alpha);

  std::vector<GateJudged> judged;
  std::size_t place = 0;  // in the family
  for (Draft& draft : drafts) {
    const bool stands = draft.has_drift && rejected[place++];
    std::optional<Finding> finding = obstacle(draft, control, rules);
    if (!finding) finding = decide(draft, stands, p_values.size(), rules);
    draft.judged.verdict = finding->verdict;
    draft.judged.reason = std::move(finding->reason);
    judged.push_back(std::move(draft.judged));
  }
  return judged;
}

bool wants_more_processes(const GateInput& gate, const GateRules& rules) {
  const Look look = look_at(*gate.now, gate.base, rules);
  if (refusal_of(look, "")) return false;  // more of the same will not mend it
  if (gate.reference == nullptr && gate.base == nullptr) {
    return usable_blocks(*gate.now, rules.rules).processes.size() <
           rules.processes_to_record;
  }
  if (too_many_dropped(look, rules)) return true;
  const Drift drift = drift_of(look, gate.reference, rules);
  // A/B without a baseline goes on until the finer tier can decide.
  const Tier tier = gate.reference != nullptr ? gate.reference->tier : Tier::tight;
  return !(drift.half_width <= widest_half_width(margins_of(tier)));
}

}  // namespace assay::judge
