// SPDX-License-Identifier: MIT
// The decision matrix, from made-up rows with one right answer each.
#include "regression/scaling/advise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// Rounds enough for an interval; the rate of a condition is 1000 times `rate` of it.
template <typename Rate>
Report report_with(const Sweep& sweep, const Rate& rate) {
  Report report = made_up_report();
  Arm& arm = report.arms.front();
  arm.conditions = conditions(sweep);
  arm.cells.clear();
  for (const Condition& condition : arm.conditions) {
    Cell cell = made_up_cell(condition.workers);
    cell.operations = 1000 * rate(condition);
    arm.cells.emplace_back(7, cell);
  }
  return report;
}

Sweep everything() {
  Sweep sweep;
  sweep.workers = {1, 4};
  sweep.kinds = {WorkerKind::threads, WorkerKind::processes};
  sweep.sync_modes = {SyncMode::device, SyncMode::event};
  sweep.batch = {1, 16};
  return sweep;
}

std::vector<Advice> lines(const std::vector<Advice>& all, Situation situation) {
  std::vector<Advice> found;
  for (const Advice& advice : all) {
    if (advice.situation == situation) found.push_back(advice);
  }
  return found;
}

TEST(AdviseTest, EachLineFollowsItsRows) {
  // Device sync does not scale, a shared queue less, processes best, batches double.
  const Report report = report_with(everything(), [](const Condition& c) {
    double rate = c.batch == 16 ? 20 : 10;
    if (c.workers == 1) return rate;
    if (c.kind == WorkerKind::processes) return 3.8 * rate;
    if (c.sync_mode == SyncMode::device) return 1.1 * rate;
    return (c.shared_queue ? 0.9 : 3) * rate;
  });
  const std::vector<Row> rows = rows_of(report);
  const std::vector<Advice> all = advise(rows);

  const auto single = lines(all, Situation::single_stream);
  ASSERT_EQ(single.size(), 1U);
  EXPECT_EQ(single[0].advice, "no difference");

  const auto threads = lines(all, Situation::threads);
  ASSERT_EQ(threads.size(), 3U);
  EXPECT_EQ(threads[0].advice, "event sync");
  EXPECT_THAT(threads[0].because, HasSubstr("2.73 x [2.73, 2.73] the rate of device"));
  EXPECT_EQ(threads[1].advice, "a queue each");
  EXPECT_EQ(threads[2].advice, "4 threads");
  ASSERT_EQ(threads[0].rows.size(), 2U);
  EXPECT_EQ(id(threads[0].rows[0]->condition),
            "threads.event.own.every-1.depth-0.batch-1.workers-4");
  EXPECT_EQ(threads[0].rows[1]->condition.sync_mode, SyncMode::device);

  const auto processes = lines(all, Situation::processes);
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_EQ(processes[0].advice, "4 processes");
  const auto batching = lines(all, Situation::batching);
  ASSERT_EQ(batching.size(), 1U);
  EXPECT_EQ(batching[0].advice, "batches of 16");
  const auto most = lines(all, Situation::throughput);
  ASSERT_EQ(most.size(), 1U);
  EXPECT_THAT(most[0].advice, HasSubstr("4 process(es)"));
  EXPECT_THAT(most[0].because, HasSubstr("76000 operations a second"));

  const std::string text = to_text(report, all);
  EXPECT_THAT(text, HasSubstr("rests on threads.device.own.every-1"));
  const std::string json = json::to_text(to_json(report, rows, all));
  EXPECT_THAT(json, HasSubstr("\"assay.advice\""));
}

TEST(AdviseTest, AFullDeviceIsSaid) {
  Report report = report_with(
      everything(), [](const Condition& c) { return c.workers == 1 ? 10.0 : 10.1; });
  report.arms.front().flops = 0.8 * 1600e9 / 10'000;
  const auto threads = lines(advise(rows_of(report)), Situation::threads);
  EXPECT_EQ(threads[0].advice, "no difference");
  EXPECT_THAT(threads[0].because, HasSubstr("saturated: 81 % of the FMA peak"));
  EXPECT_EQ(lines(advise(rows_of(report)), Situation::throughput)[0].advice,
            "one thread");
}

TEST(AdviseTest, WhatRoundsDoNotShowIsNotDecided) {
  Report report = report_with(everything(), [](const Condition& c) {
    return c.sync_mode == SyncMode::event ? 20.0 : 10.0;
  });
  std::vector<Row> rows = rows_of(report);
  EXPECT_EQ(lines(advise(rows), Situation::single_stream)[0].advice, "event sync");
  for (auto& cells : report.arms.front().cells) cells.resize(5);
  rows = rows_of(report);
  EXPECT_EQ(lines(advise(rows), Situation::single_stream)[0].advice, "cannot tell")
      << "five rounds have no interval";
  report.arms.front().cells.front().front().failure = "wrong result: element 3";
  rows = rows_of(report);
  const Advice wrong = lines(advise(rows), Situation::single_stream)[0];
  EXPECT_EQ(wrong.advice, "cannot tell");
  EXPECT_THAT(wrong.because, HasSubstr("wrong result: element 3"));
}

TEST(AdviseTest, NoLineWithoutItsRows) {
  Sweep sweep;
  sweep.workers = {1};
  sweep.sync_modes = {SyncMode::event};
  sweep.shared_queues = {false};
  const Report report = report_with(sweep, [](const Condition&) { return 10.0; });
  const std::vector<Row> rows = rows_of(report);
  const std::vector<Advice> all = advise(rows);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].situation, Situation::throughput);
}

TEST(AdviseTest, NobodyIsAdvisedToDoWithoutADevice) {
  Sweep sweep = everything();
  sweep.bare = true;
  const Report report =
      report_with(sweep, [](const Condition& c) { return c.bare ? 1000.0 : 10.0; });
  const std::vector<Row> rows = rows_of(report);
  for (const Advice& advice : advise(rows)) {
    for (const Row* row : advice.rows) EXPECT_FALSE(row->condition.bare);
  }
}

TEST(AdviseTest, AContrastNeedsItsWholeInterval) {
  Report report = report_with(everything(), [](const Condition& c) {
    return c.sync_mode == SyncMode::event ? 10.6 : 10.0;
  });
  std::vector<Row> rows = rows_of(report);
  const Row* const device = rows.data();
  const Row* event = nullptr;
  Condition wanted = device->condition;
  wanted.sync_mode = SyncMode::event;
  for (const Row& row : rows) {
    if (row.condition == wanted) event = &row;
  }
  EXPECT_EQ(contrast(event, device).outcome, Contrast::Outcome::first);
  EXPECT_EQ(contrast(device, event).outcome, Contrast::Outcome::second);
  EXPECT_EQ(contrast(event, event).outcome, Contrast::Outcome::alike);
  EXPECT_EQ(contrast(event, nullptr).outcome, Contrast::Outcome::not_known);
  // One round of seven in which it was the other way round: the interval has it.
  const std::size_t at = static_cast<std::size_t>(event - rows.data());
  report.arms.front().cells[at][3].operations = 9'900;
  EXPECT_EQ(contrast(event, device).outcome, Contrast::Outcome::not_known);
}

}  // namespace
}  // namespace assay::scaling
