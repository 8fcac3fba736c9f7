// SPDX-License-Identifier: MIT
// Conditions whose workers are processes: a pool of them, each with a device of its
// own, that start at an agreed time.
#ifndef ASSAY_REGRESSION_SCALING_PROCESSES_H_
#define ASSAY_REGRESSION_SCALING_PROCESSES_H_

#include <atomic>
#include <cstdint>
#include <future>
#include <vector>

#include "regression/pool/pool.h"
#include "regression/scaling/task.h"

namespace assay::scaling {

class Processes {
 public:
  // `options` says how to start a worker that runs pool_main(), and how many there may
  // be. `task` has no conditions; a 0 for its iterations or chain steps is settled by
  // the first worker and used by all. Throws Error when a worker cannot do the task.
  Processes(const pool::Options& options, Task task, const std::atomic<bool>& cancel);

  std::uint32_t iterations() const noexcept { return task_.iterations; }
  std::uint64_t chain_steps() const noexcept { return task_.work.chain_steps; }

  // One run with `condition.workers` processes, one worker each. What becomes of a
  // process is Cell::failure. Throws Error(aborted) once cancelled.
  Cell run(const Condition& condition);

 private:
  TaskReply get(std::future<pool::Reply> future);
  std::vector<Cell> ask(const Condition& condition, std::uint64_t start_ns);

  Task task_;
  const std::atomic<bool>& cancel_;
  double margin_s_;  // from the request to the agreed start
  pool::Pool pool_;
};

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_PROCESSES_H_
