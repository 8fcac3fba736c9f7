// SPDX-License-Identifier: MIT
// An experiment in a process of its own: each value comes from a fresh one, so that
// what a process warmed up or where its memory lay is drawn anew, a crash costs one
// value, and a cold start is one.
#ifndef ASSAY_REGRESSION_CLAIMS_WORKER_H_
#define ASSAY_REGRESSION_CLAIMS_WORKER_H_

#include <cstdint>
#include <span>

#include "regression/claims/experiment.h"

namespace assay::claims {

// Of fifteen a sign test at 95 % leaves out the three least and the three most: what
// somebody else did to a process or two is outside of the interval. Of seven, as it
// was, it is the range of all of them, and one spoiled process made 0.1 us 0.146.
inline constexpr std::uint32_t kProcesses = 15;

// Runs `experiment` in kProcesses processes, one after the other. Never throws for what
// a process did; Error when none can be started.
Measurement measure_apart(const Experiment& experiment, const Job& job);

// The whole life of such a process: request from standard input, reply to
// measure::kReplyFd. Returns its exit status, one of measure::kWorker...
int worker_main(int parent, std::span<const Op* const> ops);

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_WORKER_H_
