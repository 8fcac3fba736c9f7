// SPDX-License-Identifier: MIT
#include "regression/measure/sensitivity.h"

#include <limits>

namespace assay::measure {

double sensitivity(std::span<const DelayedRun> round) {
  // x: the delay one thread spent in the run; y: the run's time.
  const auto count = static_cast<double>(round.size());
  double mean_x = 0;
  double mean_y = 0;
  for (const DelayedRun& run : round) {
    mean_x += run.delay_ns * run.calls / run.threads / count;
    mean_y += run.time_ns / count;
  }
  double xx = 0;
  double xy = 0;
  for (const DelayedRun& run : round) {
    const double x = run.delay_ns * run.calls / run.threads - mean_x;
    xx += x * x;
    xy += x * (run.time_ns - mean_y);
  }
  return xx > 0 ? xy / xx : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace assay::measure
