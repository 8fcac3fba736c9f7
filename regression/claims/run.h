// SPDX-License-Identifier: MIT
// Tests every claim of a file, one after the other.
#ifndef ASSAY_REGRESSION_CLAIMS_RUN_H_
#define ASSAY_REGRESSION_CLAIMS_RUN_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string>

#include "regression/claims/claim.h"
#include "regression/claims/scorecard.h"
#include "regression/measure/run.h"

namespace assay::claims {

struct Request {
  std::string only;    // not empty: the other claims stay untested
  bool quick = false;  // Job::quick
  std::chrono::seconds worker_timeout{120};
  std::chrono::seconds time_budget{0};  // past it nothing new starts; 0: none
};

struct Outcome {
  Scorecard scorecard;  // points into the file
  measure::RunEnd end = measure::RunEnd::complete;
};

// Throws Error(invalid_argument) when `only` matches no id. What goes wrong with a
// claim is in its result, and the others are tested all the same. `progress` is called
// from this thread with what is being done.
Outcome run(const ClaimsFile& file, const Request& request,
            std::span<const Op* const> ops, const std::atomic<bool>& cancel,
            const std::function<void(const std::string&)>& progress);

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_RUN_H_
