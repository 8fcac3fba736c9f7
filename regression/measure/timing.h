// SPDX-License-Identifier: MIT
// What every timed loop of this folder uses.
#ifndef ASSAY_REGRESSION_MEASURE_TIMING_H_
#define ASSAY_REGRESSION_MEASURE_TIMING_H_

#include <chrono>

#include "backends/interface/caps.h"
#include "backends/interface/status.h"

namespace assay::measure {

using Clock = std::chrono::steady_clock;

inline double ns_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

// Throws what a wait or a timed command came back with, unless it is ok.
inline void require(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// A GPU that had nothing to do while the last result was checked falls to its idle
// clock: an H200 from 1980 to 345 MHz within one to two seconds of host work, where a
// softmax of 256 MiB took 611 us instead of 136. An epoch of 10 ms does not wake it;
// 200 ms of work do.
inline constexpr double kWakeNs = 250e6;

// Runs `work` once, and on hardware that has a clock of its own until it is awake.
template <class Work>
void keep_busy(const Caps& caps, const Work& work) {
  const bool has_own_clock = !caps.host_kernels && !caps.simulated_device_memory;
  const Clock::time_point begin = Clock::now();
  do {
    work();
  } while (has_own_clock && ns_since(begin) < kWakeNs);
}

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_TIMING_H_
