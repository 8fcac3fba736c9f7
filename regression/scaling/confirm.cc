// SPDX-License-Identifier: MIT
#include "regression/scaling/confirm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/limits.h"
#include "regression/judge/statistics.h"

namespace assay::scaling {
namespace {

using judge::kInfinity;
// A delay large enough to be seen in the rate, small beside the operation.
constexpr double kDelayShare = 0.25;
// Of a worker's delays, the part that lengthens the run: above one half they are on its
// critical path, below they are hidden. Theory knows 0 and 1 alone.
constexpr double kHalf = 0.5;
// What a lock or one worker less may cost where it should cost nothing: runs of the
// same thing differ by some percent.
constexpr double kUnchanged = 0.9;

// Time of a worker from one operation to the next.
double period_us(const Evidence& e) {
  return 1e6 * e.condition.workers / e.cell.rate() * e.condition.batch;
}

// Rate with a delay of `delay_us` over the rate without, when a share `exposed` of it
// lengthens the period.
double slowed(const Evidence& e, double delay_us, double exposed) {
  const double period = period_us(e);
  return period / (period + exposed * delay_us);
}

std::optional<Intervention> delay_in_submit(const Evidence& e, double most_us,
                                            bool hidden) {
  const double delay_us = std::floor(std::min(kDelayShare * period_us(e), most_us));
  if (!(delay_us >= 1 && delay_us <= 1e6)) return std::nullopt;
  Intervention change;
  change.text = fmt::format("submit delayed by {:.0f} us", delay_us);
  change.layer = fmt::format("perturb(call=submit,delay_us={:.0f})+", delay_us);
  change.condition = e.condition;
  const double edge = slowed(e, delay_us, kHalf);
  change.low = hidden ? edge : 0;
  change.high = hidden ? kInfinity : edge;
  return change;
}

// Workers that queue for `places` have (workers - places) / places operations of time
// to spare. Device sync lets all of them go at the same time, so that nobody has.
std::optional<Intervention> queueing(const Evidence& e, double places) {
  if (e.condition.sync_mode == SyncMode::device) return std::nullopt;
  const double workers = e.condition.workers;
  if (!(workers > places)) return std::nullopt;
  const double spare_us = period_us(e) * (workers - places) / workers;
  return delay_in_submit(e, spare_us / 2, true);
}

Intervention lock_around_submit(const Evidence& e) {
  Intervention change;
  change.text = "a lock around submit";
  change.layer = "perturb(call=submit,mutex=1)+";
  change.condition = e.condition;
  change.low = kUnchanged;
  change.high = kInfinity;
  return change;
}

Intervention event_sync_instead(const Evidence& e) {
  Intervention change;
  change.text = "event sync instead";
  change.condition = e.condition;
  change.condition.sync_mode = SyncMode::event;
  // Without the wait for others the period is shorter by their share; at least half of
  // that, as the others go on using what there is to use.
  const double lost = std::clamp(e.cell.after_share, 0.0, 0.9);
  change.low = 1 / (1 - kHalf * lost);
  change.high = kInfinity;
  return change;
}

std::optional<Intervention> fewer_workers(const Evidence& e) {
  if (e.processors >= e.condition.workers) return std::nullopt;
  Intervention change;
  change.text = fmt::format("{} workers instead", e.processors);
  change.condition = e.condition;
  change.condition.workers = e.processors;
  change.low = kUnchanged;
  change.high = kInfinity;
  return change;
}

}  // namespace

std::string_view to_string(Confirmation::Outcome outcome) noexcept {
  switch (outcome) {
    case Confirmation::Outcome::confirmed:
      return "confirmed";
    case Confirmation::Outcome::contradicted:
      return "contradicted";
    case Confirmation::Outcome::cannot_tell:
      return "cannot_tell";
  }
  return "unknown";
}

std::optional<Intervention> intervention_for(const Evidence& e,
                                             const Diagnosis& diagnosis) {
  switch (diagnosis.cause) {
    case Cause::saturated:
      return queueing(e, places(e));
    case Cause::queue_order:
    case Cause::serial_device:
    case Cause::library_units:
    case Cause::library_lock:
      return queueing(e, 1);
    case Cause::sync_call:
      return event_sync_instead(e);
    case Cause::submit_path:
      return lock_around_submit(e);
    case Cause::oversubscribed:
      return fewer_workers(e);
    case Cause::starved:
      return delay_in_submit(e, kInfinity, false);
    case Cause::baseline:
    case Cause::scales:
    case Cause::contended:
    case Cause::machine:
    case Cause::cannot_tell:
      break;
  }
  return std::nullopt;
}

Confirmation confirm(const Intervention& intervention, std::span<const double> ratios) {
  using Outcome = Confirmation::Outcome;
  Confirmation result;
  result.intervention = intervention;
  result.ratio = judge::median(ratios);
  result.interval = judge::sign_test_interval(ratios, judge::kConfidence);
  const judge::Interval& seen = result.interval;
  if (seen.low >= intervention.low && seen.high <= intervention.high) {
    result.outcome = Outcome::confirmed;
  } else if (seen.high < intervention.low || seen.low > intervention.high) {
    result.outcome = Outcome::contradicted;
  }
  const std::string predicted = std::isinf(intervention.high)
                                    ? fmt::format("{:.2f} or more", intervention.low)
                                    : fmt::format("{:.2f} or less", intervention.high);
  result.text =
      fmt::format("{}: {:.2f} x the rate [{:.2f}, {:.2f}], predicted {}",
                  intervention.text, result.ratio, seen.low, seen.high, predicted);
  return result;
}

}  // namespace assay::scaling
