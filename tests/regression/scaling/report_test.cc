// SPDX-License-Identifier: MIT
// Rows, notes, exit codes and formats of made-up sessions.
#include "regression/scaling/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "regression/json/cursor.h"
#include "regression/scaling/task.h"
#include "tests/regression/scaling/made_up_cells.h"

namespace assay::scaling {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Row& row_with(const std::vector<Row>& rows, SyncMode mode,
                    std::uint32_t workers) {
  for (const Row& row : rows) {
    if (row.condition.sync_mode == mode && row.condition.workers == workers) return row;
  }
  throw Error(StatusCode::internal, "no such row");
}

std::vector<Cell>& cells_with(Report& report, SyncMode mode, std::uint32_t workers) {
  Arm& arm = report.arms.front();
  for (std::size_t i = 0; i < arm.conditions.size(); ++i) {
    if (arm.conditions[i].sync_mode == mode && arm.conditions[i].workers == workers) {
      return arm.cells[i];
    }
  }
  throw Error(StatusCode::internal, "no such cells");
}

TEST(ScalingReportTest, PerfectScalingHasEfficiencyOneAndNothingToNote) {
  const Report report = made_up_report();
  const std::vector<Row> rows = rows_of(report);
  ASSERT_EQ(rows.size(), 6U);
  const Row& four = row_with(rows, SyncMode::event, 4);
  EXPECT_DOUBLE_EQ(four.efficiency, 1);
  EXPECT_DOUBLE_EQ(four.rate, 80'000);
  EXPECT_DOUBLE_EQ(four.gflops, 80);
  EXPECT_EQ(four.peak, "FMA");
  EXPECT_DOUBLE_EQ(four.share_of_peak, 0.05);
  EXPECT_EQ(four.diagnosis.cause, Cause::scales);
  EXPECT_EQ(four.rounds, 3U);
  EXPECT_THAT(notes(report, rows), IsEmpty());
  EXPECT_EQ(exit_code_of(report, rows), 0);
}

TEST(ScalingReportTest, EachRoundIsMeasuredAgainstItsOwnBaseline) {
  Report report = made_up_report();
  // The machine is half as fast in the second round, in both runs alike.
  cells_with(report, SyncMode::event, 1)[1].seconds = 2;
  cells_with(report, SyncMode::event, 4)[1].seconds = 2;
  cells_with(report, SyncMode::event, 4)[2].seconds = 1.25;
  const std::vector<Row> rows = rows_of(report);
  // 1, 1 and 0.8; a ratio of medians would be 0.8.
  EXPECT_DOUBLE_EQ(row_with(rows, SyncMode::event, 4).efficiency, 1);
}

TEST(ScalingReportTest, OnlyTheSameConditionsAreABaseline) {
  Report report = made_up_report();
  for (Cell& cell : cells_with(report, SyncMode::event, 1)) cell.operations /= 2;
  EXPECT_DOUBLE_EQ(row_with(rows_of(report), SyncMode::device, 4).efficiency, 1);
  cells_with(report, SyncMode::device, 1).clear();
  const std::vector<Row> rows = rows_of(report);
  EXPECT_TRUE(std::isnan(row_with(rows, SyncMode::device, 4).efficiency));
  EXPECT_EQ(row_with(rows, SyncMode::device, 1).failure, "not measured");
  EXPECT_THAT(to_text(report, rows), HasSubstr("n/a"));
}

// Chains: nothing but the machine bounds them.
TEST(ScalingReportTest, WithoutADeviceThereIsTheCeilingOfTheSameRounds) {
  Report report = made_up_report();
  Arm& arm = report.arms.front();
  arm.flops = arm.bytes = arm.traffic_bytes = 0;
  EXPECT_EQ(row_with(rows_of(report), SyncMode::event, 4).peak, "");
  for (const std::uint32_t workers : {1U, 2U, 4U}) {
    Condition condition;
    condition.workers = workers;
    arm.conditions.push_back(bare_of(condition));
    arm.cells.emplace_back(3, made_up_cell(workers));
    // Twice the rate alone, and four workers have 0.9 of four times that; the first
    // round was slow for everybody.
    for (Cell& cell : arm.cells.back()) cell.operations *= workers == 4 ? 1.8 : 2;
    arm.cells.back()[0].seconds = 3;
  }
  for (Cell* cell : {cells_with(report, SyncMode::event, 1).data(),
                     cells_with(report, SyncMode::event, 4).data()}) {
    cell->seconds = 3;
  }
  const std::vector<Row> rows = rows_of(report);
  const Row& four = row_with(rows, SyncMode::event, 4);
  EXPECT_EQ(four.peak, "bare");
  EXPECT_DOUBLE_EQ(four.share_of_peak, 1 / 1.8);
  EXPECT_TRUE(std::isnan(four.evidence.share_of_peak)) << "no unit is full by that";
  const Row* const ceiling = ceiling_of(rows, four);
  ASSERT_NE(ceiling, nullptr);
  EXPECT_EQ(id(ceiling->condition), "threads.bare.workers-4");
  EXPECT_DOUBLE_EQ(ceiling->efficiency, 0.9);
  EXPECT_EQ(ceiling->peak, "") << "it is one";
  EXPECT_EQ(ceiling_of(rows, *ceiling), ceiling);
  EXPECT_THAT(to_text(report, rows), HasSubstr("what the machine has to give"));
  arm.cells.back()[1].failure = "process 2: the worker was killed";
  const std::vector<Row> without = rows_of(report);
  EXPECT_EQ(ceiling_of(without, row_with(without, SyncMode::event, 4)), nullptr);
}

TEST(ScalingReportTest, AWrongResultHasNoRate) {
  Report report = made_up_report();
  cells_with(report, SyncMode::event, 4)[1].failure = "wrong result: element 3";
  const std::vector<Row> rows = rows_of(report);
  const Row& wrong = row_with(rows, SyncMode::event, 4);
  EXPECT_EQ(wrong.failure, "wrong result: element 3");
  EXPECT_EQ(wrong.rate, 0);
  EXPECT_EQ(exit_code_of(report, rows), 3);
  EXPECT_THAT(to_text(report, rows), HasSubstr("4  wrong result: element 3"));
  const std::string json = json::to_text(to_json(report, rows));
  EXPECT_THAT(json, HasSubstr("wrong result: element 3"));
  // Nor has the other workers' count a baseline that is wrong.
  report = made_up_report();
  for (Cell& cell : cells_with(report, SyncMode::event, 1))
    cell.failure = "wrong result";
  EXPECT_TRUE(std::isnan(row_with(rows_of(report), SyncMode::event, 2).efficiency));
}

TEST(ScalingReportTest, ARoundThatStartedApartIsLeftOut) {
  Report report = made_up_report();
  std::vector<Cell>& cells = cells_with(report, SyncMode::event, 4);
  cells[0].failure = kApart;
  cells[0].seconds = 100;
  std::vector<Row> rows = rows_of(report);
  EXPECT_DOUBLE_EQ(row_with(rows, SyncMode::event, 4).efficiency, 1);
  EXPECT_EQ(row_with(rows, SyncMode::event, 4).rounds, 2U);
  for (Cell& cell : cells) cell.failure = kApart;
  rows = rows_of(report);
  EXPECT_EQ(row_with(rows, SyncMode::event, 4).failure, kApart);
  EXPECT_EQ(exit_code_of(report, rows), 0);
  for (Cell& cell : cells) cell.failure = "process 2: the worker was killed";
  EXPECT_EQ(exit_code_of(report, rows_of(report)), 70);
}

TEST(ScalingReportTest, ARateAboveThePeakIsAnError) {
  Report report = made_up_report();
  report.arms.front().flops = 1.05 * 1600e9 / 80'000;
  std::vector<Row> rows = rows_of(report);
  EXPECT_EQ(exit_code_of(report, rows), 0);
  report.arms.front().flops *= 1.001;
  rows = rows_of(report);
  EXPECT_EQ(exit_code_of(report, rows), 3);
  EXPECT_THAT(notes(report, rows), Contains(HasSubstr("IMPLAUSIBLE")));
}

TEST(ScalingReportTest, WhatMovesMemoryIsHeldAgainstTheTriad) {
  Report report = made_up_report();
  Arm& arm = report.arms.front();
  arm.flops = 24e6;
  arm.bytes = 144e6;
  arm.traffic_bytes = 144e6;
  for (auto& rounds : arm.cells) {
    for (Cell& cell : rounds) cell.operations /= 100;
  }
  const std::vector<Row> rows = rows_of(report);
  const Row& four = row_with(rows, SyncMode::event, 4);
  EXPECT_EQ(four.peak, "triad");
  // 800 x 144 MB against 80 GB/s and the lines that a triad reads to write them.
  EXPECT_NEAR(four.share_of_peak, 115.2 / (80 * 4 / 3.0), 1e-9);
  EXPECT_DOUBLE_EQ(four.gbs, 115.2);
  // What fits into the cache has no such bound.
  arm.flops = 1e5;
  arm.bytes = 1e6;
  arm.traffic_bytes = 1e6;
  EXPECT_EQ(row_with(rows_of(report), SyncMode::event, 4).peak, "");
}

TEST(ScalingReportTest, ProcessesBringTheirUnits) {
  Report report = made_up_report({1, 2, 32});
  Arm& arm = report.arms.front();
  arm.compute_units = 1;
  for (Condition& condition : arm.conditions) condition.kind = WorkerKind::processes;
  const std::vector<Row> rows = rows_of(report);
  EXPECT_DOUBLE_EQ(row_with(rows, SyncMode::event, 2).share_of_peak, 40.0 / 200);
  EXPECT_DOUBLE_EQ(row_with(rows, SyncMode::event, 32).share_of_peak, 640.0 / 1600)
      << "no more units than processors";
}

TEST(ScalingReportTest, NotesWhatDoesNotAddUp) {
  Report report = made_up_report();
  // One worker with event sync, held back by something: half of device sync's rate.
  auto& cells = cells_with(report, SyncMode::event, 1);
  for (Cell& cell : cells) cell.operations /= 2.2;
  std::vector<std::string> found = notes(report, rows_of(report));
  EXPECT_THAT(found, Contains(HasSubstr("do not trust either baseline")));
  // Three rounds have no interval; from six on it shows that 2.2 is above 1.
  EXPECT_THAT(found, Not(Contains(HasSubstr("held back"))));
  Arm& arm = report.arms.front();
  for (auto& rounds : arm.cells) rounds.resize(6, rounds.front());
  EXPECT_THAT(notes(report, rows_of(report)), Contains(HasSubstr("held back")));

  report.arms.front().failure = "the worker was killed by signal 11";
  report.arms.front().audit.impaired = true;
  report.arms.front().audit.reason = "core Haswell";
  found = notes(report, rows_of(report));
  EXPECT_THAT(found, Contains(HasSubstr("signal 11")));
  EXPECT_THAT(found, Contains(HasSubstr("core Haswell")));
  EXPECT_EQ(exit_code_of(report, rows_of(report)), 70);
}

TEST(ScalingReportTest, JsonHasEveryRoundAndReadsBack) {
  const Report report = made_up_report();
  const std::vector<Row> rows = rows_of(report);
  const json::Value document = json::parse(json::to_text(to_json(report, rows)));
  const json::Cursor root(document);
  expect_schema(root, kSchema, kSchemaMajor);
  const auto arms = root.at("arms").items(1);
  const auto items = arms[0].at("rows").items(6);
  EXPECT_EQ(items[5].at("id").as_string(), id(rows[5].condition));
  EXPECT_EQ(condition_at(items[5].at("conditions")), rows[5].condition);
  const auto rounds = items[5].at("rounds").items(3);
  for (const Figure& figure : figures()) {
    const double written = report.arms[0].cells[5][2].*figure.value;
    EXPECT_EQ(cell_at(rounds[2]).*figure.value, written) << figure.name;
  }
  EXPECT_EQ(items[5].at("cause").as_string(), "scales");
}

TEST(CellTest, MediansLeaveOutWhatIsNotKnown) {
  std::vector<Cell> cells(4, made_up_cell(1));
  cells[0].overlap = kUnknown;
  cells[1].overlap = 2;
  cells[2].overlap = 3;
  cells[3].overlap = 100;
  cells[3].failure = "wrong result";
  EXPECT_DOUBLE_EQ(median_cell(cells).overlap, 2.5);
  EXPECT_TRUE(std::isnan(median_cell({}).overlap));
  std::vector<double> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(quantile(values, 0.5), 3);
  EXPECT_EQ(quantile(values, 0.95), 5);
  EXPECT_EQ(quantile(values, 1), 5);
  values.clear();
  EXPECT_TRUE(std::isnan(quantile(values, 0.5)));
}

}  // namespace
}  // namespace assay::scaling
