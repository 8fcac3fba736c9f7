// SPDX-License-Identifier: MIT
// What a trace has to show of each cause, and what is made of what it shows.
#include "regression/scaling/sighting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using ::testing::HasSubstr;

// Four workers with one-group operations on a device of two units.
Evidence evidence() {
  Evidence e;
  e.condition.workers = 4;
  e.cell = made_up_cell(4);
  e.cell.groups = 1;
  e.compute_units = 2;
  e.processors = 16;
  return e;
}

Confirmation::Outcome outcome(const Evidence& e, Cause cause, double value) {
  const auto prediction = prediction_for(e, {cause, ""});
  if (!prediction) return Confirmation::Outcome::cannot_tell;
  return look(*prediction, std::vector<double>(7, value)).outcome;
}

TEST(SightingTest, AFullDeviceHasWorkInAllItsUnits) {
  EXPECT_EQ(outcome(evidence(), Cause::saturated, 1.9),
            Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(evidence(), Cause::saturated, 1.0),
            Confirmation::Outcome::contradicted);
  Evidence library = evidence();
  library.library_call = true;
  EXPECT_FALSE(prediction_for(library, {Cause::saturated, ""}))
      << "a call is one piece of work, whatever it fills";
}

TEST(SightingTest, WhatRunsInTurnIsOneOperationAtATime) {
  for (const Cause cause : {Cause::queue_order, Cause::serial_device}) {
    EXPECT_EQ(outcome(evidence(), cause, 1.0), Confirmation::Outcome::confirmed)
        << to_string(cause);
    EXPECT_EQ(outcome(evidence(), cause, 1.5), Confirmation::Outcome::contradicted)
        << to_string(cause);
    Evidence wide = evidence();
    wide.cell.groups = 64;
    EXPECT_EQ(outcome(wide, cause, 1.5), Confirmation::Outcome::confirmed)
        << "on both units";
  }
}

TEST(SightingTest, ALibrarysCallsAreCountedAsCalls) {
  Evidence e = evidence();
  e.library_call = true;
  EXPECT_EQ(outcome(e, Cause::library_units, 1.0), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(e, Cause::library_units, 1.5), Confirmation::Outcome::contradicted);
  EXPECT_EQ(outcome(e, Cause::library_lock, 1.5), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(e, Cause::library_lock, 1.0), Confirmation::Outcome::contradicted);
}

TEST(SightingTest, AStarvedDeviceHasRoomLeft) {
  EXPECT_EQ(outcome(evidence(), Cause::starved, 1.2), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(evidence(), Cause::starved, 1.95),
            Confirmation::Outcome::contradicted);
  Evidence few = evidence();
  few.compute_units = 16;
  EXPECT_EQ(outcome(few, Cause::starved, 3.9), Confirmation::Outcome::contradicted)
      << "four workers have no more than four at a time";
}

TEST(SightingTest, WhatIsLostInACallIsInThatCall) {
  Evidence e = evidence();
  e.cell.after_share = 0.4;
  e.cell.submit_share = 0.6;
  const auto sync = prediction_for(e, {Cause::sync_call, ""});
  ASSERT_TRUE(sync);
  EXPECT_EQ(sync->figure, &Cell::traced_sync_share);
  EXPECT_EQ(outcome(e, Cause::sync_call, 0.25), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(e, Cause::sync_call, 0.1), Confirmation::Outcome::contradicted);
  const auto submit = prediction_for(e, {Cause::submit_path, ""});
  ASSERT_TRUE(submit);
  EXPECT_EQ(submit->figure, &Cell::traced_submit_share);
  EXPECT_EQ(outcome(e, Cause::submit_path, 0.35), Confirmation::Outcome::confirmed);
  EXPECT_EQ(outcome(e, Cause::submit_path, 0.25), Confirmation::Outcome::contradicted);
}

TEST(SightingTest, WhatATraceCannotShowIsNotLookedFor) {
  for (const Cause cause : {Cause::baseline, Cause::scales, Cause::oversubscribed,
                            Cause::contended, Cause::cannot_tell}) {
    EXPECT_FALSE(prediction_for(evidence(), {cause, ""})) << to_string(cause);
  }
  Evidence apart = evidence();
  apart.condition.kind = WorkerKind::processes;
  EXPECT_FALSE(prediction_for(apart, {Cause::saturated, ""}));
}

TEST(SightingTest, AnIntervalThatDoesNotDecideShowsNothing) {
  const auto prediction = prediction_for(evidence(), {Cause::saturated, ""});
  ASSERT_TRUE(prediction);
  EXPECT_EQ(look(*prediction, std::vector<double>(5, 2.0)).outcome,
            Confirmation::Outcome::cannot_tell)
      << "five are too few";
  EXPECT_EQ(look(*prediction, std::vector<double>{1, 2, 2, 2, 2, 2}).outcome,
            Confirmation::Outcome::cannot_tell);
  std::vector<double> dropped(7, 2.0);
  dropped[3] = kUnknown;
  EXPECT_EQ(look(*prediction, dropped).outcome, Confirmation::Outcome::cannot_tell);
  EXPECT_EQ(look(*prediction, {}).outcome, Confirmation::Outcome::cannot_tell);
  EXPECT_THAT(look(*prediction, std::vector<double>(7, 2.0)).text,
              HasSubstr("2.00 [2.00, 2.00], predicted 1.50 or more"));
}

}  // namespace
}  // namespace assay::scaling
