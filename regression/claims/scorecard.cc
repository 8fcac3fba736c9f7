// SPDX-License-Identifier: MIT
#include "regression/claims/scorecard.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "regression/judge/verdict.h"

namespace assay::claims {
namespace {

namespace exit_code = judge::exit_code;

// A machine of two processors that nothing else runs on has 1 to 3 %.
constexpr double kMostOthers = 0.1;

// Accept-if: a NaN anywhere is on neither side.
ClaimStatus side_of(const Claim& claim, const judge::Interval& interval) {
  const bool least = claim.direction == Direction::at_least;
  if (least ? interval.low >= claim.target : interval.high <= claim.target) {
    return ClaimStatus::pass;
  }
  if (least ? interval.high < claim.target : interval.low > claim.target) {
    return ClaimStatus::fail;
  }
  return ClaimStatus::inconclusive;
}

std::string_view side_name(ClaimStatus side) {
  switch (side) {
    case ClaimStatus::pass:
      return "the number is on the claimed side";
    case ClaimStatus::fail:
      return "the number is not on the claimed side";
    default:
      return "the number does not decide";
  }
}

// Others only make a call slower: a time that is short enough all the same stays so.
bool disturbed(const Result& result, ClaimStatus side) {
  const Experiment& experiment = *result.claim->experiment;
  if (experiment.exact || result.measurement.others <= kMostOthers) return false;
  const bool time = experiment.unit == "us" || experiment.unit == "ms";
  return !(time && side == ClaimStatus::pass &&
           result.claim->direction == Direction::at_most);
}

void judge_measured(Result& result) {
  const Measurement& measured = result.measurement;
  const bool numbers = measured.value == measured.value &&
                       measured.interval.low <= measured.interval.high;
  if (!numbers) {
    result.status = ClaimStatus::invalid;
    result.reason = "the measurement gave no number";
    result.exit_code = exit_code::kWrong;
    return;
  }
  const ClaimStatus side = side_of(*result.claim, measured.interval);
  if (measured.simulated) {
    // Neither: a stand-in cannot show what the real thing would.
    result.status = ClaimStatus::simulated;
    result.reason =
        "the device's memory is the host's own, so this says nothing of "
        "one with memory of its own: " +
        std::string(side_name(side));
    result.exit_code = exit_code::kInconclusive;
    return;
  }
  if (disturbed(result, side)) {
    result.status = ClaimStatus::inconclusive;
    // Not a number where nobody could tell, which counts as disturbed.
    const std::string share =
        std::isfinite(measured.others)
            ? std::to_string(static_cast<int>(100 * measured.others)) + " %"
            : "an unknown share";
    result.reason = "others had " + share +
                    " of the machine meanwhile: repeat it when there is nobody else";
    result.exit_code = exit_code::kInconclusive;
    return;
  }
  result.status = side;
  if (side == ClaimStatus::fail) result.exit_code = exit_code::kRegressed;
  if (side == ClaimStatus::inconclusive) {
    result.reason = "the target is inside the interval: " + measured.kind;
    result.exit_code = exit_code::kInconclusive;
  }
}

}  // namespace

std::string_view to_string(ClaimStatus status) noexcept {
  switch (status) {
    case ClaimStatus::pass:
      return "pass";
    case ClaimStatus::fail:
      return "fail";
    case ClaimStatus::untested:
      return "untested";
    case ClaimStatus::inconclusive:
      return "inconclusive";
    case ClaimStatus::invalid:
      return "invalid";
    case ClaimStatus::simulated:
      return "simulated";
  }
  return "unknown";
}

Result judge_claim(const Claim& claim, const Measurement& measurement) {
  using End = Measurement::End;
  Result result;
  result.claim = &claim;
  result.measurement = measurement;
  result.reason = measurement.reason;
  result.status = ClaimStatus::invalid;
  switch (measurement.end) {
    case End::measured:
      judge_measured(result);
      break;
    case End::undecided:
      result.status = ClaimStatus::inconclusive;
      result.exit_code = exit_code::kInconclusive;
      break;
    case End::absent:
      result.status = ClaimStatus::untested;
      result.exit_code = exit_code::kEnvironment;
      break;
    case End::refused:
      result.exit_code = exit_code::kEnvironment;
      break;
    case End::malformed:
      result.exit_code = exit_code::kBadFile;
      break;
    case End::wrong:
      result.exit_code = exit_code::kWrong;
      break;
    case End::broken:
      result.exit_code = exit_code::kInternal;
      break;
    case End::cancelled:
      result.status = ClaimStatus::untested;
      result.reason = "interrupted";
      break;
  }
  return result;
}

Result untested(const Claim& claim, std::string reason) {
  Result result;
  result.claim = &claim;
  result.reason = std::move(reason);
  return result;
}

std::size_t count(const Scorecard& scorecard, ClaimStatus status) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count(scorecard.results, status, &Result::status));
}

int exit_code_of(const Scorecard& scorecard, bool strict) noexcept {
  int code = exit_code::kPass;
  for (const Result& result : scorecard.results) {
    if (result.exit_code == exit_code::kInconclusive && !strict) continue;
    code = judge::worse(code, result.exit_code);
  }
  return code;
}

}  // namespace assay::claims
