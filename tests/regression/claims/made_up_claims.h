// SPDX-License-Identifier: MIT
// Claims files to break.
#ifndef ASSAY_TESTS_REGRESSION_CLAIMS_MADE_UP_CLAIMS_H_
#define ASSAY_TESTS_REGRESSION_CLAIMS_MADE_UP_CLAIMS_H_

#include <string>
#include <utility>

#include "regression/claims/claim.h"
#include "regression/json/cursor.h"

namespace assay::claims {

inline json::Value made_up_claim(const std::string& id = "cold_start") {
  return json::Value::Object{{"id", id},
                             {"statement", "it starts within 10 ms"},
                             {"source", "somebody"},
                             {"experiment", "cold_start"},
                             {"conditions", json::Value::Object()},
                             {"comparison", "at_most"},
                             {"target", 10}};
}

inline json::Value made_up_file(json::Value::Array claims) {
  return json::Value::Object{
      {"schema", json::schema_value(kClaimsSchema, kClaimsSchemaMajor, 0)},
      {"title", "made up"},
      {"claims", std::move(claims)}};
}

// A loaded claim: `experiment` gives x, us, ms or %.
inline Claim made_up(Direction direction, double target,
                     const std::string& experiment = "figure_time") {
  Claim claim;
  claim.id = "made_up";
  claim.statement = "it is fast";
  claim.source = "somebody";
  claim.experiment = find_experiment(experiment);
  claim.direction = direction;
  claim.target = target;
  return claim;
}

}  // namespace assay::claims

#endif  // ASSAY_TESTS_REGRESSION_CLAIMS_MADE_UP_CLAIMS_H_
