// SPDX-License-Identifier: MIT
// `assay api`: what a device's own calls cost, and whether its queues overlap.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backends/registry.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/judge/statistics.h"
#include "regression/measure/api_cost.h"

namespace assay::cli {
namespace {

struct Options {
  std::string device = "vgpu://";
  std::uint32_t repetitions = 20000;
  double kernel_us = 50;
};

double quantile(std::vector<double> sorted, double q) {
  return sorted[std::min(
      sorted.size() - 1,
      static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

int run_api(const Options& options) {
  const std::shared_ptr<Device> device = open_device(options.device);
  ProgressLine progress;
  progress.show("calls");
  std::string text =
      fmt::format("{}\n{:<16}{:>10}{:>10}{:>10}{:>10}   {}\n", device->caps().name,
                  "call", "mean", "p50", "p95", "p99", "microseconds");
  for (measure::CallTimes& times :
       measure::measure_calls(*device, options.repetitions)) {
    std::vector<double>& samples = times.samples_ns;
    std::sort(samples.begin(), samples.end());
    text += fmt::format("{:<16}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}   {}\n", times.call,
                        judge::mean(samples) / 1e3, quantile(samples, 0.5) / 1e3,
                        quantile(samples, 0.95) / 1e3, quantile(samples, 0.99) / 1e3,
                        times.meaning);
  }
  if (device->caps().concurrent_queues && device->caps().compute_units >= 2) {
    progress.show("queues");
    constexpr std::uint32_t kKernels = 2000;
    constexpr std::uint32_t kRounds = 9;
    const std::vector<double> ratios =
        measure::measure_queue_overlap(*device, options.kernel_us, kKernels, kRounds);
    const judge::Interval interval = judge::sign_test_interval(ratios, 0.95);
    text += fmt::format(
        "two queues of independent one-group kernels ({:.0f} us each) against one: "
        "{:.3f} x [{:.3f}, {:.3f}], median of {} rounds\n",
        options.kernel_us, judge::median(ratios), interval.low, interval.high, kRounds);
  }
  progress.clear();
  print(text);
  return 0;
}

}  // namespace

void add_api(Command& app, Context& context) {
  Command command =
      app.add_command("api", "what a device's own calls cost; whether queues overlap");
  const auto o = std::make_shared<Options>();
  command.add_option("--device", o->device, "device URI").show_default();
  command.add_option("--repetitions", o->repetitions, "of each call")
      .between(10U, 10'000'000U)
      .show_default();
  command.add_option("--kernel-us", o->kernel_us, "length of the overlap kernels")
      .between(1.0, 1e6)
      .show_default();
  command.on_parsed([&context, o] { context.selected = [o] { return run_api(*o); }; });
}

}  // namespace assay::cli
