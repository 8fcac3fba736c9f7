// SPDX-License-Identifier: MIT
// Experiments about the runtime alone. One process gives one value: the median of some
// rounds, each long enough for the clock.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "regression/claims/experiments.h"
#include "regression/judge/statistics.h"
#include "regression/measure/figures.h"
#include "regression/measure/timing.h"

namespace assay::claims {
namespace {

using measure::Clock;
using measure::Contestant;
using measure::Pass;
using measure::require;

constexpr int kRounds = 7;
// A call of some 10 ns is timed in bundles of this length.
constexpr double kEpochNs = 4e6;
constexpr double kQuickEpochNs = 4e5;

// One figure and how often it runs in an epoch.
class Timed {
 public:
  Timed(const std::string& name, const std::shared_ptr<Device>& device, bool quick)
      : contestant_(make(name, device)) {
    constexpr std::uint64_t kProbe = 32;
    contestant_->warm(Pass::call);
    const double probe = epoch(kProbe);
    iterations_ = static_cast<std::uint64_t>(std::clamp(
        (quick ? kQuickEpochNs : kEpochNs) / std::max(probe, 1.0), 1.0, 1e7));
  }

  // Nanoseconds an iteration.
  double epoch() { return epoch(iterations_); }
  std::string wrong() const {
    const measure::ArmCheck& check = contestant_->check();
    return check.ok ? std::string() : "wrong result: " + check.detail;
  }

 private:
  static std::unique_ptr<Contestant> make(const std::string& name,
                                          const std::shared_ptr<Device>& device) {
    if (const measure::Figure* const figure = measure::find_figure(name)) {
      return measure::make_figure(*figure, device);
    }
    std::string known;
    for (const measure::Figure& figure : measure::figures()) {
      known.append(known.empty() ? "" : ", ").append(figure.name);
    }
    throw Error(StatusCode::invalid_argument,
                "there is no figure '" + name + "'; there are " + known);
  }

  double epoch(std::uint64_t iterations) {
    contestant_->before_epoch(Pass::call);
    const double time = contestant_->time(Pass::call, iterations).host_ns;
    contestant_->after_epoch(Pass::call);
    return time / static_cast<double>(iterations);
  }

  std::unique_ptr<Contestant> contestant_;
  std::uint64_t iterations_ = 1;
};

void empty_kernel(const GroupContext&) noexcept {}

}  // namespace

Finding figure_time(const Job& job) {
  const auto device = open_device(job.settings.text("device"));
  Timed figure(job.settings.text("figure"), device, job.quick);
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) times.push_back(figure.epoch());
  Finding finding;
  finding.value = judge::median(times) / 1e3;
  finding.wrong = figure.wrong();
  return finding;
}

Finding figure_ratio(const Job& job) {
  const auto device = open_device(job.settings.text("device"));
  Timed slow(job.settings.text("slow"), device, job.quick);
  Timed fast(job.settings.text("fast"), device, job.quick);
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    // Each goes first in turn: drift favours neither.
    const bool slow_first = round % 2 == 0;
    double slow_ns = slow_first ? slow.epoch() : 0;
    const double fast_ns = fast.epoch();
    if (!slow_first) slow_ns = slow.epoch();
    ratios.push_back(slow_ns / fast_ns);
  }
  Finding finding;
  finding.value = judge::median(ratios);
  finding.wrong = slow.wrong().empty() ? fast.wrong() : slow.wrong();
  return finding;
}

Finding cold_start(const Job& job) {
  KernelDesc desc;
  desc.name = "first";
  desc.host = empty_kernel;
  const Clock::time_point begin = Clock::now();
  const auto device = open_device(job.settings.text("device"));
  if (!device->caps().host_kernels) {
    throw Error(StatusCode::not_supported,
                device->caps().uri + " has no host kernels, and this one is");
  }
  const auto queue = device->create_queue({"first"});
  const auto encoder = device->create_encoder();
  encoder->dispatch(device->create_kernel(desc), {1, 1, 1}, {});
  require(queue->submit(encoder->finish()).wait());
  Finding finding;
  finding.value = measure::ns_since(begin) / 1e6;
  if (device->counters().groups_executed != 1) {
    finding.wrong = "wrong result: the first kernel did not run exactly once";
  }
  return finding;
}

}  // namespace assay::claims
