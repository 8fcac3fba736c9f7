// SPDX-License-Identifier: MIT
// The ratchet (docs/baselines.md): the stored numbers of one gate against new ones.
#ifndef ASSAY_REGRESSION_BASELINES_RATCHET_H_
#define ASSAY_REGRESSION_BASELINES_RATCHET_H_

#include <string>
#include <vector>

#include "regression/baselines/baseline.h"
#include "regression/baselines/proposal.h"
#include "regression/judge/gate.h"

namespace assay::baselines {

struct Ratcheted {
  GateEntry entry;  // the stored one when the change is `kept`
  GateChange change;
  // What lacks a reason, or has no remedy; one line each.
  std::vector<std::string> refusals;
};

// `measured` without an anchor, `change` with what was measured in it; `reason` is what
// a person gave for a loss, or null.
Ratcheted ratchet(const GateEntry& before, GateEntry measured, GateChange change,
                  const std::string* reason, const judge::GateRules& rules);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_RATCHET_H_
