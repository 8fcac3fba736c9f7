// SPDX-License-Identifier: MIT
// What each cause predicts, and what becomes of the prediction. The rates come from a
// little model of workers that queue, so that a prediction is held against something
// that was not derived from it.
#include "regression/scaling/confirm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using ::testing::HasSubstr;

// `workers` in a closed circle: each thinks for `own_us`, then needs one of `places`
// for `service_us`. Operations a second (the asymptote, which is exact without chance).
double closed_rate(double workers, double places, double service_us, double own_us) {
  return 1e6 * std::min(places / service_us, workers / (service_us + own_us));
}

Evidence evidence(double workers, double places, double service_us, double own_us) {
  Evidence e;
  e.condition.workers = static_cast<std::uint32_t>(workers);
  e.cell = made_up_cell(workers);
  e.cell.seconds = 1;
  e.cell.operations = closed_rate(workers, places, service_us, own_us);
  e.cell.groups = 1;
  e.compute_units = static_cast<std::uint32_t>(places);
  e.processors = 16;
  return e;
}

// The delay that an intervention asks for.
double delay_of(const Intervention& change) {
  const std::size_t at = change.layer.find("delay_us=");
  return at == std::string::npos ? 0 : std::stod(change.layer.substr(at + 9));
}

Confirmation::Outcome outcome(const Intervention& change, double ratio) {
  const std::vector<double> ratios = {0.99 * ratio, ratio, ratio,       ratio,
                                      ratio,        ratio, 1.01 * ratio};
  return confirm(change, ratios).outcome;
}

TEST(ConfirmTest, WhoQueuesDoesNotMindADelay) {
  const Evidence e = evidence(8, 2, 100, 0);
  const auto change = intervention_for(e, {Cause::saturated, ""});
  ASSERT_TRUE(change);
  EXPECT_THAT(change->layer, HasSubstr("perturb(call=submit,delay_us="));
  EXPECT_EQ(change->condition, e.condition);
  const double delay = delay_of(*change);
  EXPECT_GE(delay, 10);
  // Right: the two places stay busy. Wrong: there were places for all.
  const double right = closed_rate(8, 2, 100, delay) / closed_rate(8, 2, 100, 0);
  const double wrong = closed_rate(8, 8, 400, delay) / closed_rate(8, 8, 400, 0);
  EXPECT_EQ(outcome(*change, right), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, wrong), Confirmation::Outcome::contradicted);
}

TEST(ConfirmTest, WhomTheDeviceWaitsForDoes) {
  // 100 us of its own for 50 of work: the device starves.
  const Evidence e = evidence(2, 16, 50, 100);
  const auto change = intervention_for(e, {Cause::starved, ""});
  ASSERT_TRUE(change);
  const double delay = delay_of(*change);
  EXPECT_NEAR(delay, 37, 1);
  const double right =
      closed_rate(2, 16, 50, 100 + delay) / closed_rate(2, 16, 50, 100);
  EXPECT_EQ(outcome(*change, right), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, 1), Confirmation::Outcome::contradicted);
}

TEST(ConfirmTest, OneQueueOrOneLockIsOnePlace) {
  const Evidence e = evidence(4, 16, 50, 150);
  for (const Cause cause : {Cause::queue_order, Cause::serial_device,
                            Cause::library_units, Cause::library_lock}) {
    EXPECT_TRUE(intervention_for(e, {cause, ""})) << to_string(cause);
  }
  // With places for all of them nobody queues, and a delay would tell nothing.
  EXPECT_FALSE(intervention_for(e, {Cause::saturated, ""}));
  // Nor with a wait that lets all go at the same time.
  Evidence device = e;
  device.condition.sync_mode = SyncMode::device;
  EXPECT_FALSE(intervention_for(device, {Cause::queue_order, ""}));
}

TEST(ConfirmTest, ALockAroundWhatIsSerialisedCostsNothing) {
  const auto change =
      intervention_for(evidence(4, 16, 50, 0), {Cause::submit_path, ""});
  ASSERT_TRUE(change);
  EXPECT_EQ(change->layer, "perturb(call=submit,mutex=1)+");
  EXPECT_EQ(outcome(*change, 1), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, 0.5), Confirmation::Outcome::contradicted);
}

TEST(ConfirmTest, TheWaitForOthersIsTakenAway) {
  Evidence e = evidence(4, 16, 50, 50);
  e.condition.sync_mode = SyncMode::device;
  e.cell.after_share = 0.5;
  const auto change = intervention_for(e, {Cause::sync_call, ""});
  ASSERT_TRUE(change);
  EXPECT_EQ(change->layer, "");
  EXPECT_EQ(change->condition.sync_mode, SyncMode::event);
  // Half of the time is lost in it, so it may double and must gain a third.
  EXPECT_EQ(outcome(*change, 2), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, 1.4), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, 1), Confirmation::Outcome::contradicted);
}

TEST(ConfirmTest, AsManyWorkersAsProcessorsAreAsFast) {
  Evidence e = evidence(8, 16, 50, 0);
  e.processors = 2;
  const auto change = intervention_for(e, {Cause::oversubscribed, ""});
  ASSERT_TRUE(change);
  EXPECT_EQ(change->condition.workers, 2U);
  EXPECT_EQ(outcome(*change, 1), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(*change, 0.5), Confirmation::Outcome::contradicted);
}

TEST(ConfirmTest, WhatPredictsNothingIsNotTried) {
  const Evidence e = evidence(8, 2, 100, 0);
  for (const Cause cause :
       {Cause::baseline, Cause::scales, Cause::contended, Cause::cannot_tell}) {
    EXPECT_FALSE(intervention_for(e, {cause, ""})) << to_string(cause);
  }
  // Too short for a delay of a whole microsecond.
  EXPECT_FALSE(intervention_for(evidence(2, 16, 1, 1), {Cause::starved, ""}));
  // No rate, no delay.
  Evidence unknown = e;
  unknown.cell.operations = kUnknown;
  EXPECT_FALSE(intervention_for(unknown, {Cause::saturated, ""}));
}

TEST(ConfirmTest, AnIntervalThatDoesNotDecideConfirmsNothing) {
  Intervention change;
  change.low = 0.9;
  change.high = std::numeric_limits<double>::infinity();
  EXPECT_EQ(confirm(change, std::vector<double>{1, 1, 1, 1, 1}).outcome,
            Confirmation::Outcome::cannot_tell)
      << "five are too few";
  EXPECT_EQ(confirm(change, std::vector<double>(6, 1.0)).outcome,
            Confirmation::Outcome::confirmed);
  EXPECT_EQ(confirm(change, std::vector<double>{0.8, 1, 1, 1, 1, 1}).outcome,
            Confirmation::Outcome::cannot_tell);
  std::vector<double> nan(7, 1.0);
  nan[3] = kUnknown;
  EXPECT_EQ(confirm(change, nan).outcome, Confirmation::Outcome::cannot_tell);
  EXPECT_EQ(confirm(change, {}).outcome, Confirmation::Outcome::cannot_tell);
}

}  // namespace
}  // namespace assay::scaling
