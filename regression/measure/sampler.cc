// SPDX-License-Identifier: MIT
#include "regression/measure/sampler.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "regression/measure/noise.h"

namespace assay::measure {
namespace {

// Same count for both arms: different counts bias a ratio by about a percent (caches
// are warmer in the longer epoch). Grown until an epoch is long enough to be believed:
// a single run of a short kernel is mostly wake-up.
std::uint64_t calibrate(Contestant& custom, Contestant& library, Pass pass,
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
      return static_cast<std::uint64_t>(std::max(1.0, std::min(wanted, most)));
    }
    count *= 4;
  }
}

}  // namespace

PassSamples sample(const Device& device, Contestant& custom, Contestant& library,
                   Pass pass, const SamplerOptions& options) {
  PassSamples samples;
  samples.iterations = calibrate(custom, library, pass, options);
  const auto per_iteration = static_cast<double>(samples.iterations);
  const bool timestamps = device.caps().timestamps;
  std::minstd_rand random(static_cast<std::uint32_t>(options.seed * 2654435761U + 1));
  for (std::uint32_t b = 0; b < options.blocks; ++b) {
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
      const EpochTime time = arm.time(pass, samples.iterations);
      watch.stop();
      arm.after_epoch(pass);
      (is_custom ? host.custom_ns : host.library_ns)[visit] =
          time.host_ns / per_iteration;
      (is_custom ? on_device.custom_ns : on_device.library_ns)[visit] =
          time.device_ns / per_iteration;
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
