// SPDX-License-Identifier: MIT
#include "regression/cli/scaling_options.h"

#include <charconv>
#include <memory>
#include <utility>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/measure/pair_run.h"

namespace assay::cli {
namespace {

constexpr std::uint32_t kMostWorkers = 256;
constexpr std::uint32_t kMostSubmissions = 1'000'000;

std::vector<std::uint32_t> numbers(const std::string& text, const std::string& option,
                                   std::uint32_t low, std::uint32_t high) {
  std::vector<std::uint32_t> values;
  for (const std::string& item : split_list(text, option)) {
    std::uint32_t value = 0;
    const char* const end = item.data() + item.size();
    const auto [stop, error] = std::from_chars(item.data(), end, value);
    if (error != std::errc() || stop != end || value < low || value > high) {
      invalid(option + ": '" + item + "' is not a number from " + std::to_string(low) +
              " to " + std::to_string(high));
    }
    values.push_back(value);
  }
  return values;
}

template <typename Parse>
auto names(const std::string& text, const std::string& option, const std::string& known,
           const Parse& parse) {
  std::vector<typename decltype(parse(std::string()))::value_type> values;
  for (const std::string& item : split_list(text, option)) {
    const auto value = parse(item);
    if (!value) invalid(option + ": unknown '" + item + "'; there are " + known);
    values.push_back(*value);
  }
  return values;
}

std::optional<bool> parse_queues(const std::string& name) {
  if (name == "own") return false;
  if (name == "shared") return true;
  return std::nullopt;
}

// The last step of the op's ladder that runs on the device.
std::string best_implementation(const Op& op, const std::string& shape,
                                const std::string& uri) {
  const auto problem = op.make_problem(shape, DType::f32);
  const std::shared_ptr<Device> device = open_device(uri);
  const Implementation* const best = best_custom(op, *problem, device->caps());
  if (best == nullptr || best->unsupported(*problem, device->caps())) {
    throw Error(StatusCode::not_supported,
                "no implementation of " + std::string(op.name()) + " runs on " + uri);
  }
  return std::string(best->name);
}

// What computes nothing that is known is no op of the table, and one may ask for it.
const Op& op_of(const std::string& name, std::span<const Op* const> ops) {
  try {
    return measure::named_op(ops, name);
  } catch (const Error& error) {
    throw Error(error.code(), std::string(error.what()) + ", and empty and chain");
  }
}

std::vector<std::string> shapes_of(const ScalingArguments& a, const Op& op) {
  std::vector<std::string> shapes;
  if (!a.sizes.empty()) {
    for (const std::string& size : split_list(a.sizes, "--sizes")) {
      shapes.push_back(op.shape_of_size(parse_size(size, "--sizes")));
    }
  }
  if (a.elements != 0) shapes.push_back(op.shape_of_size(a.elements));
  if (!a.shapes.empty()) {
    for (std::string& shape : split_list(a.shapes, "--shapes")) {
      shapes.push_back(std::move(shape));
    }
  }
  if (shapes.empty()) invalid("give --sizes, --elements or --shapes");
  return shapes;
}

void add_work(Command& command, ScalingArguments& a) {
  command.add_option("--device", a.device, "device URI (see 'assay list')")
      .show_default();
  command
      .add_option("--op", a.op,
                  "an op, or 'empty' (one group that does nothing), or 'chain' (one "
                  "group that computes and touches no memory)")
      .show_default();
  command.add_option("--sizes,--size", a.sizes, "sizes, comma separated: 64,512");
  command.add_option("--elements", a.elements, "the size of axpy: 12000000");
  command.add_option("--shapes,--shape", a.shapes, "shapes, comma separated");
  command.add_option("--impl", a.implementations,
                     "implementations, libraries too: packed,openblas,openblas-serial "
                     "[the op's last in 'assay list']");
  command.add_option("--dtype", a.dtype, "element type").one_of({"f32"}).show_default();
}

void add_conditions(Command& command, ScalingArguments& a) {
  command.add_option("--threads", a.threads, "numbers of workers, comma separated")
      .show_default();
  command
      .add_option("--workers", a.workers,
                  "threads (of one process), processes (each with a device of its own)")
      .show_default();
  command.add_option("--sync-mode", a.sync_modes, "device, event, none").show_default();
  command
      .add_option("--queues", a.queues, "own (one each), shared (one for all workers)")
      .show_default();
  command
      .add_option("--sync-every", a.sync_every,
                  "submissions between waits, comma separated; 0: only at the end")
      .show_default();
  command
      .add_option("--in-flight", a.in_flight,
                  "most submissions of a worker under way, comma separated; 0: any")
      .show_default();
  command
      .add_option("--batch", a.batch, "operations in a command buffer, comma separated")
      .show_default();
}

}  // namespace

void add_scaling_options(Command& command, ScalingArguments& a) {
  add_work(command, a);
  add_conditions(command, a);
  command
      .add_option("--iters,--iterations", a.request.iterations,
                  "submissions of each worker, divided by the batch [as many as take "
                  "--cell-ms with one worker]")
      .between(1U, kMostSubmissions);
  command.add_option("--cell-ms", a.request.cell_ms, "length of a one-worker run")
      .between(0.1, 60000.0)
      .show_default();
  command.add_option("--kernel-us", a.request.chain_us, "length of op 'chain'")
      .between(0.1, 1e6)
      .show_default();
  command.add_option("--rounds", a.request.rounds, "each runs every condition once")
      .between(1U, 1000U)
      .show_default();
  command
      .add_option("--library-units", a.library_units,
                  "compute units lent to a library call: all, or one, so that calls of "
                  "several queues meet in the library")
      .one_of({"all", "one"})
      .show_default();
  command.add_flag(
      "--confirm", a.request.confirm,
      "tries what each row's cause predicts: a delay or lock in a call, or "
      "one condition changed; takes seconds a row");
  command.add_option("--library-env", a.library_env,
                     "NAME=VALUE for the library's process (repeatable)");
  command.add_option("--seed", a.request.seed, "of the inputs").show_default();
  command.add_option("--time-budget", a.time_budget_s,
                     "seconds; past it nothing new starts (exit 124)");
  command
      .add_option("--worker-timeout", a.worker_timeout_s,
                  "seconds one measuring process may take")
      .between(1U, 86400U)
      .show_default();
}

scaling::Request to_request(const ScalingArguments& a, std::span<const Op* const> ops) {
  scaling::Request request = a.request;
  request.device = a.device;
  request.op = a.op;
  if (!scaling::is_synthetic(a.op)) {
    const Op& op = op_of(a.op, ops);
    request.shapes = shapes_of(a, op);
    request.implementations =
        a.implementations.empty()
            ? std::vector{best_implementation(op, request.shapes.front(), a.device)}
            : split_list(a.implementations, "--impl");
  } else if (!a.sizes.empty() || !a.shapes.empty() || !a.implementations.empty()) {
    invalid("--op " + a.op + " has no size, shape or implementation");
  }
  request.lend_one = a.library_units == "one";
  for (const std::string& assignment : a.library_env) {
    request.library_environment.push_back(
        parse_assignment(assignment, "--library-env"));
  }
  scaling::Sweep& sweep = request.sweep;
  sweep.workers = numbers(a.threads, "--threads", 1, kMostWorkers);
  sweep.kinds =
      names(a.workers, "--workers", "threads, processes",
            [](const std::string& name) { return scaling::parse_worker_kind(name); });
  sweep.sync_modes =
      names(a.sync_modes, "--sync-mode", "device, event, none",
            [](const std::string& name) { return measure::parse_sync_mode(name); });
  sweep.shared_queues = names(a.queues, "--queues", "own, shared", parse_queues);
  sweep.sync_every = numbers(a.sync_every, "--sync-every", 0, kMostSubmissions);
  sweep.in_flight = numbers(a.in_flight, "--in-flight", 0, kMostSubmissions);
  sweep.batch = numbers(a.batch, "--batch", 1, 4096);
  sweep.bare = request.op == "chain";
  request.time_budget = std::chrono::seconds(a.time_budget_s);
  request.worker_timeout = std::chrono::seconds(a.worker_timeout_s);
  return request;
}

scaling::Outcome run_experiment(const ScalingArguments& arguments,
                                const std::string& json, const Context& context) {
  const scaling::Request request = to_request(arguments, context.ops);
  if (!json.empty() && json != "-") require_writable(json);
  watch_signals();
  ProgressLine progress;
  scaling::Outcome outcome =
      scaling::run(request, context.ops, interrupted(),
                   [&](const std::string& now) { progress.show(now); });
  progress.clear();
  outcome.report.run.command_line = context.arguments;
  return outcome;
}

}  // namespace assay::cli
