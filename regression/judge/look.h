// SPDX-License-Identifier: MIT
// One measurement of a gate, before it is decided: its guards, its drift, and the
// controls of its session.
#ifndef ASSAY_REGRESSION_JUDGE_LOOK_H_
#define ASSAY_REGRESSION_JUDGE_LOOK_H_

#include <optional>
#include <span>
#include <string>

#include "regression/judge/examine.h"
#include "regression/judge/gate.h"
#include "regression/judge/guards.h"

namespace assay::judge {

// This build, and for A/B the base.
struct Look {
  Examined now;
  std::optional<Examined> base;
};

Look look_at(const measure::Comparison& now, const measure::Comparison* base,
             const GateRules& rules);

// Precondition: nothing refused, and a base or a reference.
Drift drift_of(const Look& look, const GateReference* reference,
               const GateRules& rules);

// The guard that refused either build; `prefix` goes before its reason.
std::optional<Finding> refusal_of(const Look& look, const char* prefix);

// Why what is left of the blocks is no sample.
std::optional<std::string> too_many_dropped(const Look& look, const GateRules& rules);

// The comparison with itself that found a difference, as a reason; empty when none did.
// One that was stopped before its first sample, or whose blocks were all dropped, has
// found nothing.
std::string failed_control(std::span<const measure::Comparison* const> controls,
                           const Rules& rules);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_LOOK_H_
