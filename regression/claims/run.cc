// SPDX-License-Identifier: MIT
#include "regression/claims/run.h"

#include <algorithm>
#include <utility>

#include "regression/claims/others.h"
#include "regression/claims/worker.h"
#include "regression/measure/machine.h"

namespace assay::claims {
namespace {

using Clock = std::chrono::steady_clock;
using End = Measurement::End;

End end_of(StatusCode code) {
  switch (code) {
    case StatusCode::unavailable:
    case StatusCode::not_supported:
      return End::absent;
    case StatusCode::invalid_argument:
    case StatusCode::bad_file:
      return End::malformed;
    default:
      return End::broken;
  }
}

Measurement measure_claim(const Claim& claim, const Job& job) {
  try {
    const Others others;
    Measurement result = claim.experiment->once != nullptr
                             ? measure_apart(*claim.experiment, job)
                             : claim.experiment->whole(job);
    result.others = others.share();
    return result;
  } catch (const Error& error) {
    Measurement failed;
    failed.end = end_of(error.code());
    failed.reason = error.what();
    return failed;
  }
}

bool selected(const Claim& claim, const std::string& only) {
  return claim.id.find(only) != std::string::npos;
}

}  // namespace

Outcome run(const ClaimsFile& file, const Request& request,
            std::span<const Op* const> ops, const std::atomic<bool>& cancel,
            const std::function<void(const std::string&)>& progress) {
  const auto matches = [&](const Claim& claim) {
    return selected(claim, request.only);
  };
  if (std::ranges::none_of(file.claims, matches)) {
    throw Error(StatusCode::invalid_argument,
                "--only: no claim's id contains '" + request.only + "'");
  }
  Outcome outcome;
  outcome.scorecard.title = file.title;
  outcome.scorecard.run.build = measure::this_build();
  outcome.scorecard.run.machine = measure::this_machine();
  outcome.scorecard.run.utc = measure::utc_now();
  const Clock::time_point begin = Clock::now();
  Job job;
  job.ops = ops;
  job.quick = request.quick;
  job.timeout = request.worker_timeout;
  job.cancel = &cancel;
  std::vector<Result>& results = outcome.scorecard.results;
  for (const Claim& claim : file.claims) {
    const bool late =
        request.time_budget.count() > 0 && Clock::now() - begin >= request.time_budget;
    if (!matches(claim)) {
      results.push_back(untested(claim, "left out by --only"));
    } else if (cancel.load()) {
      results.push_back(untested(claim, "interrupted"));
    } else if (late) {
      results.push_back(untested(claim, "the time budget was spent"));
      outcome.end = measure::RunEnd::out_of_time;
    } else {
      progress("claim " + std::to_string(results.size() + 1) + " of " +
               std::to_string(file.claims.size()) + ": " + claim.id);
      job.settings = claim.settings;
      results.push_back(judge_claim(claim, measure_claim(claim, job)));
    }
  }
  if (cancel.load()) outcome.end = measure::RunEnd::interrupted;
  outcome.scorecard.run.complete = outcome.end == measure::RunEnd::complete;
  return outcome;
}

}  // namespace assay::claims
