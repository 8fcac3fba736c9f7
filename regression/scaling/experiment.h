// SPDX-License-Identifier: MIT
// A scaling experiment: every condition of every arm once a round, in measuring
// processes, in an order that turns from round to round.
#ifndef ASSAY_REGRESSION_SCALING_EXPERIMENT_H_
#define ASSAY_REGRESSION_SCALING_EXPERIMENT_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/measure/environment.h"
#include "regression/measure/run.h"
#include "regression/scaling/condition.h"
#include "regression/scaling/report.h"

namespace assay::scaling {

struct Request {
  std::string device = "vgpu://";
  std::string op = "matmul";                 // or "empty", "chain"
  std::vector<std::string> shapes;           // of an op
  std::vector<std::string> implementations;  // of an op; library rows too
  measure::Environment library_environment;  // over the library's own
  std::uint64_t seed = 1;
  double chain_us = 50;
  bool lend_one = false;
  Sweep sweep;
  std::uint32_t rounds = 5;
  bool confirm = false;          // try what each cause predicts (confirm.h)
  std::uint32_t iterations = 0;  // 0: as many as take cell_ms with one worker
  double cell_ms = 100;
  std::chrono::seconds worker_timeout{900};
  std::chrono::seconds time_budget{0};  // past it nothing new starts; 0: none
};

struct Outcome {
  Report report;
  measure::RunEnd end = measure::RunEnd::complete;
};

// Checks everything that can be checked first: throws Error (invalid_argument,
// not_supported, unavailable). Failures of processes are in the report. `progress` is
// called from this thread with what is being done.
Outcome run(const Request& request, std::span<const Op* const> ops,
            const std::atomic<bool>& cancel,
            const std::function<void(const std::string&)>& progress);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_EXPERIMENT_H_
