// SPDX-License-Identifier: MIT
#include "regression/selftest/statistics_under_test.h"

#include <cstddef>

namespace assay::selftest {
namespace {

bool wider_than_its_tier(const judge::Drift& drift, const judge::Margins& margins) {
  return !(drift.half_width <= judge::widest_half_width(margins));
}

judge::Verdict verdict_of(judge::Zone zone) {
  switch (zone) {
    case judge::Zone::pass:
      return judge::Verdict::pass;
    case judge::Zone::within_tolerance:
      return judge::Verdict::within_tolerance;
    case judge::Zone::improved:
      return judge::Verdict::improved;
    case judge::Zone::regressed:  // until it is confirmed
    case judge::Zone::inconclusive:
      return judge::Verdict::inconclusive;
  }
  return judge::Verdict::inconclusive;
}

}  // namespace

std::string_view JudgeStatistics::name() const {
  return fixed_order_ ? "fixed order" : "the judge";
}

std::vector<double> JudgeStatistics::values(const measure::Comparison& comparison,
                                            const judge::Rules& rules) const {
  return judge::process_log_ratios(comparison, rules);
}

bool JudgeStatistics::wants_more(const judge::GateInput& gate,
                                 const judge::GateRules& rules) const {
  return judge::wants_more_processes(gate, rules);
}

std::vector<judge::GateJudged> JudgeStatistics::verdicts(
    std::span<const judge::GateInput> gates,
    std::span<const measure::Comparison* const> controls,
    const judge::GateRules& rules) const {
  return judge::judge_gates(gates, controls, rules);
}

judge::Zone JudgeStatistics::zone(const judge::Drift& drift,
                                  const judge::Margins& margins) const {
  return judge::zone_of(drift, margins);
}

std::vector<bool> JudgeStatistics::family(std::span<const double> p_values,
                                          double alpha) const {
  return judge::holm(p_values, alpha);
}

judge::Interval JudgeStatistics::median_interval(std::span<const double> values,
                                                 double confidence) const {
  return judge::sign_test_interval(values, confidence);
}

std::vector<double> RebuiltStatistics::values(const measure::Comparison& comparison,
                                              const judge::Rules& rules) const {
  return pieces_.values(comparison, rules);
}

judge::Drift RebuiltStatistics::drift_of(const measure::Comparison& comparison,
                                         const judge::GateInput& gate,
                                         const judge::GateRules& rules) const {
  return pieces_.drift(pieces_.values(comparison, rules.rules), *gate.reference, rules);
}

bool RebuiltStatistics::wants_more(const judge::GateInput& gate,
                                   const judge::GateRules& rules) const {
  const judge::Margins margins = judge::margins_of(gate.reference->tier);
  const judge::Drift drift = drift_of(*gate.now, gate, rules);
  return pieces_.wants_more == nullptr ? wider_than_its_tier(drift, margins)
                                       : pieces_.wants_more(drift, margins);
}

std::vector<judge::GateJudged> RebuiltStatistics::verdicts(
    std::span<const judge::GateInput> gates,
    std::span<const measure::Comparison* const> /*controls*/,
    const judge::GateRules& rules) const {
  std::vector<judge::GateJudged> judged(gates.size());
  std::vector<double> p_values;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    judged[i].id = gates[i].now->id;
    judged[i].tier = gates[i].reference->tier;
    judged[i].drift = drift_of(*gates[i].now, gates[i], rules);
    const judge::Margins margins = judge::margins_of(judged[i].tier);
    judged[i].zone = pieces_.zone(judged[i].drift, margins);
    p_values.push_back(judge::p_value(judged[i].drift, margins));
  }
  const std::vector<bool> rejected = pieces_.family(p_values, rules.family_alpha);
  for (std::size_t i = 0; i < gates.size(); ++i) {
    judged[i].verdict = verdict_of(judged[i].zone);
    if (judged[i].zone != judge::Zone::regressed || !rejected[i]) continue;
    if (!pieces_.confirms) {
      judged[i].verdict = judge::Verdict::regressed;
    } else if (gates[i].confirmation == nullptr) {
      judged[i].wants_confirmation = true;
    } else {
      judged[i].confirmed = drift_of(*gates[i].confirmation, gates[i], rules);
      const judge::Margins margins = judge::margins_of(judged[i].tier);
      if (pieces_.zone(*judged[i].confirmed, margins) == judge::Zone::regressed) {
        judged[i].verdict = judge::Verdict::regressed;
      }
    }
  }
  return judged;
}

judge::Zone RebuiltStatistics::zone(const judge::Drift& drift,
                                    const judge::Margins& margins) const {
  return pieces_.zone(drift, margins);
}

std::vector<bool> RebuiltStatistics::family(std::span<const double> p_values,
                                            double alpha) const {
  return pieces_.family(p_values, alpha);
}

judge::Interval RebuiltStatistics::median_interval(std::span<const double> values,
                                                   double confidence) const {
  return pieces_.median_interval(values, confidence);
}

}  // namespace assay::selftest
