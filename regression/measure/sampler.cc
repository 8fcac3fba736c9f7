// SPDX-License-Identifier: MIT
#include "regression/measure/sampler.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "regression/measure/epoch.h"
#include "regression/measure/noise.h"

namespace assay::measure {
namespace {

// Parts of several milliseconds are seldom quiet, and an epoch has one or two of them:
// so many attempts are worth it.
constexpr std::uint64_t kFewParts = 8;

// How the measuring of one pass is cut up.
struct Plan {
  EpochPlan epoch;
  std::uint32_t blocks = 1;
};

// `iterations` an epoch of about `iteration_ms` each.
Plan plan(double iterations, double iteration_ms, const SamplerOptions& options) {
  Plan plan;
  const auto wanted = static_cast<std::uint64_t>(iterations);
  EpochPlan& epoch = plan.epoch;
  epoch.parts = std::clamp<std::uint64_t>(options.parts, 1, wanted);
  epoch.iterations = (wanted + epoch.parts - 1) / epoch.parts;
  epoch.max_parts = epoch.parts * options.max_repeats;
  if (options.max_repeats > 1) {
    epoch.max_parts = std::max<std::uint64_t>(epoch.max_parts, kFewParts);
  }
  plan.blocks = options.blocks;
  if (options.pass_ms > 0) {
    const double block_ms =
        4 * iteration_ms * static_cast<double>(epoch.parts * epoch.iterations);
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
      // Each right after its own warm-up: nothing of the other is between them.
      const auto time = [&](Contestant& arm) {
        arm.warm(pass);
        return arm.time(pass, count).host_ns;
      };
      const double a = time(custom);
      const double b = time(library);
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

}  // namespace

PassSamples sample(Device& device, Contestant& custom, Contestant& library, Pass pass,
                   const SamplerOptions& options) {
  PassSamples samples;
  const Plan plan = calibrate(custom, library, pass, options);
  samples.iterations = plan.epoch.parts * plan.epoch.iterations;
  const bool timestamps = device.caps().timestamps;
  EpochTimer timer(device, pass, plan.epoch);
  std::minstd_rand random(static_cast<std::uint32_t>(options.seed * 2654435761U + 1));
  for (std::uint32_t b = 0; b < plan.blocks; ++b) {
    Block host;
    host.custom_first = (random() >> 8) % 2 == 0;
    Block on_device = host;
    for (int epoch = 0; epoch < 4; ++epoch) {
      // A B B A, or B A A B.
      const bool outer = epoch == 0 || epoch == 3;
      const bool is_custom = outer == host.custom_first;
      const std::size_t visit = epoch < 2 ? 0 : 1;
      Contestant& arm = is_custom ? custom : library;
      arm.warm(pass);
      arm.before_epoch(pass);
      SpoilerWatch watch(device, host.spoilers);
      const EpochPart time = timer.run(arm);
      watch.stop();
      arm.after_epoch(pass);
      host.spoilers.probe_ns = std::max(host.spoilers.probe_ns, time.probe_ns);
      (is_custom ? host.custom_ns : host.library_ns)[visit] = time.host_ns;
      (is_custom ? on_device.custom_ns : on_device.library_ns)[visit] = time.device_ns;
    }
    if (pass == Pass::cold) {
      // Compiling and allocating is what this scope times.
      host.spoilers.compiles = 0;
      host.spoilers.allocations = 0;
    }
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
