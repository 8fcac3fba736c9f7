// SPDX-License-Identifier: MIT
// The options of a scaling experiment, with the names of the programs it comes from
// where they had one (--threads, --op, --size, --elements, --iters, --sync-mode,
// --sync-every).
#ifndef ASSAY_REGRESSION_CLI_SCALING_OPTIONS_H_
#define ASSAY_REGRESSION_CLI_SCALING_OPTIONS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "regression/cli/command.h"
#include "regression/scaling/experiment.h"

namespace assay::cli {

struct Context;  // regression/cli/commands.h

struct ScalingArguments {
  std::string device = "vgpu://";
  std::string op;
  std::string sizes;
  std::string shapes;
  std::uint64_t elements = 0;
  std::string implementations;  // empty: the op's last custom one that runs there
  std::string dtype = "f32";
  std::string threads = "1,2,4,8";
  std::string workers = "threads";
  std::string sync_modes = "device,event,none";
  std::string queues = "own,shared";
  std::string sync_every = "1";
  std::string in_flight = "0";
  std::string batch = "1";
  std::string library_units = "all";
  std::vector<std::string> library_env;
  std::uint32_t time_budget_s = 0;
  std::uint32_t worker_timeout_s = 900;
  scaling::Request request;  // the numbers that need no parsing
};

void add_scaling_options(Command& command, ScalingArguments& arguments);

// Throws invalid_argument naming the option.
scaling::Request to_request(const ScalingArguments& arguments,
                            std::span<const Op* const> ops);

// The experiment, with a line that says how it goes on; its report has the command
// line. Checked before anything is measured: the arguments, and that `json`, where it
// is a file, can be written. Throws as to_request(), scaling::run() and
// require_writable().
scaling::Outcome run_experiment(const ScalingArguments& arguments,
                                const std::string& json, const Context& context);

}  // namespace assay::cli

#endif  // ASSAY_REGRESSION_CLI_SCALING_OPTIONS_H_
