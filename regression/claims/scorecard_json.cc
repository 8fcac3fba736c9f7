// SPDX-License-Identifier: MIT
#include <utility>

#include "regression/claims/scorecard.h"
#include "regression/json/cursor.h"
#include "regression/measure/results_io.h"

namespace assay::claims {
namespace {

using json::any_double;
using json::Value;

// Without figures where there are none: a zero in their place would be averaged.
Value to_json(const Result& result) {
  const Claim& claim = *result.claim;
  const Measurement& measured = result.measurement;
  Value::Object members{{"id", claim.id},
                        {"statement", claim.statement},
                        {"source", claim.source},
                        {"experiment", claim.experiment->name},
                        {"conditions", claims::to_json(claim.settings)},
                        {"comparison", to_string(claim.direction)},
                        {"target", any_double(claim.target)},
                        {"unit", claim.experiment->unit},
                        {"status", to_string(result.status)},
                        {"reason", result.reason}};
  if (measured.end != Measurement::End::measured || measured.kind.empty()) {
    return members;
  }
  Value::Array samples;
  for (const double sample : measured.samples) samples.push_back(any_double(sample));
  members.insert({{"value", any_double(measured.value)},
                  {"low", any_double(measured.interval.low)},
                  {"high", any_double(measured.interval.high)},
                  {"interval", measured.kind},
                  {"others", any_double(measured.others)},
                  {"samples", std::move(samples)}});
  if (measured.ceiling == measured.ceiling) {
    members.insert({{"ceiling", any_double(measured.ceiling)},
                    {"ceiling_low", any_double(measured.ceiling_interval.low)},
                    {"ceiling_high", any_double(measured.ceiling_interval.high)}});
  }
  return members;
}

}  // namespace

Value to_json(const Scorecard& scorecard) {
  Value::Array results;
  for (const Result& result : scorecard.results) results.push_back(to_json(result));
  Value::Object counts;
  for (const ClaimStatus status : kAllStatuses) {
    counts.emplace(to_string(status), count(scorecard, status));
  }
  return Value::Object{
      {"schema",
       json::schema_value(kReportSchema, kReportSchemaMajor, kReportSchemaMinor)},
      {"title", scorecard.title},
      {"run", measure::to_json(scorecard.run)},
      {"claims", std::move(results)},
      {"counts", std::move(counts)},
  };
}

}  // namespace assay::claims
