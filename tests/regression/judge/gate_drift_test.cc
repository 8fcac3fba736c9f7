// SPDX-License-Identifier: MIT
// One gate's statistics against numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "regression/judge/distributions.h"
#include "regression/judge/gate.h"
#include "tests/support/special_values.h"

namespace assay::judge {
namespace {

double above(double value) { return std::nextafter(value, kInfinity); }
double below(double value) { return std::nextafter(value, -kInfinity); }

GateReference reference() {
  GateReference reference;
  reference.log_ratio = 0.2;
  reference.process_sd = 0.004;
  reference.session_sd = 0.005;
  reference.processes = 25;
  reference.sessions = 5;
  reference.tier = Tier::tight;
  return reference;
}

// Mean 0.19, sample SD 0.01.
const std::vector<double> kNow = {0.18, 0.19, 0.2};

TEST(TierTest, NamesAreReadBack) {
  for (const Tier tier : {Tier::tight, Tier::standard}) {
    EXPECT_EQ(parse_tier(to_string(tier)), tier);
  }
  EXPECT_EQ(parse_tier("Tight"), std::nullopt);
  EXPECT_EQ(parse_tier(""), std::nullopt);
}

TEST(TierTest, TheWidestIntervalIsHalfOfTheZone) {
  EXPECT_NEAR(widest_half_width(margins_of(Tier::tight)), 0.0144937684, 1e-9);
  EXPECT_NEAR(widest_half_width(margins_of(Tier::standard)), 0.0328756888, 1e-9);
}

// A = 1e-4 / 3 with 2 degrees, B = 1.6e-5 / 25 with 20, C = 2.5e-5 x 1.2 with
//   2.5e-5^2 / ((2.5e-5 + 3.2e-6)^2 / 4 + 3.2e-6^2 / 20) = 3.135630.
TEST(DriftTest, IsTheFormulaWithItsNumbers) {
  const Drift drift = drift_from_baseline(kNow, reference(), {});
  EXPECT_NEAR(drift.slowdown, 0.01, 1e-15);
  const double a = 1e-4 / 3;
  const double b = 6.4e-7;
  const double c = 3e-5;
  EXPECT_NEAR(drift.standard_error, std::sqrt(a + b + c), 1e-15);
  EXPECT_NEAR(drift.standard_error, 7.99833e-3, 1e-8);
  const double nu =
      (a + b + c) * (a + b + c) / (a * a / 2 + b * b / 20 + c * c / 3.135630);
  EXPECT_NEAR(drift.degrees, nu, 1e-4);
  EXPECT_NEAR(drift.degrees, 4.857096, 1e-5);
  EXPECT_NEAR(drift.half_width, student_t_quantile(0.975, drift.degrees) * 7.99833e-3,
              1e-7);
  EXPECT_EQ(drift.low, drift.slowdown - drift.half_width);
  EXPECT_EQ(drift.high, drift.slowdown + drift.half_width);
}

// 1.6e-5 / 25 with 20 degrees, 2.5e-5 / 5 with the 3.135630 of above.
TEST(BaselineIntervalTest, IsTheFormulaWithItsNumbers) {
  const Interval interval = baseline_interval(reference(), {});
  const double b = 6.4e-7;
  const double c = 5e-6;
  const double nu = (b + c) * (b + c) / (b * b / 20 + c * c / 3.135630);
  const double half = student_t_quantile(0.975, nu) * std::sqrt(b + c);
  EXPECT_NEAR(interval.low, 0.2 - half, 1e-7);
  EXPECT_NEAR(interval.high, 0.2 + half, 1e-7);
}

TEST(DriftTest, IsNeverQuieterThanItsBaseline) {
  const std::vector<double> alike = {0.2, 0.2, 0.2, 0.2};
  const Drift drift = drift_from_baseline(alike, reference(), {});
  EXPECT_NEAR(drift.standard_error, std::sqrt(1.6e-5 / 4 + 6.4e-7 + 3e-5), 1e-15);
}

TEST(DriftTest, ASessionTermIsAtLeastTheFloor) {
  GateReference quiet = reference();
  quiet.session_sd = 0.001;
  const Drift drift = drift_from_baseline(kNow, quiet, {});
  EXPECT_NEAR(drift.standard_error, std::sqrt(1e-4 / 3 + 6.4e-7 + 9e-6 * 1.2), 1e-15);
}

TEST(DriftTest, FewSessionsAreGivenTheDefault) {
  GateReference young = reference();
  young.sessions = 4;
  const Drift drift = drift_from_baseline(kNow, young, {});
  EXPECT_NEAR(drift.standard_error, std::sqrt(1e-4 / 3 + 6.4e-7 + 1e-4 * 1.25), 1e-15);
  // The default counts as if from five sessions: A has 2 degrees, B 21, C 4.
  const double a = 1e-4 / 3;
  const double b = 6.4e-7;
  const double c = 1.25e-4;
  const double nu = (a + b + c) * (a + b + c) / (a * a / 2 + b * b / 21 + c * c / 4);
  EXPECT_NEAR(drift.degrees, nu, 1e-9);
  // More than the default was seen: that is taken, with its own degrees.
  young.session_sd = 0.02;
  const Drift wild = drift_from_baseline(kNow, young, {});
  const double explained = 1.6e-5 * 4 / 25;
  const double own =
      4e-4 * 4e-4 /
      ((4e-4 + explained) * (4e-4 + explained) / 3 + explained * explained / 21);
  const double w = 4e-4 * 1.25;
  EXPECT_NEAR(wild.standard_error, std::sqrt(a + b + w), 1e-15);
  EXPECT_NEAR(wild.degrees,
              (a + b + w) * (a + b + w) / (a * a / 2 + b * b / 21 + w * w / own), 1e-9);
}

// The estimate of a spread that processes nearly explain: hardly any degrees, never
// fewer than one.
TEST(DriftTest, AnUncertainSessionTermHasOneDegreeAtLeast) {
  GateReference hazy = reference();
  hazy.process_sd = 0.03;
  hazy.session_sd = 0.004;
  const Drift drift = drift_from_baseline(kNow, hazy, {});
  const double a = 9e-4 / 3;
  const double b = 9e-4 / 25;
  const double c = 1.6e-5 * 1.2;
  EXPECT_NEAR(drift.degrees,
              (a + b + c) * (a + b + c) / (a * a / 2 + b * b / 20 + c * c / 1), 1e-9);
}

TEST(DriftTest, ASingleSessionIsEnoughForAnInterval) {
  GateReference first = reference();
  first.sessions = 1;
  first.processes = 5;
  const Drift drift = drift_from_baseline(kNow, first, {});
  EXPECT_NEAR(drift.standard_error, std::sqrt(1e-4 / 3 + 1.6e-5 / 5 + 1e-4 * 2), 1e-15);
  EXPECT_GT(drift.half_width, 0);
  EXPECT_LT(drift.half_width, 0.1);
}

TEST(DriftTest, FewerThanTwoProcessesAreNoInterval) {
  const std::vector<double> one = {0.2};
  const Drift drift = drift_from_baseline(one, reference(), {});
  EXPECT_EQ(drift.half_width, kInfinity);
  EXPECT_EQ(drift.low, -kInfinity);
  EXPECT_EQ(drift.high, kInfinity);
  EXPECT_TRUE(std::isnan(drift_from_baseline({}, reference(), {}).half_width));
  EXPECT_EQ(drift_from_base(one, one, {}).half_width, kInfinity);
}

// Sessions of one process each know nothing of the spread between processes.
TEST(DriftTest, ABaselineWithoutDegreesIsNoInterval) {
  GateReference thin = reference();
  thin.processes = thin.sessions;
  EXPECT_EQ(drift_from_baseline(kNow, thin, {}).half_width, kInfinity);
}

TEST(DriftTest, NanAnywhereIsNoNumberAndDecidesNothing) {
  const auto decides_nothing = [](const Drift& drift) {
    EXPECT_TRUE(std::isnan(drift.half_width));
    EXPECT_EQ(zone_of(drift, margins_of(Tier::tight)), Zone::inconclusive);
    EXPECT_FALSE(holm(std::vector{p_value(drift, margins_of(Tier::tight))}, 0.05)[0]);
  };
  decides_nothing(drift_from_baseline(std::vector{0.1, kNaN, 0.1}, reference(), {}));
  for (double GateReference::*member :
       {&GateReference::log_ratio, &GateReference::process_sd,
        &GateReference::session_sd}) {
    GateReference broken = reference();
    broken.*member = kNaN;
    decides_nothing(drift_from_baseline(kNow, broken, {}));
    EXPECT_EQ(tier_for(broken, {5, 5}, {}), member == &GateReference::log_ratio
                                                ? tier_for(reference(), {5, 5}, {})
                                                : Tier::standard);
  }
  const std::vector<double> broken = {0.1, kNaN, 0.1};
  decides_nothing(drift_from_base(broken, kNow, {}));
  decides_nothing(drift_from_base(kNow, broken, {}));
}

// Differences 0.01, 0.02, 0.03: mean 0.02, SD 0.01, t with 2 degrees 4.302653.
TEST(DriftTest, AgainstABaseIsStudentOverPairs) {
  const std::vector<double> base = {0.5, 0.1, 0.9};
  const std::vector<double> candidate = {0.49, 0.08, 0.87};
  const Drift drift = drift_from_base(base, candidate, {});
  EXPECT_NEAR(drift.slowdown, 0.02, 1e-15);
  EXPECT_NEAR(drift.standard_error, 0.01 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(drift.degrees, 2, 1e-12);
  EXPECT_NEAR(drift.half_width, 4.302652730 * 0.01 / std::sqrt(3.0), 1e-9);
}

TEST(DriftTest, AlphaIsOfOneSide) {
  GateRules rules;
  rules.alpha = 0.05;
  const Drift drift =
      drift_from_base(std::vector{0.01, 0.02, 0.03}, std::vector{0.0, 0.0, 0.0}, rules);
  EXPECT_NEAR(drift.half_width, 2.919985580 * 0.01 / std::sqrt(3.0), 1e-9);
}

// t = (ln 1.02 + 0.01 - ln 1.02) / 0.005 = 2 with 4 degrees: 0.058058.
TEST(DriftTest, ThePValueIsTheUpperTailBeyondTheIndifference) {
  Drift drift;
  drift.slowdown = std::log(1.02) + 0.01;
  drift.standard_error = 0.005;
  drift.degrees = 4;
  EXPECT_NEAR(p_value(drift, margins_of(Tier::tight)), 0.0580582617584, 1e-9);
  drift.slowdown = std::log(1.02) - 0.01;
  EXPECT_NEAR(p_value(drift, margins_of(Tier::tight)), 1 - 0.0580582617584, 1e-9);
}

TEST(DriftTest, ThePValueAndTheIntervalAgree) {
  GateReference loose = reference();
  for (const double log_ratio : {0.195, 0.22, 0.23, 0.25, 0.3}) {
    loose.log_ratio = log_ratio;
    const Drift drift = drift_from_baseline(kNow, loose, {});
    const bool significant = p_value(drift, margins_of(Tier::tight)) < 0.025;
    EXPECT_EQ(significant, drift.low > std::log1p(0.02)) << log_ratio;
  }
}

TEST(ZoneTest, EachEdgeBelongsWhereItSays) {
  for (const Tier tier : {Tier::tight, Tier::standard}) {
    const Margins margins = margins_of(tier);
    const double e = std::log1p(margins.indifference);
    const double t = std::log1p(margins.tolerance);
    const auto zone = [&](double low, double high) {
      return zone_of({.low = low, .high = high}, margins);
    };
    EXPECT_EQ(zone(0, 0), Zone::pass);
    EXPECT_EQ(zone(e, below(t)), Zone::pass);
    EXPECT_EQ(zone(above(e), below(t)), Zone::within_tolerance);
    EXPECT_EQ(zone(above(e), t), Zone::regressed);
    EXPECT_EQ(zone(e, t), Zone::inconclusive);
    EXPECT_EQ(zone(-1, t), Zone::inconclusive);
    EXPECT_EQ(zone(-1, -e), Zone::pass);
    EXPECT_EQ(zone(-1, below(-e)), Zone::improved);
    EXPECT_EQ(zone(-kInfinity, kInfinity), Zone::inconclusive);
    EXPECT_EQ(zone(kNaN, kNaN), Zone::inconclusive);
    EXPECT_EQ(zone(kNaN, 0), Zone::inconclusive);
    EXPECT_EQ(zone(kNaN, -1), Zone::inconclusive);
    EXPECT_EQ(zone(1, kNaN), Zone::inconclusive);
  }
}

TEST(TierTest, IsTightWhenANewSessionCouldDecideIt) {
  // SE^2 = 1.6e-5 / P + 1.6e-5 / 25 + 9e-6 x 1.2: 0.38 % with five processes.
  GateReference quiet = reference();
  quiet.session_sd = 0;
  EXPECT_EQ(tier_for(quiet, {5, 5}, {}), Tier::tight);
  EXPECT_EQ(tier_for(quiet, {1, 1}, {}), Tier::standard);
  EXPECT_EQ(tier_for(quiet, {0, 0}, {}), Tier::standard);
  GateReference loud = quiet;
  loud.process_sd = 0.02;
  EXPECT_EQ(tier_for(loud, {5, 5}, {}), Tier::standard);
  // Fewer sessions than it takes to tell: the default alone is too wide.
  GateReference young = quiet;
  young.sessions = 3;
  EXPECT_EQ(tier_for(young, {10, 10}, {}), Tier::standard);
  // Processes help where they are the noise.
  GateReference middle = quiet;
  middle.process_sd = 0.012;
  EXPECT_EQ(tier_for(middle, {5, 5}, {}), Tier::standard);
  EXPECT_EQ(tier_for(middle, {20, 20}, {}), Tier::tight);
  EXPECT_EQ(tier_for(middle, {5, 20}, {}), Tier::tight);
  // And can widen the interval where the sessions are: 3 % of variance less, and a
  // quarter of the degrees fewer.
  GateReference wandering = quiet;
  wandering.session_sd = 0.0035;
  wandering.process_sd = 0.008;
  const double ten = expected_half_width(wandering, {10, 10}, {});
  const double hundred = expected_half_width(wandering, {1000, 1000}, {});
  EXPECT_LT(ten, hundred);
  EXPECT_EQ(expected_half_width(wandering, {10, 10}, {}),
            std::min(expected_half_width(wandering, {10, 20}, {}), ten));
  EXPECT_EQ(expected_half_width(quiet, {3, 2}, {}),
            std::numeric_limits<double>::infinity());
  // So the narrowest on the way is not the last.
  quiet.process_sd = 0.003;
  quiet.processes = 50;
  EXPECT_EQ(expected_half_width(quiet, {10, 20}, {}),
            expected_half_width(quiet, {10, 10}, {}));
  EXPECT_LT(expected_half_width(quiet, {10, 20}, {}),
            expected_half_width(quiet, {20, 20}, {}));
}

// Where nothing varies, and nothing is assumed to.
TEST(DriftTest, WithoutAnySpreadTheIntervalIsAPoint) {
  GateReference still = reference();
  still.process_sd = 0;
  still.session_sd = 0;
  const std::vector<double> same = {0.25, 0.25, 0.25};
  const Drift drift = drift_from_baseline(same, still, {.session_sd_floor = 0});
  EXPECT_EQ(drift.half_width, 0);
  EXPECT_EQ(drift.low, drift.slowdown);
}

// Sessions {1, 3}, {2, 4, 6}: means 2 and 4; squares 2 + 8 over 5 - 2 degrees; variance
// of the means 2; harmonic mean of 2 and 3 is 2.4.
TEST(ReferenceTest, IsTheMethodOfMoments) {
  const std::vector<std::vector<double>> sessions = {{1, 3}, {2, 4, 6}};
  const GateReference reference = reference_from_sessions(sessions);
  EXPECT_NEAR(reference.log_ratio, 3, 1e-12);
  EXPECT_NEAR(reference.process_sd, std::sqrt(10.0 / 3), 1e-12);
  EXPECT_NEAR(reference.session_sd, std::sqrt(2 - 10.0 / 3 / 2.4), 1e-12);
  EXPECT_EQ(reference.processes, 5U);
  EXPECT_EQ(reference.sessions, 2U);
}

TEST(ReferenceTest, WhatProcessesExplainIsNotBlamedOnSessions) {
  const std::vector<std::vector<double>> sessions = {{1, 3}, {1.5, 3.5}};
  EXPECT_EQ(reference_from_sessions(sessions).session_sd, 0);
}

TEST(ReferenceTest, OneSessionTellsNothingOfOthers) {
  const std::vector<std::vector<double>> sessions = {{1, 2, 3}};
  const GateReference reference = reference_from_sessions(sessions);
  EXPECT_NEAR(reference.process_sd, 1, 1e-12);
  EXPECT_EQ(reference.session_sd, 0);
}

TEST(ReferenceTest, NanAndSingleProcessesStayVisible) {
  const std::vector<std::vector<double>> broken = {{1, kNaN}, {2, 3}};
  const GateReference reference = reference_from_sessions(broken);
  EXPECT_TRUE(std::isnan(reference.log_ratio));
  EXPECT_TRUE(std::isnan(reference.process_sd));
  EXPECT_TRUE(std::isnan(reference.session_sd));
  const std::vector<std::vector<double>> single = {{1}, {2}};
  EXPECT_TRUE(std::isnan(reference_from_sessions(single).process_sd));
  EXPECT_TRUE(std::isnan(reference_from_sessions(single).session_sd));
}

}  // namespace
}  // namespace assay::judge
