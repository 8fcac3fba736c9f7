// SPDX-License-Identifier: MIT
#include "regression/selftest/edges.h"

#include <cmath>

#include "regression/judge/limits.h"

namespace assay::selftest {
namespace {

using judge::Zone;

using judge::kInfinity;
using judge::kNaN;

double above(double value) { return std::nextafter(value, kInfinity); }
double below(double value) { return std::nextafter(value, -kInfinity); }

void check(bool right, EdgeResult& result) {
  ++result.checks;
  if (!right) ++result.wrong;
}

// A slowdown of the tolerance must not pass; one of the indifference must not alarm.
void check_zones(const Statistics& statistics, EdgeResult& result) {
  struct Row {
    double low;
    double high;
    Zone zone;
  };
  for (const judge::Tier tier : {judge::Tier::tight, judge::Tier::standard}) {
    const judge::Margins margins = judge::margins_of(tier);
    const double e = std::log1p(margins.indifference);
    const double t = std::log1p(margins.tolerance);
    const Row rows[] = {
        {e, below(t), Zone::pass},
        {above(e), below(t), Zone::within_tolerance},
        {e, t, Zone::inconclusive},
        {above(e), t, Zone::regressed},
        {-t, -e, Zone::pass},
        {-t, below(-e), Zone::improved},
        {-kInfinity, kInfinity, Zone::inconclusive},
        {kNaN, kNaN, Zone::inconclusive},
        {kNaN, 0, Zone::inconclusive},
        {0, kNaN, Zone::inconclusive},
    };
    for (const Row& row : rows) {
      const judge::Drift drift = {.low = row.low, .high = row.high};
      check(statistics.zone(drift, margins) == row.zone, result);
    }
  }
}

void check_family(const Statistics& statistics, EdgeResult& result) {
  const auto rejects = [&](const std::vector<double>& p_values,
                           const std::vector<bool>& expected) {
    check(statistics.family(p_values, 0.05) == expected, result);
  };
  // 0.025 = 0.05 / 2 and 0.05 = 0.05 / 1: on the edge is inside.
  rejects({0.05}, {true});
  rejects({0.025, 0.05}, {true, true});
  rejects({0.05, 0.025}, {true, true});
  rejects({above(0.025), 0.05}, {false, false});
  rejects({0.01, above(0.05)}, {true, false});
}

// Tails that are powers of two: 1/32 of five values, exactly half of 1 - 0.9375.
void check_ranks(const Statistics& statistics, EdgeResult& result) {
  const std::vector<double> five = {3, 1, 5, 2, 4};
  const judge::Interval hull = statistics.median_interval(five, 0.9375);
  check(hull.low == 1 && hull.high == 5, result);
  const judge::Interval none = statistics.median_interval(five, above(0.9375));
  check(none.low == -kInfinity && none.high == kInfinity, result);
  // P(Bin(8, 1/2) < 2) = 9 / 256.
  const std::vector<double> eight = {8, 1, 7, 2, 6, 3, 5, 4};
  const judge::Interval second = statistics.median_interval(eight, 1 - 18.0 / 256);
  check(second.low == 2 && second.high == 7, result);
}

}  // namespace

EdgeResult check_edges(const Statistics& statistics) {
  EdgeResult result;
  check_zones(statistics, result);
  check_family(statistics, result);
  check_ranks(statistics, result);
  return result;
}

}  // namespace assay::selftest
