// SPDX-License-Identifier: MIT
#include "regression/scaling/log.h"

#include <algorithm>
#include <limits>

namespace assay::scaling {
namespace {

double difference(std::uint64_t end, std::uint64_t begin) {
  return end > begin ? static_cast<double>(end - begin) : 0.0;
}

// A sum over those items that are known, extended to all of them.
struct Extended {
  double sum = 0;
  std::size_t known = 0;
  std::size_t all = 0;

  void add(std::optional<double> value) {
    ++all;
    if (!value) return;
    ++known;
    sum += *value;
  }
  double total() const {
    if (all == 0) return 0;
    if (known == 0) return kUnknown;
    return sum * static_cast<double>(all) / static_cast<double>(known);
  }
};

// From when the wait had begun and the own work had ended, to its return.
std::optional<double> after_own_work(const WorkerLog& log, const Wait& wait) {
  if (log.times.empty()) return std::nullopt;  // there was no device
  const auto& times = log.times.at(wait.submission);
  if (!times) return std::nullopt;
  return difference(wait.end_ns, std::max(wait.begin_ns, times->ended_ns));
}

}  // namespace

Cell cell_of(std::span<const WorkerLog> logs) {
  Cell cell;
  std::vector<double> submits;
  std::vector<double> waits;
  std::vector<double> latencies;
  std::vector<double> executions;
  Extended executing;
  Extended after;
  double busy = 0;  // the workers' time
  double waiting = 0;
  double submitting = 0;
  std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t end = 0;
  for (const WorkerLog& log : logs) {
    begin = std::min(begin, log.begin_ns);
    end = std::max(end, log.end_ns);
    busy += difference(log.end_ns, log.begin_ns);
    for (const double time : log.submit_ns) submitting += time;
    submits.insert(submits.end(), log.submit_ns.begin(), log.submit_ns.end());
    for (const Wait& wait : log.waits) {
      waiting += difference(wait.end_ns, wait.begin_ns);
      if (!wait.last) waits.push_back(difference(wait.end_ns, wait.begin_ns));
      after.add(after_own_work(log, wait));
    }
    for (const auto& times : log.times) {
      std::optional<double> execution;
      if (times) {
        execution = difference(times->ended_ns, times->started_ns);
        executions.push_back(*execution);
        latencies.push_back(difference(times->ended_ns, times->enqueued_ns));
      }
      executing.add(execution);
    }
  }
  const double window = difference(end, begin);
  cell.seconds = window / 1e9;
  cell.submit_p50_ns = quantile(submits, 0.5);
  cell.submit_p95_ns = quantile(submits, 0.95);
  cell.wait_p50_ns = quantile(waits, 0.5);
  cell.wait_p95_ns = quantile(waits, 0.95);
  cell.latency_p50_ns = quantile(latencies, 0.5);
  cell.latency_p95_ns = quantile(latencies, 0.95);
  cell.execute_p50_ns = quantile(executions, 0.5);
  cell.submit_share = submitting / busy;
  cell.wait_share = waiting / busy;
  cell.after_share = after.total() / busy;
  cell.overlap = executing.total() / window;
  return cell;
}

}  // namespace assay::scaling
