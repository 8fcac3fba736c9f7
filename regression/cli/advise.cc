// SPDX-License-Identifier: MIT
// `assay advise`: which way of submitting is best on this machine, from measurements
// made for it.
#include "regression/scaling/advise.h"

#include <cstdio>
#include <memory>

#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/scaling_options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"

namespace assay::cli {
namespace {

struct AdviseOptions {
  ScalingArguments experiment;
  std::string json;
};

int run_advise(const AdviseOptions& options, const Context& context) {
  const scaling::Outcome outcome =
      run_experiment(options.experiment, options.json, context);
  if (outcome.end == measure::RunEnd::interrupted) {
    std::fprintf(stderr, "assay: interrupted: no advice\n");
    return judge::exit_code::kInterrupted;
  }
  const std::vector<scaling::Row> rows = rows_of(outcome.report);
  const std::vector<scaling::Advice> advice = scaling::advise(rows);
  print_with_document(to_text(outcome.report, advice), options.json, [&] {
    return json::to_text(to_json(outcome.report, rows, advice));
  });
  for (const std::string& note : notes(outcome.report, rows)) {
    std::fprintf(stderr, "assay: %s\n", note.c_str());
  }
  if (outcome.end == measure::RunEnd::out_of_time) {
    std::fprintf(stderr, "assay: the time budget is spent; fewer rounds were made\n");
    return judge::exit_code::kTimeout;
  }
  return exit_code_of(outcome.report, rows);
}

}  // namespace

void add_advise(Command& app, Context& context) {
  Command command = app.add_command(
      "advise",
      "device or event sync, threads or processes, batches: what is best here?");
  const auto o = std::make_shared<AdviseOptions>();
  o->experiment.op = context.default_op();
  // What the lines of the matrix need, and enough rounds for an interval.
  o->experiment.sizes = "64,512";
  o->experiment.threads = "1,2";
  o->experiment.workers = "threads,processes";
  o->experiment.sync_modes = "device,event";
  o->experiment.batch = "1,16";
  o->experiment.request.rounds = 7;
  o->experiment.request.cell_ms = 30;
  add_scaling_options(command, o->experiment);
  command.add_option("--json", o->json,
                     "advice and all that it rests on: a file, or -");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_advise(*o, context); };
  });
}

}  // namespace assay::cli
