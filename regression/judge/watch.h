// SPDX-License-Identifier: MIT
// What no ratio can show: that its denominator moved, or both arms together. Each arm's
// own cost against the machine's peak is watched, loosely: a peak is no paired sample.
#ifndef ASSAY_REGRESSION_JUDGE_WATCH_H_
#define ASSAY_REGRESSION_JUDGE_WATCH_H_

#include <optional>
#include <string>

#include "regression/judge/gate.h"

namespace assay::judge {

// Why the reference is not the one of the baseline any more: its cost moved by more
// than watch_factor and the custom arm's did not move along by as much. Nothing when
// the baseline knows no cost. A cost that today's run cannot tell is a reason, too.
std::optional<std::string> library_changed(const measure::Comparison& now,
                                           const GateReference& reference,
                                           const GateRules& rules);

// Both arms slower by more than watch_factor: what they share became slower (an
// allocator, huge pages, the host), or the peak was measured at another clock.
std::optional<std::string> both_slower(const measure::Comparison& now,
                                       const GateReference& reference,
                                       const GateRules& rules);

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_WATCH_H_
