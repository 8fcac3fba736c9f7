// SPDX-License-Identifier: MIT
// `assay bars FILE...`: what the kernels are to reach, held against results files.
#include "regression/report/bars.h"

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/known_work.h"
#include "regression/cli/options.h"
#include "regression/measure/results_io.h"

namespace assay::cli {
namespace {

struct BarsOptions {
  std::vector<std::string> files;
  bool runs = false;
  bool lost = false;
};

int run_bars(const BarsOptions& o, const Context& context) {
  if (o.runs ? o.lost || !o.files.empty() : o.files.empty()) {
    throw Error(StatusCode::invalid_argument, "give files, or --runs alone");
  }
  if (o.runs) {
    print_after([] {}, report::runs_of(report::kernel_bars()));
    return judge::exit_code::kPass;
  }
  std::list<measure::Results> all;  // rows point into it
  std::vector<report::Row> rows;
  for (const std::string& file : o.files) {
    const measure::Results& results =
        all.emplace_back(load_named([&] { return measure::load_results(file); }));
    require_known_work(results, context.ops);
    const std::vector<report::Row> more =
        report::judge_all(results, judge::rules_for(results.machine.l3_bytes));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  if (o.lost) {
    print_after([] {}, report::lost_runs(report::kernel_bars(), rows));
    return judge::exit_code::kPass;
  }
  print_after([] {}, report::render_bars(report::score(report::kernel_bars(), rows)));
  return report::exit_code_of(rows, false, false);
}

}  // namespace

void add_bars(Command& app, Context& context) {
  Command command = app.add_command(
      "bars", "what the kernels are to reach, held against results: ci/bars measures");
  const auto o = std::make_shared<BarsOptions>();
  command.add_option("file", o->files, "written by 'assay compare --json'");
  command.add_flag("--runs", o->runs,
                   "what to measure instead: part, op and shapes, a line each");
  command.add_flag("--lost", o->lost,
                   "what lost its blocks to others, to be measured again: part, op, "
                   "units and shapes, a line each");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_bars(*o, context); };
  });
}

}  // namespace assay::cli
