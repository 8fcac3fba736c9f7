// SPDX-License-Identifier: MIT
// What the runtime itself costs: submit, the round trip of an empty dispatch, and
// whether two queues really overlap. All on a device with host kernels.
#ifndef ASSAY_REGRESSION_MEASURE_API_COST_H_
#define ASSAY_REGRESSION_MEASURE_API_COST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backends/interface/device.h"

namespace assay::measure {

// A distribution of one call's times, in nanoseconds.
struct CallTimes {
  std::string call;
  std::string meaning;  // one line
  std::vector<double> samples_ns;
};

// Throws Error(not_supported) without host kernels.
//   submit          of an empty one-group dispatch on a warm queue, the call alone
//   submit_to_wait  from before submit to after wait, workers still awake
//   parked          the same after 2 ms of silence, workers asleep
//   encode          create an encoder, one dispatch, finish
std::vector<CallTimes> measure_calls(Device& device, std::uint32_t repetitions);

// One-group kernels of about `kernel_us`, all on one queue against half on each of two:
// throughput ratios (two queues / one), one a round, rounds in ABBA order.
std::vector<double> measure_queue_overlap(Device& device, double kernel_us,
                                          std::uint32_t kernels, std::uint32_t rounds);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_API_COST_H_
