// SPDX-License-Identifier: MIT
// What the rest of the machine did to us, from counters a guest can read (there is no
// PMU in most virtual machines).
#ifndef ASSAY_REGRESSION_MEASURE_NOISE_H_
#define ASSAY_REGRESSION_MEASURE_NOISE_H_

#include <cstdint>

#include "backends/interface/device.h"
#include "regression/measure/sample.h"

namespace assay::measure {

struct NoiseCounters {
  std::uint64_t involuntary_switches = 0;  // getrusage(RUSAGE_SELF), all threads
  std::uint64_t steal_ms = 0;              // /proc/stat, all cpus
  std::uint64_t pressure_us = 0;           // /proc/pressure/cpu "some"; 0 without PSI
};
NoiseCounters read_noise();

// Adds what happened between construction and stop() to `spoilers`.
class SpoilerWatch {
 public:
  SpoilerWatch(const Device& device, Spoilers& spoilers);
  void stop();

 private:
  const Device& device_;
  Spoilers& spoilers_;
  Counters counters_;
  NoiseCounters noise_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_NOISE_H_
