// SPDX-License-Identifier: MIT
#include "regression/selftest/mutants.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "regression/judge/arms.h"
#include "regression/judge/distributions.h"
#include "regression/judge/statistics.h"

namespace assay::selftest {
namespace {

using judge::Drift;
using judge::Margins;
using judge::Zone;

// The ratio of the arms' medians over a process: what drifts between two epochs counts.
std::vector<double> unpaired(const measure::Comparison& comparison,
                             const judge::Rules& rules) {
  std::vector<double> values;
  for (const auto& process : judge::usable_blocks(comparison, rules).processes) {
    std::vector<double> custom;
    std::vector<double> library;
    for (const measure::Block* block : process) {
      for (const double time : block->custom_ns) custom.push_back(time);
      for (const double time : block->library_ns) library.push_back(time);
    }
    values.push_back(std::log(judge::median(library) / judge::median(custom)));
  }
  return values;
}

// Blocks for units: forty values where five were drawn.
std::vector<double> blocks_as_units(const measure::Comparison& comparison,
                                    const judge::Rules& rules) {
  std::vector<double> values;
  for (const auto& process : judge::usable_blocks(comparison, rules).processes) {
    for (const measure::Block* block : process) {
      values.push_back(judge::block_log_ratio(*block));
    }
  }
  return values;
}

// Leaves NaN out as if it had not been measured.
std::vector<double> nan_skipped(const measure::Comparison& comparison,
                                const judge::Rules& rules) {
  std::vector<double> values;
  for (const auto& process : judge::usable_blocks(comparison, rules).processes) {
    std::vector<double> blocks;
    for (const measure::Block* block : process) {
      const double value = judge::block_log_ratio(*block);
      if (!std::isnan(value)) blocks.push_back(value);
    }
    values.push_back(judge::median(blocks));
  }
  return values;
}

Drift without_session_term(std::span<const double> now,
                           const judge::GateReference& reference,
                           const judge::GateRules& rules) {
  judge::GateReference blind = reference;
  judge::GateRules none = rules;
  blind.session_sd = 0;
  none.session_sd_floor = 0;
  none.session_sd_default = 0;
  return judge::drift_from_baseline(now, blind, none);
}

// Measures until it finds something.
bool until_significant(const Drift& drift, const Margins& margins) {
  return !(drift.low > std::log1p(margins.indifference));
}

// <= where the edge of the tolerance is < (a slowdown of the tolerance must not pass),
// and >= for > at the indifference.
Zone strict_zone(const Drift& drift, const Margins& margins) noexcept {
  const double e = std::log1p(margins.indifference);
  const double t = std::log1p(margins.tolerance);
  if (!(drift.low <= drift.high)) return Zone::inconclusive;
  if (drift.high <= -e) return Zone::improved;
  if (drift.high <= t) return drift.low >= e ? Zone::within_tolerance : Zone::pass;
  return drift.low >= e ? Zone::regressed : Zone::inconclusive;
}

// Holm with < for <=.
std::vector<bool> strict_holm(std::span<const double> p_values, double alpha) {
  return judge::holm(p_values, std::nextafter(alpha, 0.0));
}

std::vector<bool> no_holm(std::span<const double> p_values, double alpha) {
  std::vector<bool> rejected;
  for (const double p : p_values) rejected.push_back(p <= alpha);
  return rejected;
}

judge::Interval interval_of_rank(std::span<const double> values, std::size_t rank) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  if (rank == 0) return {-HUGE_VAL, HUGE_VAL};
  return {sorted[rank - 1], sorted[sorted.size() - rank]};
}

// x_(k+1) and x_(n-k): a rank counted from 0 and used from 1.
judge::Interval rank_off_by_one(std::span<const double> values, double confidence) {
  return interval_of_rank(values, judge::sign_test_rank(values.size(), confidence) + 1);
}

// The quantile's < for <=: a rank whose tail is exactly alpha / 2 is not taken.
judge::Interval strict_rank(std::span<const double> values, double confidence) {
  return interval_of_rank(
      values, judge::sign_test_rank(values.size(), std::nextafter(confidence, 1.0)));
}

}  // namespace

std::vector<Mutant> mutants() {
  std::vector<Mutant> table;
  const auto add = [&](const Pieces& pieces, std::string_view idea,
                       std::string_view killed_by) {
    table.push_back({std::make_unique<RebuiltStatistics>(pieces), idea, killed_by});
  };
  add({.name = "unpaired", .values = unpaired},
      "ratio of medians over the arms, not by block", "throttling");
  table.push_back({std::make_unique<JudgeStatistics>(true),
                   "custom first in every block", "first-position penalty"});
  add({.name = "no session term", .drift = without_session_term},
      "sessions taken for exchangeable", "sessions differ");
  add({.name = "stop on significance", .wants_more = until_significant},
      "measures until it finds something", "patience");
  add({.name = "strict zone", .zone = strict_zone}, "<= for < at the margins",
      "exact edges");
  add({.name = "strict Holm", .family = strict_holm}, "< for <= in the family",
      "exact edges");
  add({.name = "strict rank", .median_interval = strict_rank},
      "< for <= in the quantile of the sign test", "exact edges");
  add({.name = "rank off by one", .median_interval = rank_off_by_one},
      "order statistics one too far inside", "order statistics");
  add({.name = "NaN-blind", .values = nan_skipped}, "NaN left out", "NaN");
  add({.name = "no Holm", .family = no_holm}, "each gate at 5 % of its own",
      "forty gates");
  add({.name = "no confirmation", .confirms = false}, "one measurement is enough",
      "episodes");
  add({.name = "pseudo-replication", .values = blocks_as_units},
      "blocks as units of replication", "processes differ");
  return table;
}

}  // namespace assay::selftest
