// SPDX-License-Identifier: MIT
#include "regression/scaling/sighting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/limits.h"
#include "regression/judge/statistics.h"

namespace assay::scaling {
namespace {

using judge::kInfinity;
// Units that the diagnosis calls full may be as empty as this: work for them is there
// 90 % of the time, and recording a group takes some of it from short ones.
constexpr double kFull = 0.75;
// Room that is not used, as for the diagnosis.
constexpr double kEmpty = 0.9;
// Of a share of the workers' time that the diagnosis found in a call: each call of a
// traced run takes longer by the recording, and so does the rest.
constexpr double kShareKept = 0.5;

Prediction work(std::string text, double low, double high) {
  return {std::move(text), &Cell::traced_work, low, high};
}

// A library call is one piece of work, however many units it holds.
double pieces(const Evidence& e) { return e.library_call ? 1 : width(e); }

}  // namespace

std::optional<Prediction> prediction_for(const Evidence& e,
                                         const Diagnosis& diagnosis) {
  if (e.condition.kind != WorkerKind::threads) return std::nullopt;
  const double units = e.compute_units;
  const double room = std::min<double>(e.condition.workers, places(e));
  switch (diagnosis.cause) {
    case Cause::saturated:
      if (e.library_call) return std::nullopt;
      return work("groups under way", kFull * units, kInfinity);
    case Cause::queue_order:
    case Cause::serial_device:
      return work("groups under way", 0, kOneAtATime * pieces(e));
    case Cause::library_units:
      return work("library calls under way", 0, kOneAtATime);
    case Cause::library_lock:
      return work("library calls under way", kOneAtATime, kInfinity);
    case Cause::starved:
      return work("groups under way", 0, kEmpty * room * pieces(e));
    case Cause::sync_call:
      return Prediction{"share of the workers' time in synchronize",
                        &Cell::traced_sync_share, kShareKept * e.cell.after_share,
                        kInfinity};
    case Cause::submit_path:
      return Prediction{"share of the workers' time in submit",
                        &Cell::traced_submit_share, kShareKept * e.cell.submit_share,
                        kInfinity};
    case Cause::baseline:
    case Cause::scales:
    case Cause::oversubscribed:
    case Cause::contended:
    case Cause::machine:
    case Cause::cannot_tell:
      break;
  }
  return std::nullopt;
}

Sighting look(const Prediction& prediction, std::span<const double> values) {
  Sighting result;
  result.prediction = prediction;
  result.value = judge::median(values);
  result.interval = judge::sign_test_interval(values, judge::kConfidence);
  const judge::Interval& seen = result.interval;
  if (seen.low >= prediction.low && seen.high <= prediction.high) {
    result.outcome = Confirmation::Outcome::confirmed;
  } else if (seen.high < prediction.low || seen.low > prediction.high) {
    result.outcome = Confirmation::Outcome::contradicted;
  }
  const std::string predicted = std::isinf(prediction.high)
                                    ? fmt::format("{:.2f} or more", prediction.low)
                                    : fmt::format("{:.2f} or less", prediction.high);
  result.text =
      fmt::format("{} by the trace: {:.2f} [{:.2f}, {:.2f}], predicted {}",
                  prediction.text, result.value, seen.low, seen.high, predicted);
  return result;
}

}  // namespace assay::scaling
