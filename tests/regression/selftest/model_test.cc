// SPDX-License-Identifier: MIT
// The synthetic sessions show what their model says.
#include "regression/selftest/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "regression/judge/gate.h"
#include "regression/judge/statistics.h"

namespace assay::selftest {
namespace {

constexpr Model kSilent = {.session_speed_sd = 0,
                           .session_ratio_sd = 0,
                           .process_ratio_sd = 0,
                           .epoch_sd = 0,
                           .drift_sd = 0};

measure::Comparison simulated(const Model& model, const Change& change = {},
                              std::uint32_t processes = 5, bool fixed_order = false,
                              std::uint64_t seed = 1) {
  Random random(seed);
  SyntheticSession session(model, change, fixed_order, random);
  measure::Comparison comparison = blank_comparison();
  for (std::uint32_t p = 0; p < processes; ++p) session.add_process(comparison);
  return comparison;
}

TEST(ModelTest, WithoutNoiseTheRatioIsTheTruth) {
  for (const double slower : {0.0, 0.05, 0.2}) {
    for (const double value :
         judge::process_log_ratios(simulated(kSilent, {.custom = slower}), {})) {
      EXPECT_NEAR(value, std::log(1.2) - std::log1p(slower), 1e-12);
    }
  }
  for (const double value :
       judge::process_log_ratios(simulated(kSilent, {.library = 0.1}), {})) {
    EXPECT_NEAR(value, std::log(1.2) + std::log1p(0.1), 1e-12);
  }
}

TEST(ModelTest, EveryGuardLetsItThrough) {
  const judge::Judged judged = judge::judge(simulated({}));
  EXPECT_EQ(judged.verdict, judge::Verdict::pass) << judged.reason;
  EXPECT_EQ(judged.blocks_dropped, 0U);
}

TEST(ModelTest, TheSameSeedIsTheSameSession) {
  const measure::Comparison a = simulated({});
  const measure::Comparison b = simulated({});
  const measure::Comparison c = simulated({}, {}, 5, false, 2);
  EXPECT_EQ(a.processes[4].blocks[7].custom_ns, b.processes[4].blocks[7].custom_ns);
  EXPECT_NE(a.processes[4].blocks[7].custom_ns, c.processes[4].blocks[7].custom_ns);
}

TEST(ModelTest, SpreadsAreWhatTheyAreSaidToBe) {
  Model model = kSilent;
  model.process_ratio_sd = 0.02;
  const std::vector<double> processes =
      judge::process_log_ratios(simulated(model, {}, 2000), {});
  EXPECT_NEAR(judge::sample_sd(processes), 0.02, 0.001);
  EXPECT_NEAR(judge::mean(processes), std::log(1.2), 0.002);
  model = kSilent;
  model.session_ratio_sd = 0.03;
  std::vector<double> sessions;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    sessions.push_back(judge::mean(
        judge::process_log_ratios(simulated(model, {}, 1, false, seed), {})));
  }
  EXPECT_NEAR(judge::sample_sd(sessions), 0.03, 0.0015);
}

TEST(ModelTest, WhatIsCommonCancels) {
  Model model = kSilent;
  model.session_speed_sd = 0.3;
  model.trend = 0.001;
  for (const double value : judge::process_log_ratios(simulated(model), {})) {
    EXPECT_NEAR(value, std::log(1.2), 1e-9);
  }
}

TEST(ModelTest, AFirstPositionPenaltyHasTheSignOfTheOrder) {
  Model model = kSilent;
  model.first_position = 0.02;
  const measure::Comparison shuffled = simulated(model);
  std::set<bool> orders;
  for (const auto& process : shuffled.processes) {
    for (const measure::Block& block : process.blocks) {
      orders.insert(block.custom_first);
      EXPECT_NEAR(judge::block_log_ratio(block) - std::log(1.2),
                  (block.custom_first ? -0.5 : 0.5) * std::log1p(0.02), 1e-12);
    }
  }
  EXPECT_EQ(orders.size(), 2U);
  for (const double value :
       judge::process_log_ratios(simulated(model, {}, 5, true), {})) {
    EXPECT_NEAR(value, std::log(1.2) - 0.5 * std::log1p(0.02), 1e-12);
  }
}

TEST(ModelTest, ACoarseClockTiesValues) {
  Model model;
  model.drift_sd = 0;
  model.session_speed_sd = 0;
  model.grain = 0.01;
  std::set<double> times;
  for (const auto& process : simulated(model).processes) {
    for (const measure::Block& block : process.blocks) {
      times.insert(block.custom_ns.begin(), block.custom_ns.end());
    }
  }
  EXPECT_LE(times.size(), 6U);
}

TEST(ModelTest, AnEpisodeEndsWhenItIsToldTo) {
  Model model = kSilent;
  model.episode_share = 1;
  model.episode = 0.2;
  Random random(1);
  SyntheticSession session(model, {}, false, random);
  measure::Comparison during = blank_comparison();
  session.add_process(during);
  session.end_episode();
  measure::Comparison after = blank_comparison();
  session.add_process(after);
  EXPECT_NEAR(judge::process_log_ratios(during, {})[0], 0, 1e-12);
  EXPECT_NEAR(judge::process_log_ratios(after, {})[0], std::log(1.2), 1e-12);
}

TEST(RandomTest, NormalsAreNormal) {
  Random random(4);
  std::vector<double> values(20000);
  for (double& value : values) value = random.normal();
  EXPECT_NEAR(judge::mean(values), 0, 0.03);
  EXPECT_NEAR(judge::sample_sd(values), 1, 0.02);
  int beyond = 0;
  for (const double value : values) beyond += std::fabs(value) > 1.959964 ? 1 : 0;
  EXPECT_NEAR(beyond / 20000.0, 0.05, 0.006);
}

}  // namespace
}  // namespace assay::selftest
