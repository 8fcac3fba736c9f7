// SPDX-License-Identifier: MIT
// What a device's own calls cost, one by one, and whether two queues really overlap.
// All on a device with host kernels; nothing of a library or an op is in it.
#ifndef ASSAY_REGRESSION_MEASURE_API_COST_H_
#define ASSAY_REGRESSION_MEASURE_API_COST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backends/interface/device.h"

namespace assay::measure {

// A distribution of one call's times, in nanoseconds, over all threads.
struct CallTimes {
  std::string call;
  std::string meaning;  // one line
  std::vector<double> samples_ns;
};

// Threads that all do the same at the same time.
struct CallSetting {
  std::uint32_t threads = 1;
  bool shared_queue = false;  // one queue for all of them, or one each
  friend bool operator==(const CallSetting&, const CallSetting&) = default;
};

// Each thread records, submits and waits `repetitions` times, after a warm-up, with the
// clock read between any two calls:
//   clock           from one reading to the next: in every row below
//   create          an encoder
//   record          one dispatch of one empty group into it
//   finish          the command buffer
//   encode          the three together
//   submit          the call alone
//   wait            from the return of submit until the wait returns
//   submit_to_wait  both
//   queued          enqueued to started, by the device's timestamps
//   device          started to ended, by the device's timestamps
// Throws Error: not_supported without host kernels, internal when the device did not
// run as many groups as were submitted.
std::vector<CallTimes> measure_calls(Device& device, const CallSetting& setting,
                                     std::uint32_t repetitions);

// submit_to_wait of one thread after 2 ms of silence, workers asleep. Throws as above.
CallTimes measure_parked(Device& device, std::uint32_t repetitions);

// One-group kernels of about `kernel_us`, all on one queue against half on each of two:
// throughput ratios (two queues / one), one a round, rounds in ABBA order.
std::vector<double> measure_queue_overlap(Device& device, double kernel_us,
                                          std::uint32_t kernels, std::uint32_t rounds);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_API_COST_H_
