// SPDX-License-Identifier: MIT
#include "regression/scaling/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace assay::scaling {
namespace {

// From here on there is nothing to explain: one-worker runs repeat within some percent.
constexpr double kScales = 0.9;
// Below, a quarter of the workers' time may be lost for all that is known.
constexpr double kScalesAtLeast = 0.75;
// The best kernels and libraries here reach 0.84 to 0.95 of the FMA peak at 512 cubed
// and above; less than 0.75 on a device that is full has another reason.
constexpr double kSaturated = 0.75;
// All units executing, but for what the estimate of the overlap may be off.
constexpr double kUnitsFull = 0.9;
// A queue or a library that is the limit is busy most of the time.
constexpr double kBusy = 0.7;
// Part of the workers' time that is spent in one place before the place is called the
// cause. Half of it would be beyond doubt; a fifth lost explains an efficiency of 0.8.
constexpr double kLost = 0.15;
// A call that takes this much longer than with one worker.
constexpr double kGrown = 1.5;
constexpr double kStretched = 1.3;

using Finding = std::optional<Diagnosis>;

double percent(double share) { return 100 * share; }

double all_units(const Evidence& e) {
  return static_cast<double>(e.compute_units) * e.devices;
}

// Submissions that could run at the same time.
double room(const Evidence& e) {
  return std::min(static_cast<double>(e.condition.workers), places(e));
}

double stretch(const Evidence& e) {
  return e.cell.execute_p50_ns / e.baseline.execute_p50_ns;
}

Finding saturated(const Evidence& e) {
  if (e.share_of_peak >= kSaturated) {
    return Diagnosis{Cause::saturated, fmt::format("saturated: {:.0f} % of the {} peak",
                                                   percent(e.share_of_peak), e.peak)};
  }
  const double busy = std::min(1.0, e.cell.overlap * width(e) / all_units(e));
  // Units that are all busy but slower than alone are not all there is to say, unless
  // each operation fills the device by itself.
  const bool alone = width(e) >= e.compute_units;
  if (!e.library_call && busy >= kUnitsFull && (alone || stretch(e) < kStretched)) {
    std::string text =
        fmt::format("saturated: work for all {} units {:.0f} % of the time",
                    all_units(e), percent(busy));
    if (std::isfinite(e.share_of_peak)) {
      text +=
          fmt::format(", {:.0f} % of the {} peak", percent(e.share_of_peak), e.peak);
    }
    return Diagnosis{Cause::saturated, std::move(text)};
  }
  return std::nullopt;
}

Finding one_at_a_time(const Evidence& e) {
  if (!(e.cell.overlap <= kOneAtATime && e.cell.overlap >= kBusy)) return std::nullopt;
  if (e.condition.shared_queue) {
    return Diagnosis{Cause::queue_order,
                     fmt::format("serialised in queue order: one queue, which executes "
                                 "{:.0f} % of the time",
                                 percent(e.cell.overlap))};
  }
  if (!e.concurrent_queues) {
    return Diagnosis{
        Cause::serial_device,
        fmt::format("serialised by the device: its queues do not overlap, and it "
                    "executes {:.0f} % of the time",
                    percent(e.cell.overlap))};
  }
  return std::nullopt;
}

// An overlap above 1 counts what has started and waits for units to be lent.
Finding library_units(const Evidence& e) {
  if (!e.library_call || e.lend_one || e.devices != 1) return std::nullopt;
  if (!(e.cell.overlap >= kBusy)) return std::nullopt;
  return Diagnosis{
      Cause::library_units,
      fmt::format(
          "serialised by lending: each library call holds all {} units, and one "
          "runs or waits for them {:.0f} % of the time",
          e.compute_units, percent(std::min(1.0, e.cell.overlap)))};
}

// Calls that the device runs at the same time, each slower by as much as there are.
Finding library_lock(const Evidence& e) {
  if (!e.library_call || e.devices != 1) return std::nullopt;
  if (!(e.cell.overlap > kOneAtATime)) return std::nullopt;
  if (!(stretch(e) >= kGrown && stretch(e) >= kBusy * e.cell.overlap)) {
    return std::nullopt;
  }
  return Diagnosis{
      Cause::library_lock,
      fmt::format("serialised in the library: {:.1f} calls inside it at a time, each "
                  "takes {:.1f} x as long",
                  e.cell.overlap, stretch(e))};
}

Finding sync_call(const Evidence& e) {
  if (e.condition.sync_mode != SyncMode::device) return std::nullopt;
  const double before = std::max(0.0, e.baseline.after_share);
  if (!(e.cell.after_share - before >= kLost)) return std::nullopt;
  return Diagnosis{Cause::sync_call,
                   fmt::format("serialised in the sync call: {:.0f} % of the workers' "
                               "time in it after their own work had ended",
                               percent(e.cell.after_share))};
}

Finding submit_path(const Evidence& e) {
  // Where the submitting thread executes, submit takes as long as the work.
  if (!e.concurrent_queues) return std::nullopt;
  const double growth = e.cell.submit_p50_ns / e.baseline.submit_p50_ns;
  if (!(e.cell.submit_share >= kLost && growth >= kGrown)) return std::nullopt;
  return Diagnosis{
      Cause::submit_path,
      fmt::format(
          "serialised in submit: {:.0f} % of the workers' time in it, each call "
          "takes {:.1f} x as long",
          percent(e.cell.submit_share), growth)};
}

Finding oversubscribed(const Evidence& e) {
  if (e.condition.workers <= e.processors) return std::nullopt;
  return Diagnosis{Cause::oversubscribed,
                   fmt::format("oversubscribed: {} workers on {} processors",
                               e.condition.workers, e.processors)};
}

Finding contended(const Evidence& e) {
  if (!(stretch(e) >= kStretched && e.cell.overlap > kOneAtATime)) return std::nullopt;
  return Diagnosis{
      Cause::contended,
      fmt::format("contended: {:.1f} run at a time, each takes {:.1f} x as "
                  "long as alone",
                  e.cell.overlap, stretch(e))};
}

Finding starved(const Evidence& e) {
  if (!(e.cell.overlap < kUnitsFull * room(e))) return std::nullopt;
  return Diagnosis{
      Cause::starved,
      fmt::format("starved: {:.2f} submissions execute at a time, there is room for "
                  "{:.1f}; of the workers' time submit takes {:.0f} %, waits {:.0f} %, "
                  "{:.0f} % after their work had ended",
                  e.cell.overlap, room(e), percent(e.cell.submit_share),
                  percent(e.cell.wait_share), percent(e.cell.after_share))};
}

// A median over rounds of which some had half of it says that the others did well.
Diagnosis scales(const Evidence& e) {
  if (std::isnan(e.least_efficiency)) {
    return {Cause::scales, "scales, by its median: too few rounds for an interval"};
  }
  if (e.least_efficiency >= kScalesAtLeast) return {Cause::scales, "scales"};
  return {
      Cause::cannot_tell,
      fmt::format("cannot tell: it scales by its median, but the interval begins at "
                  "{:.2f}: more rounds, or a quieter machine",
                  e.least_efficiency)};
}

// As good as the processors there are: then their number is all there is to say, and
// what the surplus workers wait in is no cause.
Finding as_good_as_processors(const Evidence& e) {
  const double most = static_cast<double>(e.processors) / e.condition.workers;
  return e.efficiency >= kScales * most ? oversubscribed(e) : std::nullopt;
}

}  // namespace

double width(const Evidence& evidence) {
  const double units = evidence.compute_units;
  if (evidence.library_call) return evidence.lend_one ? 1 : units;
  return std::clamp(evidence.cell.groups, 1.0, units);
}

double places(const Evidence& evidence) {
  return std::max(1.0, all_units(evidence) / width(evidence));
}

std::string_view to_string(Cause cause) noexcept {
  switch (cause) {
    case Cause::baseline:
      return "baseline";
    case Cause::scales:
      return "scales";
    case Cause::saturated:
      return "saturated";
    case Cause::queue_order:
      return "queue_order";
    case Cause::serial_device:
      return "serial_device";
    case Cause::library_units:
      return "library_units";
    case Cause::library_lock:
      return "library_lock";
    case Cause::sync_call:
      return "sync_call";
    case Cause::submit_path:
      return "submit_path";
    case Cause::oversubscribed:
      return "oversubscribed";
    case Cause::contended:
      return "contended";
    case Cause::starved:
      return "starved";
    case Cause::machine:
      return "machine";
    case Cause::cannot_tell:
      return "cannot_tell";
  }
  return "unknown";
}

Diagnosis diagnose(const Evidence& evidence) {
  if (evidence.condition.workers == 1) return {Cause::baseline, "the baseline"};
  if (evidence.condition.bare) return {Cause::machine, "what the machine has to give"};
  if (evidence.efficiency >= kScales) return scales(evidence);
  // What is full comes first: behind it nothing else is a cause. Then what the contract
  // says runs one after the other, then places where time is lost, the surest first.
  constexpr Finding (*kRules[])(const Evidence&) = {
      saturated, one_at_a_time, library_units,  library_lock, as_good_as_processors,
      sync_call, submit_path,   oversubscribed, contended,    starved};
  for (const auto rule : kRules) {
    if (const Finding found = rule(evidence)) return *found;
  }
  return {Cause::cannot_tell, "cannot tell"};
}

}  // namespace assay::scaling
