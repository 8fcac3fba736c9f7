// SPDX-License-Identifier: MIT
// `assay scaling`: does a program get faster with more workers, and if not, why?
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/scaling_options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/scaling/experiment.h"
#include "regression/scaling/task.h"

namespace assay::cli {
namespace {

struct ScalingOptions {
  ScalingArguments experiment;
  std::string json;
};

int run_scaling(const ScalingOptions& options, const Context& context) {
  const scaling::Outcome outcome =
      run_experiment(options.experiment, options.json, context);
  const std::vector<scaling::Row> rows = rows_of(outcome.report);
  print_with_document(to_text(outcome.report, rows), options.json,
                      [&] { return json::to_text(to_json(outcome.report, rows)); });
  switch (outcome.end) {
    case measure::RunEnd::complete:
      return exit_code_of(outcome.report, rows);
    case measure::RunEnd::out_of_time:
      std::fprintf(stderr,
                   "assay: the time budget is spent; what was measured is shown\n");
      return judge::exit_code::kTimeout;
    case measure::RunEnd::interrupted:
      std::fprintf(stderr, "assay: interrupted; what was measured is shown\n");
      return judge::exit_code::kInterrupted;
  }
  return judge::exit_code::kInternal;
}

}  // namespace

void add_scaling(Command& app, Context& context) {
  Command command = app.add_command(
      "scaling", "does a program get faster with more workers, and if not, why?");
  const auto o = std::make_shared<ScalingOptions>();
  o->experiment.op = context.default_op();
  add_scaling_options(command, o->experiment);
  command.add_option("--json", o->json, "all rounds and the rows: a file, or -");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_scaling(*o, context); };
  });
}

void add_scaling_worker(Command& app, Context& context) {
  Command command = app.add_command("scaling-worker", "a measuring process");
  command.hide();
  const auto parent = std::make_shared<int>(0);
  command.add_option("parent", *parent, "process id of the starter").required();
  command.on_parsed([&context, parent] {
    context.selected = [&context, parent] {
      return scaling::task_main(*parent, context.ops);
    };
  });
}

void add_scaling_pool_worker(Command& app, Context& context) {
  Command command = app.add_command("scaling-pool-worker", "a process of a pool");
  command.hide();
  const auto parent = std::make_shared<int>(0);
  command.add_option("parent", *parent, "process id of the starter").required();
  command.on_parsed([&context, parent] {
    context.selected = [&context, parent] {
      return scaling::pool_main(*parent, context.ops);
    };
  });
}

}  // namespace assay::cli
