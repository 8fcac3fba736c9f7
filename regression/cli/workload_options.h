// SPDX-License-Identifier: MIT
// The options of the commands that run a program of their own: trace and perturb.
#ifndef ASSAY_REGRESSION_CLI_WORKLOAD_OPTIONS_H_
#define ASSAY_REGRESSION_CLI_WORKLOAD_OPTIONS_H_

#include <cstdint>
#include <span>
#include <string>

#include "kernels/common/op.h"
#include "regression/cli/command.h"
#include "regression/measure/workload.h"

namespace assay::cli {

struct WorkloadArguments {
  std::string device = "vgpu://";
  std::string op;
  std::uint64_t size = 256;
  std::string shape;
  std::string implementation;  // empty: the last custom one of the op
  std::string queues = "own";
  std::string sync_mode = "event";
  measure::WorkloadOptions workload;
};

void add_workload_options(Command& command, WorkloadArguments& arguments);

// Throws invalid_argument for an unknown op or mode.
const Op& op_of(const WorkloadArguments& arguments, std::span<const Op* const> ops);
measure::WorkloadOptions to_options(const WorkloadArguments& arguments, const Op& op);

// "matmul 256x256x256 packed, 2 threads with queues of their own, event sync every 1"
std::string describe(const WorkloadArguments& arguments,
                     const measure::WorkloadOptions& options);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_WORKLOAD_OPTIONS_H_
