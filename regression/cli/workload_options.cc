// SPDX-License-Identifier: MIT
#include "regression/cli/workload_options.h"

#include <fmt/format.h>

#include "regression/measure/pair_run.h"

namespace assay::cli {

void add_workload_options(Command& command, WorkloadArguments& a) {
  command.add_option("--device", a.device, "device URI (see 'assay list')")
      .show_default();
  command.add_option("--op", a.op, "the op").show_default();
  command.add_option("--size", a.size, "its size").show_default();
  command.add_option("--shape", a.shape, "its shape, instead of a size");
  command.add_option("--impl", a.implementation,
                     "implementation [the op's last in 'assay list']");
  command.add_option("--threads", a.workload.threads, "threads that submit")
      .between(1U, 256U)
      .show_default();
  command.add_option("--queues", a.queues, "a queue for each thread, or one for all")
      .one_of({"own", "shared"})
      .show_default();
  command.add_option("--iters", a.workload.iterations, "submissions of each thread")
      .between(1U, 1'000'000U)
      .show_default();
  command.add_option("--warmup-iters", a.workload.warm_up, "before the clock starts")
      .between(0U, 1'000'000U)
      .show_default();
  command
      .add_option("--sync-mode", a.sync_mode,
                  "wait for the device, for the own last point, or for nothing")
      .one_of({"device", "event", "none"})
      .show_default();
  command
      .add_option("--sync-every", a.workload.sync_every,
                  "submissions between waits; 0: only at the end")
      .between(0U, 1'000'000U)
      .show_default();
  command.add_option("--seed", a.workload.seed, "of the inputs").show_default();
}

const Op& op_of(const WorkloadArguments& arguments, std::span<const Op* const> ops) {
  return measure::named_op(ops, arguments.op);
}

measure::WorkloadOptions to_options(const WorkloadArguments& arguments, const Op& op) {
  measure::WorkloadOptions options = arguments.workload;
  if (arguments.shape.empty() && arguments.size == 0) {
    throw Error(StatusCode::invalid_argument, "--size: there is nothing of size 0");
  }
  options.shape =
      arguments.shape.empty() ? op.shape_of_size(arguments.size) : arguments.shape;
  options.implementation = arguments.implementation;
  for (const Implementation& row : op.implementations()) {
    if (!arguments.implementation.empty()) break;
    if (row.provider == Provider::custom) options.implementation = row.name;
  }
  options.shared_queue = arguments.queues == "shared";
  options.sync_mode = measure::parse_sync_mode(arguments.sync_mode).value();
  return options;
}

std::string describe(const WorkloadArguments& arguments,
                     const measure::WorkloadOptions& options) {
  std::string cadence = "one wait at the end";
  if (options.sync_mode != measure::SyncMode::none && options.sync_every != 0) {
    cadence = fmt::format("{} sync every {}", to_string(options.sync_mode),
                          options.sync_every);
  }
  return fmt::format(
      "{} {} {}, {} thread{}, {}, {}", arguments.op, options.shape,
      options.implementation, options.threads, options.threads == 1 ? "" : "s",
      options.shared_queue ? "one shared queue" : "a queue a thread", cadence);
}

}  // namespace assay::cli
