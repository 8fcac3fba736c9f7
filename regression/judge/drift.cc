// SPDX-License-Identifier: MIT
// The statistics of one gate: formulas and their derivation are in docs/gate.md.
#include <algorithm>
#include <cmath>

#include "regression/judge/arms.h"
#include "regression/judge/distributions.h"
#include "regression/judge/gate.h"
#include "regression/judge/limits.h"

namespace assay::judge {
namespace {

double square(double value) { return value * value; }

// std::max keeps a number beside NaN.
double larger(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return kNaN;
  return std::max(a, b);
}

// An independent part of a variance, and how many degrees of freedom it was estimated
// with.
struct Term {
  double variance = 0;
  double degrees = 0;
};

struct Terms {
  Term now;       // max(s^2, s0^2) / P
  Term baseline;  // s0^2 / n0
  Term session;   // sigma_S^2 (1 + 1 / S): today's session is one more draw
};

// sigma_S and its degrees. An assumed value (the floor, the default) counts like one
// from sessions_to_tell sessions: taking it for exact would let a baseline of sessions
// that happened to agree claim more than one of sessions that did not.
//
// An estimated one is a difference, V - W: V the variance of the S session means, W
// what process_sd explains of it. Its degrees are Satterthwaite's again, fewer than the
// S - 1 of V, at least 1. With S - 1 the interval missed 6.1 % of the time and not 5 %
// where sessions are the noise (0.8 % between five sessions, 0.4 % between processes,
// 4000 trials of the selftest's "sessions differ"); so it misses 4.8 %, and is 4 to 12
// % wider.
Term session_term(const GateReference& reference, const GateRules& rules) {
  const double sessions = reference.sessions;
  const bool few = reference.sessions < rules.sessions_to_tell;
  double assumed = rules.session_sd_floor;
  if (few) assumed = larger(assumed, rules.session_sd_default);
  const double variance = square(larger(reference.session_sd, assumed));
  const Term term = {variance * (1 + 1 / sessions),
                     std::max<double>(sessions, rules.sessions_to_tell) - 1};
  if (!(reference.session_sd > assumed)) return term;
  const double n0 = reference.processes;
  const double explained = square(reference.process_sd) * sessions / n0;
  const double degrees =
      square(variance) / (square(variance + explained) / (sessions - 1) +
                          square(explained) / (n0 - sessions));
  return {term.variance, larger(1, degrees)};
}

// `sd`: of today's processes.
Terms terms_of(double sd, std::size_t processes, const GateReference& reference,
               const GateRules& rules) {
  const auto count = static_cast<double>(processes);
  const double spread = larger(sd, reference.process_sd);
  const double n0 = reference.processes;
  return {{square(spread) / count, count - 1},
          {square(reference.process_sd) / n0, n0 - reference.sessions},
          session_term(reference, rules)};
}

// Welch-Satterthwaite: the degrees of a chi-squared with the sum's mean and variance,
//   nu = (sum v)^2 / sum(v^2 / nu_i).
// A part that is zero says nothing; a part with no degrees leaves none.
double degrees_of(const Terms& terms) {
  double total = 0;
  double weighted = 0;
  for (const Term& term : {terms.now, terms.baseline, terms.session}) {
    if (term.variance == 0) continue;
    if (term.degrees <= 0) return 0;
    total += term.variance;
    weighted += square(term.variance) / term.degrees;
  }
  return total == 0 ? kInfinity : square(total) / weighted;
}

// Fills everything but the slowdown.
void take_error(double variance, double degrees, double alpha, Drift& drift) {
  drift.standard_error = std::sqrt(variance);
  drift.degrees = degrees;
  if (std::isnan(drift.slowdown) || std::isnan(variance) || std::isnan(degrees)) {
    drift.half_width = kNaN;
  } else if (degrees > 0) {
    drift.half_width = student_t_quantile(1 - alpha, degrees) * drift.standard_error;
  } else {
    drift.half_width = kInfinity;
  }
  drift.low = drift.slowdown - drift.half_width;
  drift.high = drift.slowdown + drift.half_width;
}

void take_error(const Terms& terms, double alpha, Drift& drift) {
  take_error(terms.now.variance + terms.baseline.variance + terms.session.variance,
             degrees_of(terms), alpha, drift);
}

}  // namespace

std::string_view to_string(Tier tier) noexcept {
  return tier == Tier::tight ? "tight" : "standard";
}

std::optional<Tier> parse_tier(std::string_view name) noexcept {
  for (const Tier tier : {Tier::tight, Tier::standard}) {
    if (name == to_string(tier)) return tier;
  }
  return std::nullopt;
}

Margins margins_of(Tier tier) noexcept {
  return tier == Tier::tight ? Margins{.indifference = 0.02, .tolerance = 0.05}
                             : Margins{.indifference = 0.03, .tolerance = 0.10};
}

double widest_half_width(const Margins& margins) noexcept {
  return 0.5 * (std::log1p(margins.tolerance) - std::log1p(margins.indifference));
}

Drift drift_from_baseline(std::span<const double> now, const GateReference& reference,
                          const GateRules& rules) {
  Drift drift;
  drift.slowdown = reference.log_ratio - mean(now);
  if (now.size() < 2) {
    take_error(kInfinity, 0, rules.alpha, drift);
  } else {
    take_error(terms_of(sample_sd(now), now.size(), reference, rules), rules.alpha,
               drift);
  }
  return drift;
}

Interval baseline_interval(const GateReference& reference, const GateRules& rules) {
  Terms terms = terms_of(0, 1, reference, rules);
  terms.now = {};
  // Today's session is no part of it: (1 + 1 / S) becomes 1 / S.
  terms.session.variance /= 1.0 + reference.sessions;
  Drift drift;
  drift.slowdown = reference.log_ratio;
  take_error(terms, rules.alpha, drift);
  return {drift.low, drift.high};
}

Drift drift_from_base(std::span<const double> base, std::span<const double> candidate,
                      const GateRules& rules) {
  std::vector<double> slowdowns;
  for (std::size_t i = 0; i < base.size(); ++i)
    slowdowns.push_back(base[i] - candidate[i]);
  Drift drift;
  drift.slowdown = mean(slowdowns);
  if (slowdowns.size() < 2) {
    take_error(kInfinity, 0, rules.alpha, drift);
  } else {
    const auto pairs = static_cast<double>(slowdowns.size());
    take_error(square(sample_sd(slowdowns)) / pairs, pairs - 1, rules.alpha, drift);
  }
  return drift;
}

double p_value(const Drift& drift, const Margins& margins) {
  const double t =
      (drift.slowdown - std::log1p(margins.indifference)) / drift.standard_error;
  // P(T >= t) = P(T <= -t): no digits lost in a far tail.
  return student_t_cdf(-t, drift.degrees);
}

Zone zone_of(const Drift& drift, const Margins& margins) noexcept {
  const double e = std::log1p(margins.indifference);
  const double t = std::log1p(margins.tolerance);
  if (!(drift.low <= drift.high)) return Zone::inconclusive;  // NaN
  if (drift.high < -e) return Zone::improved;
  if (drift.high < t) return drift.low > e ? Zone::within_tolerance : Zone::pass;
  return drift.low > e ? Zone::regressed : Zone::inconclusive;
}

GateReference reference_from_sessions(std::span<const std::vector<double>> sessions) {
  GateReference reference;
  std::vector<double> means;
  double squares = 0;
  double inverse_lengths = 0;
  for (const std::vector<double>& session : sessions) {
    const double center = mean(session);
    means.push_back(center);
    for (const double value : session) squares += square(value - center);
    inverse_lengths += 1 / static_cast<double>(session.size());
    reference.processes += static_cast<std::uint32_t>(session.size());
  }
  reference.sessions = static_cast<std::uint32_t>(sessions.size());
  reference.log_ratio = mean(means);
  // 0 / 0 when every session is a single process: NaN, for nothing is known.
  const double variance = squares / (reference.processes - reference.sessions);
  reference.process_sd = std::sqrt(variance);
  if (reference.sessions < 2) return reference;
  // E[var(means)] = sigma_S^2 + sigma_P^2 mean(1 / n_i).
  const double explained = variance * inverse_lengths / reference.sessions;
  reference.session_sd = std::sqrt(larger(0, square(sample_sd(means)) - explained));
  return reference;
}

double expected_half_width(const GateReference& reference, const ProcessRange& range,
                           const GateRules& rules) {
  double narrowest = kInfinity;
  for (std::uint32_t processes = range.least; processes <= range.most; ++processes) {
    if (processes < 2) continue;
    Drift expected;
    take_error(terms_of(reference.process_sd, processes, reference, rules), rules.alpha,
               expected);
    if (expected.half_width < narrowest) narrowest = expected.half_width;
  }
  return narrowest;
}

Tier tier_for(const GateReference& reference, const ProcessRange& range,
              const GateRules& rules) {
  const double widest = widest_half_width(margins_of(Tier::tight));
  return expected_half_width(reference, range, rules) <= widest ? Tier::tight
                                                                : Tier::standard;
}

std::vector<double> process_log_ratios(const measure::Comparison& comparison,
                                       const Rules& rules) {
  std::vector<double> values;
  for (const auto& process : usable_blocks(comparison, rules).processes) {
    std::vector<double> blocks;
    blocks.reserve(process.size());
    for (const measure::Block* block : process) {
      blocks.push_back(block_log_ratio(*block));
    }
    values.push_back(median(blocks));
  }
  return values;
}

}  // namespace assay::judge
