// SPDX-License-Identifier: MIT
#include "regression/measure/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "regression/measure/noise.h"
#include "regression/measure/probe.h"

namespace assay::measure {
namespace {

// How the measuring of one pass is cut up.
struct Plan {
  std::uint64_t slices = 1;     // of an epoch
  std::uint64_t per_slice = 1;  // iterations
  std::uint32_t blocks = 1;
};

// `iterations` an epoch of about `iteration_ms` each.
Plan plan(double iterations, double iteration_ms, const SamplerOptions& options) {
  Plan plan;
  const auto wanted = static_cast<std::uint64_t>(iterations);
  plan.slices = std::clamp<std::uint64_t>(options.slices, 1, wanted);
  plan.per_slice = (wanted + plan.slices - 1) / plan.slices;
  plan.blocks = options.blocks;
  if (options.pass_ms > 0) {
    const double block_ms =
        4 * iteration_ms * static_cast<double>(plan.slices * plan.per_slice);
    const double affordable = std::min(1e6, options.pass_ms / block_ms);
    plan.blocks =
        std::min(options.blocks,
                 std::max(options.min_blocks, static_cast<std::uint32_t>(affordable)));
  }
  return plan;
}

// Same count for both arms: different counts bias a ratio by about a percent (caches
// are warmer in the longer epoch). Grown until an epoch is long enough to be believed:
// a single run of a short kernel is mostly wake-up.
Plan calibrate(Contestant& custom, Contestant& library, Pass pass,
               const SamplerOptions& options) {
  const double wanted_ns = options.epoch_ms * 1e6;
  const double most_ns = options.max_epoch_ms * 1e6;
  std::uint64_t count = 1;
  for (;;) {
    double fastest = 0;
    double slowest = 0;
    // The first of two timings pays for pages and clocks.
    for (int round = 0; round < 2; ++round) {
      for (Contestant* arm : {&custom, &library}) arm->warm(pass);
      const double a = custom.time(pass, count).host_ns;
      const double b = library.time(pass, count).host_ns;
      fastest = std::min(a, b);
      slowest = std::max(a, b);
    }
    const auto per_run = static_cast<double>(count);
    if (fastest >= wanted_ns / 4 || slowest >= most_ns / 4) {
      const double wanted = std::ceil(wanted_ns / fastest * per_run);
      const double most = std::floor(most_ns / slowest * per_run);
      return plan(std::max(1.0, std::min(wanted, most)),
                  (fastest + slowest) / (2e6 * per_run), options);
    }
    count *= 4;
  }
}

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

// One epoch, per iteration.
struct Epoch {
  Epoch(Contestant& arm, Pass pass, std::uint64_t slices, std::uint64_t iterations) {
    const auto per_slice = static_cast<double>(iterations);
    std::vector<double> host;
    std::vector<double> on_device;
    for (std::uint64_t slice = 0; slice < slices; ++slice) {
      const EpochTime time = arm.time(pass, iterations);
      host.push_back(time.host_ns / per_slice);
      on_device.push_back(time.device_ns / per_slice);
    }
    host_ns = median_of(host);
    device_ns = median_of(on_device);
  }
  double host_ns = 0;
  double device_ns = 0;
};

}  // namespace

PassSamples sample(Device& device, Contestant& custom, Contestant& library, Pass pass,
                   const SamplerOptions& options) {
  PassSamples samples;
  const Plan plan = calibrate(custom, library, pass, options);
  samples.iterations = plan.slices * plan.per_slice;
  const bool timestamps = device.caps().timestamps;
  Probe probe(device);
  std::minstd_rand random(static_cast<std::uint32_t>(options.seed * 2654435761U + 1));
  double quiet_ns = std::numeric_limits<double>::infinity();
  std::uint32_t clean = 0;
  for (std::uint32_t b = 0; b < options.max_repeats * plan.blocks; ++b) {
    if (clean >= plan.blocks) break;
    Block host;
    host.custom_first = (random() >> 8) % 2 == 0;
    Block on_device = host;
    const auto look = [&] {
      host.spoilers.probe_ns = std::max(host.spoilers.probe_ns, probe.run());
    };
    look();
    for (int epoch = 0; epoch < 4; ++epoch) {
      // A B B A, or B A A B.
      const bool outer = epoch == 0 || epoch == 3;
      const bool is_custom = outer == host.custom_first;
      const std::size_t visit = epoch < 2 ? 0 : 1;
      Contestant& arm = is_custom ? custom : library;
      arm.warm(pass);
      arm.before_epoch(pass);
      SpoilerWatch watch(device, host.spoilers);
      const Epoch time(arm, pass, plan.slices, plan.per_slice);
      watch.stop();
      look();
      arm.after_epoch(pass);
      (is_custom ? host.custom_ns : host.library_ns)[visit] = time.host_ns;
      (is_custom ? on_device.custom_ns : on_device.library_ns)[visit] = time.device_ns;
    }
    if (pass == Pass::cold) {
      // Compiling and allocating is what this scope times.
      host.spoilers.compiles = 0;
      host.spoilers.allocations = 0;
    }
    quiet_ns = std::min(quiet_ns, host.spoilers.probe_ns);
    if (host.spoilers.probe_ns <= 1.1 * quiet_ns) ++clean;
    on_device.spoilers = host.spoilers;
    switch (pass) {
      case Pass::resident:
        samples.blocks[Scope::submit_to_complete].push_back(host);
        if (timestamps) samples.blocks[Scope::kernel].push_back(on_device);
        break;
      case Pass::transfer:
        samples.blocks[Scope::with_transfer].push_back(host);
        break;
      case Pass::cold:
        samples.blocks[Scope::cold].push_back(host);
        break;
      case Pass::call:
        samples.blocks[Scope::call].push_back(host);
        break;
    }
  }
  return samples;
}

}  // namespace assay::measure
