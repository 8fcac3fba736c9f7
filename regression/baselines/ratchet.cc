// SPDX-License-Identifier: MIT
#include "regression/baselines/ratchet.h"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "regression/baselines/figures.h"
#include "regression/baselines/refresh.h"

namespace assay::baselines {
namespace {

bool overlap(const judge::Interval& a, const judge::Interval& b) {
  return a.low <= b.high && b.low <= a.high;
}

// A loss of which `what` tells: with its reason in the file, or refused.
void require_reason(const GateEntry& before, const std::string* reason,
                    const std::string& what, Ratcheted& made) {
  const std::string& gate = made.change.gate;
  if (reason == nullptr) {
    made.refusals.push_back(fmt::format("{}: {}: mend it, or give --accept {}={}", gate,
                                        what, gate, kReasonPlaceholder));
    return;
  }
  made.change.reason = *reason;
  made.entry.accepted = {*reason, made.entry.commit, before.reference.log_ratio};
}

// Small steps that each pass must not add up.
void check_anchor(Ratcheted& made) {
  const Anchor& anchor = made.entry.anchor;
  const double drift = anchor.log_ratio - made.entry.reference.log_ratio;
  if (drift <= std::log1p(kCumulativeLimit)) return;
  made.refusals.push_back(
      fmt::format("{}: {:.1f} % slower than its anchor (ratio {:.4g}, {}); the limit "
                  "of {:g} % has no --accept: mend it, or move the anchor by hand "
                  "in a reviewed commit",
                  made.change.gate, judge::percent_slower(drift),
                  std::exp(anchor.log_ratio), anchor.commit, 100 * kCumulativeLimit));
}

}  // namespace

Ratcheted ratchet(const GateEntry& before, GateEntry measured, GateChange change,
                  const std::string* reason, const judge::GateRules& rules) {
  Ratcheted made{std::move(measured), std::move(change), {}};
  GateEntry& entry = made.entry;
  const double slowdown = before.reference.log_ratio - entry.reference.log_ratio;
  made.change.before = figures_of(before.reference, rules);
  made.change.slowdown = six_digits(std::expm1(slowdown));
  if (before.library != entry.library) {
    made.change.change = Change::library_changed;
    entry.anchor = {entry.reference.log_ratio, entry.commit};
    require_reason(
        before, reason,
        fmt::format("its library was {} and is {}", before.library, entry.library),
        made);
    return made;
  }
  if (overlap(made.change.before->interval,
              figures_of(entry.reference, rules).interval)) {
    made.change.change = Change::kept;
    entry = before;
    check_anchor(made);
    return made;
  }
  entry.anchor = before.anchor;
  const judge::Margins margins = judge::margins_of(before.reference.tier);
  if (slowdown <= std::log1p(margins.indifference)) {
    made.change.change = slowdown > 0 ? Change::moved : Change::faster;
  } else {  // a NaN, too
    made.change.change = Change::slower;
    require_reason(before, reason,
                   fmt::format("{:.1f} % slower than its baseline, more than {:g} %",
                               100 * made.change.slowdown, 100 * margins.indifference),
                   made);
  }
  if (before.reference.tier == judge::Tier::tight &&
      entry.reference.tier != judge::Tier::tight) {
    require_reason(before, reason,
                   fmt::format("its tolerance grows from {:g} to {:g} %, for its new "
                               "sessions agree less",
                               100 * judge::margins_of(judge::Tier::tight).tolerance,
                               100 * judge::margins_of(entry.reference.tier).tolerance),
                   made);
  }
  check_anchor(made);
  return made;
}

}  // namespace assay::baselines
