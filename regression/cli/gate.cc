// SPDX-License-Identifier: MIT
// `assay gate`: measures a suite and holds it against its baseline, or judges again
// what was recorded.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/gate_outputs.h"
#include "regression/cli/options.h"
#include "regression/gates/gate_report.h"
#include "regression/measure/choices.h"
#include "regression/measure/session_run.h"

namespace assay::cli {
namespace {

namespace exit_code = judge::exit_code;

struct GateOptions {
  std::string suite;
  std::string baselines = "baselines";
  std::vector<std::string> only;
  std::uint32_t processes = judge::kSessionProcesses;
  std::uint32_t max_processes = judge::kMostProcesses;
  std::uint32_t blocks = 32;
  double epoch_ms = 2.5;
  double pass_ms = 150;
  std::uint64_t seed = 1;
  double inject_percent = 0;
  std::string base;
  std::uint32_t time_budget_s = 0;
  std::uint32_t worker_timeout_s = 120;
  std::string record;
  std::string from;
  std::string gate;
  GateOutputs outputs;
  bool list = false;
  bool record_only = false;
  bool ctest = false;
  bool skip_budget = false;
  bool strict = false;
  bool require_baseline = false;
};

int list_gates(const measure::Suite& suite, const std::vector<std::string>& only) {
  const std::vector<std::string> ids = measure::gate_ids(suite.cases);
  std::vector<bool> wanted(ids.size(), only.empty());
  for (const std::string& part : only) {
    bool found = false;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i].find(part) == std::string::npos) continue;
      found = wanted[i] = true;
    }
    if (!found)
      invalid("--only '" + part + "' matches no gate of the suite: --list shows them");
  }
  std::string text;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (wanted[i]) text += ids[i] + "\n";
  }
  print(text);
  return exit_code::kPass;
}

measure::SessionRequest to_request(const GateOptions& options, const Context& context) {
  measure::SessionRequest request;
  request.suite = options.suite;
  request.cases = context.named_suite(options.suite).cases;
  request.ops = context.ops;
  request.only = options.only;
  request.min_processes = options.processes;
  request.max_processes = std::max(options.processes, options.max_processes);
  request.blocks = options.blocks;
  request.epoch_ms = options.epoch_ms;
  request.pass_ms = options.pass_ms;
  request.seed = options.seed;
  request.inject = options.inject_percent / 100;
  request.base_path = options.base;
  request.worker_timeout = std::chrono::seconds(options.worker_timeout_s);
  request.time_budget = std::chrono::seconds(options.time_budget_s);
  return request;
}

struct Measured {
  measure::Session session;
  measure::RunEnd end = measure::RunEnd::complete;
};

// The first measurement, the processes that its widths ask for, and fresh processes for
// what looks regressed.
Measured measure_suite(const GateOptions& options, const Context& context) {
  const measure::SessionRequest request = to_request(options, context);
  std::vector<std::string> files = options.outputs.paths();
  if (!options.record.empty()) files.push_back(options.record);
  require_writable(files);
  watch_signals();
  ProgressLine line;
  const std::function<void(const measure::RunProgress&)> progress =
      [&](const measure::RunProgress& now) {
        line.show(fmt::format("[{}/{}] {}", now.done, now.total, now.now));
      };
  measure::SessionRun run(request, interrupted(), progress);
  const measure::Results& results = run.session().results;
  judge::GateRules rules = gates::gate_rules_for(results.machine);
  rules.processes_to_record = options.processes;
  std::optional<gates::References> references;
  if (request.base_path.empty()) {
    references.emplace(options.baselines, options.suite, results.machine,
                       results.build);
  }
  run.measure([&](const measure::Comparison& now, const measure::Comparison* base) {
    judge::GateInput input;
    if (references) input = references->input_for(now);
    input.now = &now;
    input.base = base;
    return judge::wants_more_processes(input, rules);
  });
  std::vector<std::string> doubtful;
  for (const auto& gate :
       gates::evaluate(run.session(), options.baselines, rules).gates) {
    if (gate.wants_confirmation) doubtful.push_back(gate.id);
  }
  if (!doubtful.empty()) run.confirm(doubtful);
  line.clear();
  Measured measured{run.session(), run.end()};
  measured.session.results.command_line = context.arguments;
  return measured;
}

// The exit code of a run that ended early; what was measured is kept.
int ended_early(measure::RunEnd end, int code) {
  if (end == measure::RunEnd::complete) return code;
  const bool late = end == measure::RunEnd::out_of_time;
  std::fprintf(stderr, "assay: %s; what was measured is shown and marked incomplete\n",
               late ? "the time budget is spent" : "interrupted");
  return late ? exit_code::kTimeout : exit_code::kInterrupted;
}

int run_measured(const GateOptions& options, const Context& context) {
  const Measured measured = measure_suite(options, context);
  if (!options.record.empty()) {
    measure::save_session(options.record, measured.session);
  }
  const gates::GateReport report =
      gates::evaluate(measured.session, options.baselines,
                      gates::gate_rules_for(measured.session.results.machine));
  write_outputs(report, options.outputs,
                [&] { append_history(report, options.outputs); });
  const int code = options.record_only ? exit_code::kPass
                                       : gates::exit_code_of(report, options.strict,
                                                             options.require_baseline);
  return ended_early(measured.end, code);
}

int run_recorded(const GateOptions& options) {
  const measure::Session session = measure::load_session(options.from);
  const gates::GateReport report = gates::evaluate(
      session, options.baselines, gates::gate_rules_for(session.results.machine));
  if (options.skip_budget) {
    return report_skips(report, options.outputs, options.require_baseline);
  }
  if (!options.gate.empty()) {
    return report_one(report, options.gate,
                      {.ctest = options.ctest,
                       .strict = options.strict,
                       .require_baseline = options.require_baseline});
  }
  require_writable(options.outputs.paths());
  write_outputs(report, options.outputs);
  append_recorded(report, options.outputs);
  return gates::exit_code_of(report, options.strict, options.require_baseline);
}

int run_gate(const GateOptions& options, const Context& context) {
  // Baselines are of what the formulas choose, and so are the gates.
  ::unsetenv(measure::kTunedVariable);
  if (options.list) {
    return list_gates(context.named_suite(options.suite), options.only);
  }
  if (options.from.empty()) {
    if (!options.gate.empty() || options.skip_budget || options.ctest) {
      invalid("--gate, --ctest and --skip-budget read a record: give --from FILE");
    }
    return run_measured(options, context);
  }
  if (!options.record.empty() || options.record_only || !options.base.empty() ||
      options.inject_percent > 0) {
    invalid(
        "--from reads a record and measures nothing: --record, --base and "
        "--inject make no sense with it");
  }
  if (!options.only.empty() || options.time_budget_s > 0) {
    invalid(
        "--from reads a record as it was measured: --only and --time-budget make no "
        "sense with it; --gate ID shows one gate");
  }
  return load_named([&] { return run_recorded(options); });
}

void add_measuring_options(Command& command, const std::shared_ptr<GateOptions>& o) {
  command.add_option("--only", o->only,
                     "only gates whose id contains this (see --list; repeatable)");
  command
      .add_option("--processes", o->processes,
                  "worker processes a case: the unit of replication")
      .between(2U, 1000U)
      .show_default();
  command
      .add_option("--max-processes", o->max_processes,
                  "where adding processes for a narrow enough interval stops")
      .between(2U, 1000U)
      .show_default();
  command.add_option("--blocks", o->blocks, "ABBA blocks a process")
      .between(1U, 1000U)
      .show_default();
  command.add_option("--epoch-ms", o->epoch_ms, "length of a timed epoch")
      .between(0.1, 10000.0)
      .show_default();
  command
      .add_option("--pass-ms", o->pass_ms,
                  "fewer blocks, down to 6, where all would take longer; 0: never")
      .between(0.0, 1e6)
      .show_default();
  command.add_option("--seed", o->seed, "of inputs and block order").show_default();
  command.add_option("--base", o->base,
                     "A/B: the assay executable of another build, measured in between; "
                     "no baseline is needed");
  command
      .add_option("--inject", o->inject_percent,
                  "percent of extra work for the custom arm: does the gate notice?")
      .between(0.0, 1000.0);
  command.add_option("--time-budget", o->time_budget_s,
                     "seconds; past it nothing new starts (exit 124)");
  command
      .add_option("--worker-timeout", o->worker_timeout_s,
                  "seconds one worker may take")
      .between(1U, 86400U)
      .show_default();
  command.add_option("--record", o->record, "raw samples of the session: a file");
  command.add_flag("--record-only", o->record_only,
                   "exit 0 whatever the verdicts: readers of the record tell them");
}

void add_reading_options(Command& command, const std::shared_ptr<GateOptions>& o) {
  command.add_option("--from", o->from,
                     "judge a recorded session instead of measuring");
  command.add_option("--gate", o->gate, "with --from: this gate alone, by its id");
  command.add_flag("--ctest", o->ctest,
                   "with --gate: measurements for CTest, and 77 (skipped) for "
                   "inconclusive, left out and no baseline");
  command.add_flag("--skip-budget", o->skip_budget,
                   "with --from: exit 4 when skips have become a habit");
}

}  // namespace

void add_gate(Command& app, Context& context) {
  Command command = app.add_command(
      "gate", "has anything become slower than its baseline, or than another build?");
  const auto o = std::make_shared<GateOptions>();
  o->suite = context.default_suite();
  command.add_option("--suite", o->suite, "which gates").show_default();
  command.add_flag("--list", o->list, "print the ids of the suite's gates and stop");
  command.add_option("--baselines", o->baselines, "folder of the baseline files")
      .from_environment("ASSAY_BASELINES")
      .show_default();
  add_measuring_options(command, o);
  add_reading_options(command, o);
  add_output_options(command, o->outputs);
  command.add_flag("--strict", o->strict,
                   "inconclusive and left-out gates exit with 4");
  command.add_flag("--require-baseline", o->require_baseline,
                   "gates without a baseline exit with 5");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_gate(*o, context); };
  });
}

}  // namespace assay::cli
