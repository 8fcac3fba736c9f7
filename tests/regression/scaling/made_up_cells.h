// SPDX-License-Identifier: MIT
// Cells and reports with known answers.
#ifndef ASSAY_TESTS_REGRESSION_SCALING_MADE_UP_CELLS_H_
#define ASSAY_TESTS_REGRESSION_SCALING_MADE_UP_CELLS_H_

#include <cstdint>

#include "regression/scaling/report.h"

namespace assay::scaling {

// One-group operations of 50 us, `workers` of them at a time and nothing lost.
inline Cell made_up_cell(double workers) {
  Cell cell;
  cell.seconds = 1;
  cell.operations = 20'000 * workers;
  cell.submit_p50_ns = 200;
  cell.submit_p95_ns = 400;
  cell.wait_p50_ns = 49'000;
  cell.wait_p95_ns = 52'000;
  cell.latency_p50_ns = 50'000;
  cell.latency_p95_ns = 51'000;
  cell.execute_p50_ns = 49'000;
  cell.submit_share = 0.004;
  cell.wait_share = 0.99;
  cell.after_share = 0.01;
  cell.overlap = 0.98 * workers;
  cell.groups = 1;
  cell.traced_work = cell.overlap;
  cell.traced_submit_share = cell.submit_share;
  cell.traced_sync_share = cell.wait_share;
  return cell;
}

// A machine with 16 processors and an arm on all of them: 1, 2, ... workers, event and
// device sync, three equal rounds of perfect scaling.
inline Report made_up_report(std::vector<std::uint32_t> workers = {1, 2, 4}) {
  Report report;
  report.run.machine.cpus = 16;
  report.run.machine.cpu_model = "made up";
  report.run.machine.l3_bytes = 32 << 20;
  Arm arm;
  arm.work.shape = "64x64x64";
  arm.work.implementation = "packed";
  arm.device = "vgpu://?cus=16";
  arm.compute_units = 16;
  arm.ceilings = {1600, 100, 80};
  arm.flops = 1e6;  // 20 GFLOP/s a worker
  arm.bytes = 3 * 64 * 64 * 4;
  arm.traffic_bytes = 4 * 64 * 64 * 4;
  arm.iterations = 100;
  Sweep sweep;
  sweep.workers = std::move(workers);
  sweep.sync_modes = {SyncMode::device, SyncMode::event};
  sweep.shared_queues = {false};
  arm.conditions = conditions(sweep);
  for (const Condition& condition : arm.conditions) {
    arm.cells.emplace_back(3, made_up_cell(condition.workers));
  }
  report.arms.push_back(std::move(arm));
  return report;
}

}  // namespace assay::scaling

#endif  // ASSAY_TESTS_REGRESSION_SCALING_MADE_UP_CELLS_H_
