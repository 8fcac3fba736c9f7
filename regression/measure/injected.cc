// SPDX-License-Identifier: MIT
#include "regression/measure/injected.h"

#include <fmt/core.h>

#include <algorithm>

#include "regression/measure/chain.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

double chain_ns(std::uint64_t steps) {
  const Clock::time_point begin = Clock::now();
  run_chain(steps);
  return ns_since(begin);
}

// The fastest of several: an interruption would make every later chain too short.
double measure_ns_per_step() {
  constexpr std::uint64_t kSteps = 200'000;
  double best = chain_ns(kSteps);
  for (int i = 0; i < 5; ++i) best = std::min(best, chain_ns(kSteps));
  return best / static_cast<double>(kSteps);
}

}  // namespace

Injected::Injected(Contestant& subject, double fraction)
    : ContestantLayer(subject),
      fraction_(fraction),
      ns_per_step_(measure_ns_per_step()) {}

EpochTime Injected::time(Pass pass, std::uint64_t iterations) {
  EpochTime epoch = subject().time(pass, iterations);
  const double wanted_ns = fraction_ * epoch.host_ns;
  const double extra = chain_ns(static_cast<std::uint64_t>(wanted_ns / ns_per_step_));
  // The device's share of the epoch grows by the same factor.
  if (epoch.device_ns > 0) epoch.device_ns *= 1 + extra / epoch.host_ns;
  epoch.host_ns += extra;
  return epoch;
}

std::string Injected::configuration() const {
  return fmt::format("{} with {:g} % extra work", subject().configuration(),
                     100 * fraction_);
}

}  // namespace assay::measure
