// SPDX-License-Identifier: MIT
// Each cause from made-up numbers that show it, and the numbers beside it that do not.
#include "regression/scaling/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using ::testing::HasSubstr;

// Eight workers on 16 units that give half of what they should, and nothing to show
// for it.
Evidence half_lost(SyncMode mode = SyncMode::event) {
  Evidence e;
  e.condition.workers = 8;
  e.condition.sync_mode = mode;
  e.cell = made_up_cell(8);
  e.cell.operations /= 2;
  e.cell.overlap = 7.9;
  e.baseline = made_up_cell(1);
  e.efficiency = 0.5;
  e.share_of_peak = 0.3;
  e.compute_units = 16;
  e.processors = 16;
  return e;
}

TEST(DiagnoseTest, ABaselineAndWhatScalesNeedNoCause) {
  Evidence e = half_lost();
  EXPECT_EQ(diagnose(e).cause, Cause::cannot_tell);
  e.efficiency = 0.9;
  EXPECT_EQ(diagnose(e).cause, Cause::scales);
  e.efficiency = 0.89;
  EXPECT_EQ(diagnose(e).cause, Cause::cannot_tell);
  e.condition.workers = 1;
  EXPECT_EQ(diagnose(e).cause, Cause::baseline);
}

TEST(DiagnoseTest, AMedianAloneDoesNotScale) {
  Evidence e = half_lost();
  e.efficiency = 1.04;
  EXPECT_THAT(diagnose(e).text, HasSubstr("too few rounds"));
  e.least_efficiency = 0.75;
  EXPECT_EQ(diagnose(e).text, "scales");
  e.least_efficiency = 0.42;
  EXPECT_EQ(diagnose(e).cause, Cause::cannot_tell);
  EXPECT_THAT(diagnose(e).text, HasSubstr("begins at 0.42"));
}

TEST(DiagnoseTest, WithoutADeviceItIsTheMachine) {
  Evidence e = half_lost();
  e.condition = bare_of(e.condition);
  EXPECT_EQ(diagnose(e).cause, Cause::machine);
  e.efficiency = 0.99;
  EXPECT_EQ(diagnose(e).cause, Cause::machine);
  e.condition.workers = 1;
  EXPECT_EQ(diagnose(e).cause, Cause::baseline);
}

TEST(DiagnoseTest, NothingKnownIsNoCause) {
  Evidence e = half_lost();
  for (const Figure& figure : figures()) {
    e.cell.*figure.value = kUnknown;
    e.baseline.*figure.value = kUnknown;
  }
  e.efficiency = kUnknown;
  e.share_of_peak = kUnknown;
  EXPECT_EQ(diagnose(e).cause, Cause::cannot_tell);
  e.efficiency = 0.5;
  EXPECT_EQ(diagnose(e).cause, Cause::cannot_tell);
}

TEST(DiagnoseTest, SaturatedByTheShareOfThePeak) {
  Evidence e = half_lost(SyncMode::device);
  e.cell.after_share = 0.6;  // full comes first: no sync mode would help
  e.share_of_peak = 0.75;
  EXPECT_EQ(diagnose(e).cause, Cause::saturated);
  EXPECT_THAT(diagnose(e).text, HasSubstr("75 % of the FMA peak"));
  e.share_of_peak = 0.74;
  EXPECT_EQ(diagnose(e).cause, Cause::sync_call);
}

TEST(DiagnoseTest, SaturatedByUnitsThatAllExecute) {
  Evidence e = half_lost();
  e.compute_units = 4;
  e.cell.overlap = 3.6;
  EXPECT_EQ(diagnose(e).cause, Cause::saturated);
  EXPECT_THAT(diagnose(e).text, HasSubstr("all 4 units 90 %"));
  // As many at a time, each slower: the units are not what is short.
  e.cell.execute_p50_ns *= 1.4;
  EXPECT_EQ(diagnose(e).cause, Cause::contended);
  EXPECT_THAT(diagnose(e).text, HasSubstr("1.4 x as long"));
  // One operation fills the device by itself: of course a second one takes longer.
  e.cell.groups = 4;
  e.cell.overlap = 0.9;
  EXPECT_EQ(diagnose(e).cause, Cause::saturated);
  e.cell.overlap = 0.8;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  EXPECT_THAT(diagnose(e).text, HasSubstr("room for 1.0"));
}

TEST(DiagnoseTest, OneQueueIsAnOrder) {
  Evidence e = half_lost();
  e.condition.shared_queue = true;
  e.cell.overlap = 0.95;
  EXPECT_EQ(diagnose(e).cause, Cause::queue_order);
  e.cell.overlap = 0.6;  // the queue itself waits for something
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.condition.shared_queue = false;
  e.cell.overlap = 0.95;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.concurrent_queues = false;
  EXPECT_EQ(diagnose(e).cause, Cause::serial_device);
}

TEST(DiagnoseTest, TheSyncCallWhenItWaitsForOthers) {
  Evidence e = half_lost(SyncMode::device);
  e.cell.overlap = 4;
  e.cell.after_share = 0.4;
  EXPECT_EQ(diagnose(e).cause, Cause::sync_call);
  EXPECT_THAT(diagnose(e).text, HasSubstr("40 %"));
  // One worker that waits for being woken loses as much: that is not the others.
  e.baseline.after_share = 0.3;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.baseline.after_share = 0.01;
  e.condition.sync_mode = SyncMode::event;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  EXPECT_THAT(diagnose(e).text, HasSubstr("40 % after their work had ended"));
}

TEST(DiagnoseTest, OurSubmitPathWhenItsCallsGrow) {
  Evidence e = half_lost();
  e.cell.overlap = 4;
  e.cell.submit_share = 0.5;
  e.cell.submit_p50_ns = 3 * e.baseline.submit_p50_ns;
  EXPECT_EQ(diagnose(e).cause, Cause::submit_path);
  EXPECT_THAT(diagnose(e).text, HasSubstr("3.0 x as long"));
  e.concurrent_queues = false;  // submit is where such a device executes
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.concurrent_queues = true;
  e.cell.submit_p50_ns = 1.4 * e.baseline.submit_p50_ns;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.cell.submit_p50_ns = 3 * e.baseline.submit_p50_ns;
  e.cell.submit_share = 0.1;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
}

TEST(DiagnoseTest, TheLibrarysUnitsAndTheLibrarysLock) {
  Evidence e = half_lost();
  e.library_call = true;
  e.cell.groups = 0;
  e.cell.overlap = 1;
  EXPECT_EQ(diagnose(e).cause, Cause::library_units);
  e.cell.overlap = 3;  // started, and waiting for units
  EXPECT_EQ(diagnose(e).cause, Cause::library_units);

  e.lend_one = true;
  e.cell.overlap = 6;
  e.cell.execute_p50_ns = 5.5 * e.baseline.execute_p50_ns;
  EXPECT_EQ(diagnose(e).cause, Cause::library_lock);
  EXPECT_THAT(diagnose(e).text, HasSubstr("6.0 calls inside it"));
  // Half as slow as a lock would make them.
  e.cell.execute_p50_ns = 3 * e.baseline.execute_p50_ns;
  EXPECT_EQ(diagnose(e).cause, Cause::contended);
  // The same numbers of a kernel of ours have another name.
  e.library_call = false;
  e.cell.groups = 1;
  e.cell.execute_p50_ns = 5.5 * e.baseline.execute_p50_ns;
  EXPECT_EQ(diagnose(e).cause, Cause::contended);
}

TEST(DiagnoseTest, ProcessesShareNoDevice) {
  Evidence e = half_lost();
  e.condition.kind = WorkerKind::processes;
  e.compute_units = 2;
  e.devices = 8;
  e.cell.groups = 2;  // fills one of the devices
  e.cell.overlap = 7.2;
  EXPECT_EQ(diagnose(e).cause, Cause::saturated);
  EXPECT_THAT(diagnose(e).text, HasSubstr("all 16 units 90 %"));
  e.cell.overlap = 4;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  EXPECT_THAT(diagnose(e).text, HasSubstr("room for 8.0"));
  // Neither units nor locks of a library reach across processes.
  e.library_call = true;
  e.cell.groups = 0;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
  e.cell.execute_p50_ns *= 4;
  EXPECT_EQ(diagnose(e).cause, Cause::contended);
}

TEST(DiagnoseTest, MoreWorkersThanProcessors) {
  Evidence e = half_lost(SyncMode::device);
  e.processors = 4;
  e.cell.overlap = 4;
  e.cell.after_share = 0.5;
  // 0.5 is what four processors can give eight workers: the sync call costs nothing.
  EXPECT_EQ(diagnose(e).cause, Cause::oversubscribed);
  EXPECT_THAT(diagnose(e).text, HasSubstr("8 workers on 4 processors"));
  e.efficiency = 0.3;
  EXPECT_EQ(diagnose(e).cause, Cause::sync_call);
  e.cell.after_share = 0.05;
  EXPECT_EQ(diagnose(e).cause, Cause::oversubscribed);
  e.processors = 8;
  EXPECT_EQ(diagnose(e).cause, Cause::starved);
}

}  // namespace
}  // namespace assay::scaling
