// SPDX-License-Identifier: MIT
// A ceiling is the best of several looks, and a neighbour that has a core for all of
// them makes it too low: two units shared with two compilers showed the peak of one,
// and an honest product of 263 GFLOP/s was called implausible beside it. So before a
// rate is held against a ceiling that it exceeds, the ceiling is looked at again.
#ifndef ASSAY_REGRESSION_MEASURE_CEILING_H_
#define ASSAY_REGRESSION_MEASURE_CEILING_H_

#include <functional>

#include "regression/measure/sample.h"

namespace assay::measure {

// More than that and the rate is what is wrong. A worker's look costs some 15 ms, and
// it waits for 50 before each.
inline constexpr int kMoreLooks = 8;

// Calls `look` while `accused` says that a rate is above what was seen, kMoreLooks
// times at most.
void look_again(const std::function<bool()>& accused,
                const std::function<void()>& look);

// The largest of `known` and of up to kMoreLooks calls of `look`, which ends as soon as
// `fastest` does not exceed it. Same unit for all three; no look where `fastest` is at
// most `known`, or no number.
double raised_ceiling(double fastest, double known,
                      const std::function<double()>& look);

// The highest rate of any epoch of either arm, in GFLOP/s; 0 where nothing was timed or
// there are no flops.
double fastest_gflops(const ProcessSamples& process, double flops);

// The triad is counted as 3 transfers an element and makes 4 (kernels/peak/peak.h), so
// that what only reads may come to this many times its figure.
inline constexpr double kTriadTraffic = 4.0 / 3.0;

// Of `compulsory_bytes` those that have to come from memory each time. Twice the cache
// because an operand updated in place counts twice in compulsory bytes and lies in the
// cache once. 0 or less: none has to.
constexpr double beyond_cache(double compulsory_bytes, double cache_bytes) {
  return compulsory_bytes - 2 * cache_bytes;
}

// The same for the triad, in GB/s, which is measured once a library and device and not
// in each process: arrays far larger than any cache take longer to make than to look
// at. `bytes` are those beyond the cache; `looks_left` counts down over all processes
// that share the triad, so that a rate that is wrong is not looked after in each.
double raised_triad(const ProcessSamples& process, double bytes, double known_gbs,
                    int& looks_left, const std::function<double()>& look);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CEILING_H_
