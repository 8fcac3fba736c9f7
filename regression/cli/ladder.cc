// SPDX-License-Identifier: MIT
// `assay ladder`: every step of an op's table beside the best library, as the part of
// the op's README.md that is generated.
#include <memory>
#include <string>
#include <vector>

#include "regression/cli/climb.h"
#include "regression/cli/commands.h"
#include "regression/cli/options.h"
#include "regression/judge/verdict.h"
#include "regression/measure/pair_run.h"

namespace assay::cli {
namespace {

struct LadderArguments {
  std::string op;
  bool all = false;
  LadderOptions of_each;
};

int run_ladder(const LadderArguments& options, const Context& context) {
  std::vector<const Op*> ops;
  if (options.all == !options.op.empty()) invalid("give --op or --all");
  if (options.all) {
    if (!options.of_each.shapes.empty()) invalid("--shapes are of one op: give --op");
    for (const Op* const op : context.ops) {
      if (!op->ladder_shapes().empty()) ops.push_back(op);
    }
  } else {
    ops.push_back(&measure::named_op(context.ops, options.op));
  }
  // What is wrong with any of them is found out before hours of measuring.
  std::vector<std::unique_ptr<Climb>> climbs;
  for (const Op* const op : ops)
    climbs.push_back(std::make_unique<Climb>(options.of_each, *op));
  watch_signals();
  int code = judge::exit_code::kPass;
  for (const auto& climb : climbs) {
    code = judge::worse(code, climb->run());
  }
  return code;
}

}  // namespace

void add_ladder(Command& app, Context& context) {
  Command command = app.add_command(
      "ladder", "every step of an op beside the best library, for its README.md");
  const auto o = std::make_shared<LadderArguments>();
  LadderOptions& each = o->of_each;
  each.program = program_name(context.arguments);
  command.add_option("--op", o->op, "the op");
  command.add_flag("--all", o->all, "every op that names shapes for its ladder");
  command.add_option(
      "--shapes", each.shapes,
      "what is measured, comma separated, smallest first [the op's own]");
  command.add_option("--device", each.device, "device URI (see 'assay list')")
      .show_default();
  command.add_option("--threads", each.threads, "compute units; 0: as the URI says")
      .between(0U, 256U)
      .show_default();
  command.add_option("--library", each.libraries,
                     "libraries: names or paths to any CBLAS .so; the best is quoted "
                     "[those of 'assay list' for the op]");
  command
      .add_option("--processes", each.processes,
                  "worker processes a pair: the unit of replication")
      .between(1U, 1000U)
      .show_default();
  command.add_option("--blocks", each.blocks, "ABBA blocks a process")
      .between(1U, 1000U)
      .show_default();
  command.add_option("--epoch-ms", each.epoch_ms, "length of a timed epoch")
      .between(0.1, 10000.0)
      .show_default();
  command
      .add_option("--longest-run", each.longest_run_ms,
                  "milliseconds; a step that takes longer by its speed at the shape "
                  "before is not run")
      .between(0.001, 1e6)
      .show_default();
  command
      .add_option("--worker-timeout", each.worker_timeout_s,
                  "seconds one worker may take, and the oracle for a shape")
      .between(1U, 86400U)
      .show_default();
  command.add_flag("--write", each.write,
                   "put it into the README.md that has the marks of the op");
  command.add_option("--pages", each.pages, "the folder of the folders of these pages")
      .show_default();
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_ladder(*o, context); };
  });
}

}  // namespace assay::cli
