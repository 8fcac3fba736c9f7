// SPDX-License-Identifier: MIT
// The worker's side of child_process.h: one request in, one reply out.
#ifndef ASSAY_REGRESSION_MEASURE_SERVE_H_
#define ASSAY_REGRESSION_MEASURE_SERVE_H_

#include <functional>
#include <string>

#include "backends/interface/status.h"

namespace assay::measure {

// Exit statuses of a worker that could not do what was asked: the request or a file it
// names is wrong, something is absent, or it failed.
inline constexpr int kWorkerInvalid = 2;
inline constexpr int kWorkerUnavailable = 6;
inline constexpr int kWorkerFailed = 70;

// All of a worker: dies with `parent`, reads the request from standard input to its
// end, and writes what `answer` makes of it to kReplyFd. What `answer` throws is one
// line on standard error; an Error ends as `status_of` its code says, anything else,
// and a reply that nobody takes, as kWorkerFailed. Returns the exit status.
int serve(int parent, const std::function<std::string(const std::string&)>& answer,
          int (*status_of)(StatusCode code));

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_SERVE_H_
