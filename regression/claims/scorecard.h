// SPDX-License-Identifier: MIT
// From measurements to a scorecard over all claims of a file. Pure functions. The
// documents this comes from left out what they had not tested: "4 of 5, 80 %" of seven
// claims. Here the denominator is the file.
#ifndef ASSAY_REGRESSION_CLAIMS_SCORECARD_H_
#define ASSAY_REGRESSION_CLAIMS_SCORECARD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regression/claims/claim.h"
#include "regression/claims/experiment.h"
#include "regression/json/value.h"
#include "regression/measure/results.h"

namespace assay::claims {

inline constexpr std::string_view kReportSchema = "assay.claims_report";
inline constexpr int kReportSchemaMajor = 1;
inline constexpr int kReportSchemaMinor = 1;  // 1: ceilings

enum class ClaimStatus : std::uint8_t {
  pass,          // the whole interval is on the claimed side of the target
  fail,          // the whole interval is on the other side
  untested,      // what it needs is not here, or nobody asked
  inconclusive,  // the interval has the target inside, or others used the machine
  invalid,    // a wrong output, a crash, an impaired library, conditions without sense
  simulated,  // measured, on a device that only plays the part
};
std::string_view to_string(ClaimStatus status) noexcept;
inline constexpr ClaimStatus kAllStatuses[] = {
    ClaimStatus::pass,         ClaimStatus::fail,    ClaimStatus::untested,
    ClaimStatus::inconclusive, ClaimStatus::invalid, ClaimStatus::simulated};

struct Result {
  const Claim* claim = nullptr;  // never null, not owned
  ClaimStatus status = ClaimStatus::untested;
  std::string reason;       // one line; empty for pass and fail
  Measurement measurement;  // of what was measured
  int exit_code = 0;        // what this claim alone asks for
};

// A claim with what was measured of it.
Result judge_claim(const Claim& claim, const Measurement& measurement);
// A claim that nobody tested, and why.
Result untested(const Claim& claim, std::string reason);

struct Scorecard {
  std::string title;
  measure::Results run;         // build, machine, time, command line, complete
  std::vector<Result> results;  // one a claim, in the order of the file
};

std::size_t count(const Scorecard& scorecard, ClaimStatus status) noexcept;

// The worst: 1 a claim that is false, 3 a wrong output, 6 a device or library that is
// absent or impaired, 7 conditions that make no sense, 70 a crash. With `strict` 4 for
// inconclusive and simulated; else they count as nothing.
int exit_code_of(const Scorecard& scorecard, bool strict) noexcept;

// For a terminal.
std::string to_text(const Scorecard& scorecard);
// A document of kReportSchema: docs/schema/claims_report.schema.json.
json::Value to_json(const Scorecard& scorecard);

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_SCORECARD_H_
