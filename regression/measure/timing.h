// SPDX-License-Identifier: MIT
// What every timed loop of this folder uses.
#ifndef ASSAY_REGRESSION_MEASURE_TIMING_H_
#define ASSAY_REGRESSION_MEASURE_TIMING_H_

#include <chrono>

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

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_TIMING_H_
