// SPDX-License-Identifier: MIT
// `assay compare`: custom implementations against vendor libraries.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/contestants.h"
#include "regression/cli/options.h"
#include "regression/cli/outcome.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/run.h"

namespace assay::cli {
namespace {

struct CompareOptions {
  std::string op;
  std::string sizes;
  std::string shapes;
  std::string dtype = "f32";
  std::string device = "vgpu://";
  std::string implementations;  // empty: the op's best
  std::string libraries;        // empty: all that the op has rows for
  std::vector<std::string> library_env;
  std::string scopes = "kernel";
  std::uint32_t threads = 0;
  std::uint64_t seed = 1;
  std::string data = "uniform";
  std::uint32_t processes = 5;
  std::uint32_t blocks = 3;
  double epoch_ms = 10;
  std::string only;
  std::string json;
  std::string markdown;
  std::uint32_t time_budget_s = 0;
  std::uint32_t worker_timeout_s = 120;
  bool strict = false;
};

template <typename Parsed, typename Range>
Parsed parse_name(const std::string& text, const std::string& option,
                  std::optional<Parsed> parsed, const Range& all) {
  if (parsed) return *parsed;
  std::string known;
  for (const Parsed value : all) {
    known.append(known.empty() ? "" : ", ").append(to_string(value));
  }
  invalid(option + ": unknown '" + text + "'; there are " + known);
}

std::vector<std::string> shapes_of(const Op& op, const CompareOptions& options) {
  std::vector<std::string> shapes;
  if (!options.sizes.empty()) {
    for (const std::string& size : split_set(options.sizes, "--sizes")) {
      shapes.push_back(op.shape_of_size(parse_size(size, "--sizes")));
    }
  }
  if (!options.shapes.empty()) {
    for (std::string& shape : split_set(options.shapes, "--shapes")) {
      shapes.push_back(std::move(shape));
    }
  }
  if (shapes.empty()) {
    invalid("give --sizes, as 256,512, or --shapes of the form " +
            std::string(op.shape_form()));
  }
  for (const std::string& shape : shapes) (void)problem_to_measure(op, shape);
  return shapes;
}

measure::RunRequest to_request(const CompareOptions& options,
                               std::span<const Op* const> ops) {
  measure::RunRequest request;
  request.op = &measure::named_op(ops, options.op);
  if (options.dtype != to_string(DType::f32)) {
    invalid("--dtype: unknown '" + options.dtype + "'; there is f32");
  }
  request.shapes = shapes_of(*request.op, options);
  request.device = with_threads(options.device, options.threads);
  const std::shared_ptr<Device> device = open_device(request.device);
  const auto first = request.op->make_problem(request.shapes.front(), DType::f32);
  if (!options.implementations.empty()) {
    request.implementations = split_set(options.implementations, "--impl");
  }
  const Libraries libraries =
      options.libraries.empty()
          ? libraries_of(*request.op, *first, device->caps())
          : Libraries{split_set(options.libraries, "--library"), ""};
  request.no_library_because = libraries.none_because;
  for (const std::string& name : libraries.names) {
    request.libraries.push_back(vendor::resolve_library(name));
  }
  for (const std::string& assignment : options.library_env) {
    request.library_environment.push_back(
        parse_assignment(assignment, "--library-env"));
  }
  for (const std::string& name : split_set(options.scopes, "--scope")) {
    request.scopes.push_back(
        parse_name(name, "--scope", measure::parse_scope(name), measure::kOpScopes));
  }
  request.data = parse_name(options.data, "--data", parse_data_family(options.data),
                            kAllDataFamilies);
  request.seed = options.seed;
  request.processes = options.processes;
  request.blocks = options.blocks;
  request.epoch_ms = options.epoch_ms;
  request.worker_timeout = std::chrono::seconds(options.worker_timeout_s);
  request.time_budget = std::chrono::seconds(options.time_budget_s);
  request.only = options.only;
  return request;
}

int run_compare(const CompareOptions& options, const Context& context) {
  const measure::RunRequest request = to_request(options, context.ops);
  std::vector<std::string> files;
  for (const std::string& path : {options.json, options.markdown}) {
    if (!path.empty() && path != "-") files.push_back(path);
  }
  require_writable(files);
  if (options.json == "-" && options.markdown == "-") {
    invalid("--json - and --markdown - both want standard output");
  }
  watch_signals();
  ProgressLine progress;
  measure::RunOutcome outcome =
      measure::run(request, interrupted(), [&](const measure::RunProgress& now) {
        progress.show(fmt::format("[{}/{}] {}", now.done, now.total, now.now));
      });
  progress.clear();
  outcome.results.command_line = context.arguments;
  return finish_run(outcome, {options.json, options.markdown, options.strict});
}

void add_contestants(Command& command, CompareOptions& o) {
  command.add_option("--op", o.op, "the op").show_default();
  command.add_option(
      "--sizes", o.sizes,
      "sizes, comma separated: 256,512; of matmul 256x256x256 and 512x512x512");
  command.add_option(
      "--shapes", o.shapes,
      "shapes, comma separated: 512x64x1024:tn:beta=1 (see 'assay list')");
  command
      .add_option("--dtype", o.dtype,
                  "element type: f32; of 16 bits are ops of their own, as matmul_bf16")
      .show_default();
  command.add_option("--device", o.device, "device URI (see 'assay list')")
      .show_default();
  command.add_option("--threads", o.threads, "compute units, for a URI without cus=")
      .between(1U, 256U);
  command.add_option(
      "--impl", o.implementations,
      "custom implementations [of each shape the op's last in 'assay list' "
      "that takes it]");
  command.add_option(
      "--library", o.libraries,
      "libraries: names or paths to any CBLAS .so; the best is quoted "
      "[those of 'assay list' that have the first shape; on a GPU cublas, where CUDA "
      "is]");
  command.add_option("--library-env", o.library_env,
                     "NAME=VALUE for the library's process (repeatable)");
  command
      .add_option(
          "--scope", o.scopes,
          "what the time covers, comma separated: kernel (device time, data "
          "resident), submit_to_complete (host time of it), with_transfer, cold "
          "(compiling and allocating, too)")
      .show_default();
  command
      .add_option(
          "--data", o.data,
          "what fills the inputs: integers, uniform, positive, graded, cancelling")
      .show_default();
}

void add_measurement(Command& command, CompareOptions& o) {
  command.add_option("--seed", o.seed, "of inputs and block order").show_default();
  command
      .add_option("--processes", o.processes,
                  "worker processes a pair: the unit of replication")
      .between(1U, 1000U)
      .show_default();
  command.add_option("--blocks", o.blocks, "ABBA blocks a process")
      .between(1U, 1000U)
      .show_default();
  command.add_option("--epoch-ms", o.epoch_ms, "length of a timed epoch")
      .between(0.1, 10000.0)
      .show_default();
  command.add_option("--only", o.only,
                     "only rows whose id contains this (ids are in the JSON and below "
                     "the table)");
  command.add_option("--json", o.json, "results with raw samples: a file, or -");
  command.add_option("--markdown", o.markdown, "the table as Markdown: a file, or -");
  command.add_option("--time-budget", o.time_budget_s,
                     "seconds; past it nothing new starts (exit 124)");
  command
      .add_option("--worker-timeout", o.worker_timeout_s,
                  "seconds one worker may take, and the oracle for a shape")
      .between(1U, 86400U)
      .show_default();
}

}  // namespace

void add_compare(Command& app, Context& context) {
  Command command = app.add_command(
      "compare", "custom implementations against libraries: checked, paired, judged");
  const auto o = std::make_shared<CompareOptions>();
  o->op = context.default_op();
  add_contestants(command, *o);
  add_measurement(command, *o);
  command.add_flag("--strict", o->strict, "inconclusive rows exit with 4");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_compare(*o, context); };
  });
}

}  // namespace assay::cli
