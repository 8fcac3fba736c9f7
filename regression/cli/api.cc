// SPDX-License-Identifier: MIT
// `assay api`: what a device's own calls cost, and whether its queues overlap.
#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/json/file.h"
#include "regression/judge/statistics.h"
#include "regression/measure/api_cost.h"
#include "regression/measure/machine.h"
#include "regression/measure/pair_run.h"
#include "regression/report/api_report.h"

namespace assay::cli {
namespace {

struct ApiOptions {
  std::string device = "vgpu://";
  std::string threads = "1";
  std::string queues = "own";
  std::uint32_t repetitions = 20000;
  double kernel_us = 50;
  std::string json;
};

std::uint32_t thread_count(const std::string& text) {
  constexpr std::uint32_t kMostThreads = 256;
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > kMostThreads) {
    throw Error(StatusCode::invalid_argument,
                "--threads: '" + text + "' is not a number from 1 to 256");
  }
  return value;
}

// Each number of threads with each kind of queue. One thread has one queue either way.
std::vector<measure::CallSetting> settings_of(const ApiOptions& options) {
  std::vector<measure::CallSetting> settings;
  for (const std::string& threads : split_list(options.threads, "--threads")) {
    for (const std::string& queues : split_list(options.queues, "--queues")) {
      if (queues != "own" && queues != "shared") {
        throw Error(StatusCode::invalid_argument,
                    "--queues: unknown '" + queues + "'; there are own, shared");
      }
      measure::CallSetting setting;
      setting.threads = thread_count(threads);
      setting.shared_queue = queues == "shared" && setting.threads > 1;
      if (settings.empty() || settings.back() != setting) settings.push_back(setting);
    }
  }
  return settings;
}

report::ApiOverlap overlap_of(Device& device, double kernel_us) {
  constexpr std::uint32_t kKernels = 2000;
  constexpr std::uint32_t kRounds = 9;
  const std::vector<double> ratios =
      measure::measure_queue_overlap(device, kernel_us, kKernels, kRounds);
  return {kernel_us, kRounds, judge::median(ratios),
          judge::sign_test_interval(ratios, judge::kConfidence)};
}

report::ApiReport measured(const ApiOptions& options) {
  const std::vector<measure::CallSetting> settings = settings_of(options);
  const std::shared_ptr<Device> device = open_device(options.device);
  report::ApiReport report;
  report.run.build = measure::this_build();
  report.run.machine = measure::this_machine();
  report.run.utc = measure::utc_now();
  report.run.complete = true;
  report.device = device->caps().uri;
  report.device_name = device->caps().name;
  ProgressLine progress;
  for (const measure::CallSetting& setting : settings) {
    progress.show("calls of " + std::to_string(setting.threads) + " threads");
    report::ApiRun run{setting, {}};
    for (const measure::CallTimes& times :
         measure::measure_calls(*device, setting, options.repetitions)) {
      run.calls.push_back(report::summarize(times));
    }
    if (setting.threads == 1) {
      run.calls.push_back(report::summarize(
          measure::measure_parked(*device, std::min(options.repetitions, 200U))));
    }
    report.runs.push_back(std::move(run));
  }
  if (device->caps().concurrent_queues && device->caps().compute_units >= 2) {
    progress.show("queues");
    report.overlap = overlap_of(*device, options.kernel_us);
  }
  progress.clear();
  return report;
}

int run_api(const ApiOptions& options, const Context& context) {
  if (!options.json.empty() && options.json != "-") require_writable(options.json);
  report::ApiReport report = measured(options);
  report.run.command_line = context.arguments;
  print_with_document(to_text(report), options.json,
                      [&] { return json::to_text(to_json(report)); });
  return 0;
}

}  // namespace

void add_api(Command& app, Context& context) {
  Command command =
      app.add_command("api", "what a device's own calls cost; whether queues overlap");
  const auto o = std::make_shared<ApiOptions>();
  command.add_option("--device", o->device, "device URI").show_default();
  command.add_option("--threads", o->threads, "numbers of threads, comma separated")
      .show_default();
  command
      .add_option("--queues", o->queues,
                  "own: one a thread; shared: one for all; or both, comma separated")
      .show_default();
  command.add_option("--repetitions", o->repetitions, "of each call, by each thread")
      .between(10U, 10'000'000U)
      .show_default();
  command.add_option("--kernel-us", o->kernel_us, "length of the overlap kernels")
      .between(1.0, 1e6)
      .show_default();
  command.add_option("--json", o->json, "all rows: a file, or -");
  command.on_parsed([&context, o] {
    context.selected = [&context, o] { return run_api(*o, context); };
  });
}

}  // namespace assay::cli
