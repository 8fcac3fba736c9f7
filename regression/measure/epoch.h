// SPDX-License-Identifier: MIT
// The time of one epoch: the median of those parts of it that nobody disturbed.
#ifndef ASSAY_REGRESSION_MEASURE_EPOCH_H_
#define ASSAY_REGRESSION_MEASURE_EPOCH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "backends/interface/device.h"
#include "regression/measure/contestant.h"
#include "regression/measure/probe.h"

namespace assay::measure {

// Per iteration.
struct EpochPart {
  double host_ns = 0;
  double device_ns = 0;
  double probe_ns = 0;  // the longer of the probes before and after
};

// The median of the quiet parts: those whose probe took at most `quiet_ns`. Fewer than
// half of `wanted` of these are no epoch: then it is the median of all parts, with the
// longest probe of all, which tells the judge to drop the block. Not of no parts.
EpochPart median_of_quiet(std::span<const EpochPart> parts, double quiet_ns,
                          std::size_t wanted);

// How an epoch is cut up.
struct EpochPlan {
  std::uint64_t parts = 1;
  std::uint64_t iterations = 1;  // of one part
  std::uint64_t max_parts = 1;   // when others disturb
};

// Times the epochs of both arms of one process, with a probe between any two parts.
// What is measured plays no role in what is kept: that would bias it. Not thread-safe.
class EpochTimer {
 public:
  EpochTimer(Device& device, Pass pass, const EpochPlan& plan);

  // Parts until enough of them were quiet, at most max_parts.
  EpochPart run(Contestant& arm);

 private:
  double probe();

  Pass pass_;
  EpochPlan plan_;
  Probe probe_;
  double shortest_ns_ = std::numeric_limits<double>::infinity();
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_EPOCH_H_
