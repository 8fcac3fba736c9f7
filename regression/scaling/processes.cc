// SPDX-License-Identifier: MIT
#include "regression/scaling/processes.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "regression/measure/timing.h"

namespace assay::scaling {
namespace {

using measure::Clock;

// Between request and start everybody warms up, which takes about a tenth of a cell.
// Twice that and some room for a busy machine; doubled when it was too short.
constexpr double kMarginShare = 0.2;
constexpr double kLeastMarginS = 0.05;
constexpr double kMostMarginS = 20;
// Later than this share of the run is too late: it would pass for a loss of speed.
// Below 50 us it is the clock and the scheduler, which no margin cures.
constexpr double kTooLate = 0.02;
constexpr double kUnavoidableS = 50e-6;
constexpr int kAttempts = 6;

std::string text_of(Task task, const Condition& condition, std::uint64_t start_ns) {
  task.conditions = {condition};
  return to_message(PoolTask{std::move(task), start_ns});
}

// Workers take turns, so that as many requests as there are workers reach all of them;
// none may wait behind another.
pool::Options one_request_each(pool::Options options) {
  options.depth = 1;
  return options;
}

}  // namespace

Processes::Processes(const pool::Options& options, Task task,
                     const std::atomic<bool>& cancel)
    : task_(std::move(task)),
      cancel_(cancel),
      margin_s_(std::max(kLeastMarginS, kMarginShare * task_.cell_ms / 1e3)),
      pool_(one_request_each(options)) {
  task_.conditions.clear();
  // One alone first: its calibration is not disturbed by others.
  const TaskReply reply =
      get(pool_.submit({"calibration", text_of(task_, Condition(), 0)}));
  task_.iterations = reply.iterations;
  task_.work.chain_steps = reply.chain_steps;
  Condition everybody;
  everybody.workers = options.workers;
  ask(everybody, 0);
}

TaskReply Processes::get(std::future<pool::Reply> future) {
  while (future.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (cancel_.load()) throw Error(StatusCode::aborted, "cancelled");
  }
  const pool::Reply reply = future.get();
  if (!reply.ok()) throw Error(StatusCode::internal, reply.description());
  return parse_task_reply(reply.text);
}

std::vector<Cell> Processes::ask(const Condition& condition, std::uint64_t start_ns) {
  std::vector<std::future<pool::Reply>> futures;
  for (std::uint32_t i = 0; i < condition.workers; ++i) {
    futures.push_back(pool_.submit(
        {"process " + std::to_string(i + 1), text_of(task_, condition, start_ns)}));
  }
  std::vector<Cell> cells;
  for (auto& future : futures) {
    for (Cell& cell : get(std::move(future)).cells) cells.push_back(std::move(cell));
  }
  return cells;
}

Cell Processes::run(const Condition& condition) {
  Cell merged;
  try {
    for (int i = 0; i < kAttempts; ++i) {
      const auto start = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(margin_s_));
      const auto start_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
          start.time_since_epoch());
      const std::vector<Cell> cells =
          ask(condition, static_cast<std::uint64_t>(start_ns.count()));
      merged = merged_cell(cells);
      double late = 0;
      for (const Cell& cell : cells) late = std::max(late, cell.begin_s);
      if (late <= std::max(kUnavoidableS, kTooLate * merged.seconds)) return merged;
      // Else somebody had its processor at the wrong moment: once more.
      if (late > margin_s_ / 10) margin_s_ = std::min(kMostMarginS, 2 * margin_s_);
    }
    merged.failure = kApart;
  } catch (const Error& error) {
    if (cancel_.load()) throw;
    merged.failure = error.what();
  }
  return merged;
}

}  // namespace assay::scaling
