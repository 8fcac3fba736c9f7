// SPDX-License-Identifier: MIT
// `assay perturb`: disturbs one call of a program and reports how much the program
// minds.
#include "backends/layers/perturb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/cli/workload_options.h"
#include "regression/judge/statistics.h"
#include "regression/measure/sensitivity.h"

namespace assay::cli {
namespace {

struct PerturbOptions {
  WorkloadArguments workload;
  std::string call = "submit";
  std::string delays_us = "0,5,20";
  bool mutex = false;
  std::uint32_t rounds = 9;
};

// The same program over devices that differ in the disturbance alone.
struct Arm {
  std::string label;
  double delay_ns = 0;
  bool counts = true;  // for the slope
  std::shared_ptr<Device> device;
  std::unique_ptr<measure::Workload> workload;
  std::vector<double> seconds;
};

std::vector<Arm> make_arms(const PerturbOptions& options, const Op& op,
                           const measure::WorkloadOptions& wanted) {
  std::vector<Arm> arms;
  const auto add = [&](std::string label, double delay_us, const std::string& rest,
                       bool counts) {
    Arm arm;
    arm.label = std::move(label);
    arm.delay_ns = delay_us * 1000;
    arm.counts = counts;
    arm.device = open_device("perturb(call=" + options.call + rest + ")+" +
                             options.workload.device);
    arm.workload = std::make_unique<measure::Workload>(arm.device, op, wanted);
    arms.push_back(std::move(arm));
  };
  for (const std::string& item : split_list(options.delays_us, "--delays-us")) {
    const std::uint64_t delay_us = parse_natural(item, "--delays-us");
    add(fmt::format("{} us", delay_us), static_cast<double>(delay_us),
        ",delay_us=" + std::to_string(delay_us), true);
  }
  if (options.mutex) add("a mutex", 0, ",mutex=1", false);
  if (arms.size() < 2) {
    throw Error(StatusCode::invalid_argument,
                "--delays-us: give two delays or more, or --mutex: one alone has "
                "nothing to be compared with");
  }
  return arms;
}

std::string interval_text(const std::vector<double>& values) {
  const judge::Interval interval =
      judge::sign_test_interval(values, judge::kConfidence);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", judge::median(values), interval.low,
                     interval.high);
}

int run_perturb(const PerturbOptions& options, const Context& context) {
  const Op& op = op_of(options.workload, context.ops);
  const measure::WorkloadOptions wanted = to_options(options.workload, op);
  std::vector<Arm> arms = make_arms(options, op, wanted);
  ProgressLine progress;
  std::vector<double> slopes;
  std::vector<std::vector<double>> ratios(arms.size());
  std::uint64_t calls = 0;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    progress.show(fmt::format("round {} of {}", round + 1, options.rounds));
    std::vector<measure::DelayedRun> runs;
    // Another one begins each round, so that a drift of the machine favours none.
    std::vector<double> seconds(arms.size());
    for (std::size_t i = 0; i < arms.size(); ++i) {
      Arm& arm = arms[(i + round) % arms.size()];
      const measure::WorkloadRun run =
          arm.workload->run([&] { return layers::disturbances(*arm.device); });
      calls = run.counted;
      if (arm.counts) {
        runs.push_back({arm.delay_ns, run.seconds() * 1e9, static_cast<double>(calls),
                        static_cast<double>(wanted.threads)});
      }
      arm.seconds.push_back(run.seconds());
      seconds[(i + round) % arms.size()] = run.seconds();
    }
    if (calls == 0) {
      invalid("--call " + options.call +
              ": the program makes no such call while it is timed");
    }
    for (std::size_t i = 0; i < arms.size(); ++i) {
      ratios[i].push_back(seconds[i] / seconds[0]);
    }
    if (runs.size() >= 2) slopes.push_back(measure::sensitivity(runs));
  }
  progress.clear();
  std::string text = fmt::format(
      "{} on {}\n{} disturbed {} times a run, {} rounds\n\n{:<12}{:>14}  {}\n",
      describe(options.workload, wanted), options.workload.device, options.call, calls,
      options.rounds, "", "submissions/s", "time against the first [95 %]");
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const double submissions = static_cast<double>(wanted.threads) * wanted.iterations;
    text += fmt::format("{:<12}{:>14.0f}  {}\n", arms[i].label,
                        submissions / judge::median(arms[i].seconds),
                        i == 0 ? "1" : interval_text(ratios[i]));
  }
  if (!std::isfinite(
          judge::sign_test_interval(ratios.back(), judge::kConfidence).high)) {
    text += "\nso few rounds have no interval: give 6 --rounds or more\n";
  }
  if (!slopes.empty()) {
    text += fmt::format(
        "\nsensitivity {}: time lost for each unit of delay that a thread spends in "
        "{}\n"
        "  (0: hidden behind something else; 1: on the critical path)\n",
        interval_text(slopes), options.call);
  }
  print(text);
  return 0;
}

}  // namespace

void add_perturb(Command& app, Context& context) {
  Command command = app.add_command(
      "perturb", "delays or locks one call of a program: does the program mind?");
  const auto o = std::make_shared<PerturbOptions>();
  o->workload.op = context.default_op();
  add_workload_options(command, o->workload);
  command.add_option("--call", o->call, "the call: submit, wait, signal, ...")
      .show_default();
  command.add_option("--delays-us", o->delays_us, "delays, comma separated")
      .show_default();
  command.add_flag("--mutex", o->mutex, "one more arm: the call under a lock");
  command.add_option("--rounds", o->rounds, "each runs every arm once")
      .between(1U, 1000U)
      .show_default();
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_perturb(*o, context); };
  });
}

}  // namespace assay::cli
