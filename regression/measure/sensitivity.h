// SPDX-License-Identifier: MIT
// What a delay in one call does to a whole program: the slope of its time over the
// delay. Pure functions over measured times.
#ifndef ASSAY_REGRESSION_MEASURE_SENSITIVITY_H_
#define ASSAY_REGRESSION_MEASURE_SENSITIVITY_H_

#include <span>

namespace assay::measure {

// One run of a program whose call was delayed by `delay_ns` each time.
struct DelayedRun {
  double delay_ns = 0;
  double time_ns = 0;  // of the run
  double calls = 0;    // that were delayed
  double threads = 1;  // that made them, at the same time
};

// Least squares through the runs of one round, in units of the delay that each thread
// spent: 1 when every nanosecond of delay lengthens the program by one, so that the
// call is on its critical path; 0 when all of it hides behind something else; `threads`
// when the delays of all threads queue up. NaN with fewer than two different delays.
double sensitivity(std::span<const DelayedRun> round);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SENSITIVITY_H_
