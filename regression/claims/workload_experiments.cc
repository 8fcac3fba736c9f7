// SPDX-License-Identifier: MIT
// Experiments that are a comparison or a scaling run with one number asked of it.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "kernels/vendor/known_libraries.h"
#include "regression/claims/experiments.h"
#include "regression/judge/examine.h"
#include "regression/judge/statistics.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/run.h"
#include "regression/measure/scope.h"
#include "regression/scaling/advise.h"
#include "regression/scaling/experiment.h"

namespace assay::claims {
namespace {

using End = Measurement::End;

Measurement ended(End end, std::string reason) {
  Measurement result;
  result.end = end;
  result.reason = std::move(reason);
  return result;
}

End end_of(judge::Verdict verdict) {
  switch (verdict) {
    case judge::Verdict::library_impaired:
    case judge::Verdict::library_changed:
      return End::refused;
    case judge::Verdict::wrong_result:
    case judge::Verdict::implausible:
    case judge::Verdict::invalid_run:
      return End::wrong;
    default:
      return End::measured;
  }
}

measure::RunRequest comparison(const Job& job) {
  const Settings& settings = job.settings;
  const auto scope = measure::parse_scope(settings.text("scope"));
  if (!scope) {
    throw Error(StatusCode::invalid_argument,
                "there is no scope '" + settings.text("scope") + "'");
  }
  const vendor::LibrarySpec library = vendor::resolve_library(settings.text("library"));
  if (!library.absent_because.empty()) {
    throw Error(StatusCode::unavailable, library.name + ": " + library.absent_because);
  }
  measure::RunRequest request;
  request.op = &measure::named_op(job.ops, settings.text("op"));
  request.shapes = {settings.text("shape")};
  request.device = settings.text("device");
  request.implementations = {settings.text("implementation")};
  request.libraries = {library};
  request.scopes = {*scope};
  request.worker_timeout = std::chrono::ceil<std::chrono::seconds>(job.timeout);
  if (job.quick) {
    request.processes = 3;
    request.blocks = 1;
    request.epoch_ms = 1;
  }
  return request;
}

}  // namespace

Measurement library_speedup(const Job& job) {
  const measure::RunOutcome outcome =
      measure::run(comparison(job), *job.cancel, [](const measure::RunProgress&) {});
  if (outcome.end == measure::RunEnd::interrupted) return ended(End::cancelled, "");
  const measure::Results& results = outcome.results;
  const judge::Rules rules = judge::rules_for(results.machine.l3_bytes);
  const std::vector<report::Row> rows = report::judge_all(results, rules);
  if (rows.empty()) return ended(End::broken, "the comparison has no rows");
  return speedup_of(rows.front(), rules);
}

Measurement speedup_of(const report::Row& row, const judge::Rules& rules) {
  const judge::Judged& judged = row.judged;
  if (!row.comparison->failure.empty() && judged.ratio == 0) {
    return ended(End::broken, row.comparison->failure);
  }
  const End end = end_of(judged.verdict);
  if (end != End::measured) return ended(end, judged.reason);
  if (judge::dropped_share(judged) > rules.max_dropped_share) {
    return ended(End::undecided, judged.reason);
  }
  if (judged.speed == judge::Speed::not_compared) {
    return ended(End::broken, judged.reason);
  }
  // A judged ratio is library / custom; the claim is about the library's speed.
  Measurement result;
  result.value = 1 / judged.ratio;
  result.interval = {1 / judged.interval.high, 1 / judged.interval.low};
  result.kind = judged.interval_kind;
  result.simulated = row.comparison->simulated_transfers;
  return result;
}

namespace {

template <typename T>
T known(const std::optional<T>& value, const std::string& name,
        const std::string& text) {
  if (value) return *value;
  throw Error(StatusCode::invalid_argument, "there is no " + name + " '" + text + "'");
}

bool shared_queue(const std::string& text) {
  if (text == "own") return false;
  if (text == "shared") return true;
  throw Error(StatusCode::invalid_argument, "queues must be own or shared");
}

scaling::Request scaling_run(const Job& job, std::vector<scaling::SyncMode> modes,
                             bool bare) {
  const Settings& settings = job.settings;
  scaling::Request request;
  request.device = settings.text("device");
  request.op = settings.text("op");
  if (!scaling::is_synthetic(request.op)) {
    request.shapes = {settings.text("shape")};
    request.implementations = {settings.text("implementation")};
  }
  request.chain_us = static_cast<double>(settings.number("kernel_us"));
  request.sweep.workers = {static_cast<std::uint32_t>(settings.number("workers"))};
  const std::string& kind = settings.text("workers_are");
  request.sweep.kinds = {
      known(scaling::parse_worker_kind(kind), "kind of worker", kind)};
  request.sweep.sync_modes = std::move(modes);
  request.sweep.bare = bare && request.op == "chain";
  request.sweep.shared_queues = {shared_queue(settings.text("queues"))};
  // More and shorter ones take the same time, and their interval leaves out more of
  // them at either end: a round that somebody else spoiled does not decide.
  request.rounds =
      job.quick ? 7 : static_cast<std::uint32_t>(settings.number("rounds"));
  request.cell_ms = job.quick ? 5 : 50;
  request.worker_timeout = std::chrono::ceil<std::chrono::seconds>(job.timeout);
  return request;
}

struct Scaled {
  scaling::Report report;
  std::vector<scaling::Row> rows;
  Measurement problem;  // End::measured: none

  // Null when there is none.
  const scaling::Row* row(scaling::SyncMode mode, std::uint32_t workers) const {
    for (const scaling::Row& row : rows) {
      if (row.condition.sync_mode == mode && row.condition.workers == workers &&
          !row.condition.bare) {
        return &row;
      }
    }
    return nullptr;
  }
};

// Fills `out`, whose rows point into its own report. `bare`: chains without a device,
// too.
void run_scaling(const Job& job, std::vector<scaling::SyncMode> modes, bool bare,
                 Scaled& out) {
  scaling::Outcome outcome =
      scaling::run(scaling_run(job, std::move(modes), bare), job.ops, *job.cancel,
                   [](const std::string&) {});
  if (outcome.end == measure::RunEnd::interrupted) {
    out.problem = ended(End::cancelled, "");
    return;
  }
  out.report = std::move(outcome.report);
  out.rows = rows_of(out.report);
  for (const scaling::Row& row : out.rows) {
    const bool wrong = row.failure.starts_with("wrong result");
    if (!row.failure.empty()) {
      out.problem = ended(wrong ? End::wrong : End::broken, row.failure);
      return;
    }
    if (row.peak == "FMA" && row.share_of_peak > scaling::kPlausible) {
      out.problem = ended(End::wrong, "implausible: above the FMA peak");
      return;
    }
  }
  for (const scaling::Arm& arm : out.report.arms) {
    if (arm.audit.impaired) out.problem = ended(End::refused, arm.audit.reason);
  }
}

}  // namespace

Measurement efficiency(const Job& job) {
  const std::string& text = job.settings.text("sync_mode");
  const scaling::SyncMode mode =
      known(measure::parse_sync_mode(text), "sync mode", text);
  Scaled scaled;
  run_scaling(job, {mode}, true, scaled);
  if (scaled.problem.end != End::measured) return scaled.problem;
  const auto workers = static_cast<std::uint32_t>(job.settings.number("workers"));
  const scaling::Row* const row = scaled.row(mode, workers);
  if (row == nullptr || !std::isfinite(row->efficiency)) {
    return ended(End::broken, "there is no one-worker run to hold it against");
  }
  Measurement result;
  result.value = 100 * row->efficiency;
  result.interval = {100 * row->interval.low, 100 * row->interval.high};
  result.kind = "sign test over " + std::to_string(row->rounds) + " rounds";
  if (const scaling::Row* const bare = ceiling_of(scaled.rows, *row)) {
    result.ceiling = 100 * bare->efficiency;
    result.ceiling_interval = {100 * bare->interval.low, 100 * bare->interval.high};
  }
  return result;
}

Measurement event_over_device_sync(const Job& job) {
  Scaled scaled;
  run_scaling(job, {scaling::SyncMode::event, scaling::SyncMode::device}, false,
              scaled);
  if (scaled.problem.end != End::measured) return scaled.problem;
  const auto workers = static_cast<std::uint32_t>(job.settings.number("workers"));
  const scaling::Row* const event = scaled.row(scaling::SyncMode::event, workers);
  const scaling::Row* const device = scaled.row(scaling::SyncMode::device, workers);
  const scaling::Contrast contrast = scaling::contrast(event, device);
  if (!std::isfinite(contrast.ratio)) {
    return ended(End::broken, "a run is missing");
  }
  Measurement result;
  result.value = contrast.ratio;
  result.interval = contrast.interval;
  result.kind = "sign test over " + std::to_string(event->rounds) + " rounds";
  return result;
}

}  // namespace assay::claims
