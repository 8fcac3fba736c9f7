// SPDX-License-Identifier: MIT
#include "regression/scaling/advise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "regression/json/cursor.h"
#include "regression/judge/statistics.h"

namespace assay::scaling {
namespace {

const std::vector<Cell>& cells_of(const Row& row) {
  const auto& conditions = row.arm->conditions;
  const auto at = std::find(conditions.begin(), conditions.end(), row.condition);
  return row.arm->cells.at(static_cast<std::size_t>(at - conditions.begin()));
}

// The rows of one arm that somebody could choose: on its device.
class Rows {
 public:
  Rows(const std::vector<Row>& rows, const Arm* arm) {
    for (const Row& row : rows) {
      if (row.arm == arm && !row.condition.bare) rows_.push_back(&row);
    }
  }

  const Row* find(const Condition& condition) const {
    for (const Row* row : rows_) {
      if (row->condition == condition) return row;
    }
    return nullptr;
  }

  // The most of a number that was measured with this kind of workers; 0: nothing was.
  // A sweep has every number in all combinations.
  std::uint32_t most(std::uint32_t Condition::*number, WorkerKind kind) const {
    std::uint32_t most = 0;
    for (const Row* row : rows_) {
      if (row->condition.kind == kind) most = std::max(most, row->condition.*number);
    }
    return most;
  }

  const Row* fastest() const {
    const Row* best = nullptr;
    for (const Row* row : rows_) {
      if (row->failure.empty() && (best == nullptr || row->rate > best->rate))
        best = row;
    }
    return best;
  }

 private:
  std::vector<const Row*> rows_;
};

std::string name_of(const Row& row) {
  return fmt::format(
      "{} {}, {}", row.condition.workers,
      row.condition.kind == WorkerKind::threads ? "thread(s)" : "process(es)",
      describe(row.condition));
}

std::string range(const Contrast& c) {
  if (!std::isfinite(c.interval.low) || !std::isfinite(c.interval.high)) {
    return fmt::format("{:.2f} x", c.ratio);
  }
  return fmt::format("{:.2f} x [{:.2f}, {:.2f}]", c.ratio, c.interval.low,
                     c.interval.high);
}

// One line of two alternatives.
Advice choose(Situation situation, const Row* first, const std::string& first_name,
              const Row* second, const std::string& second_name) {
  Advice advice;
  advice.arm = first->arm;
  advice.situation = situation;
  advice.rows = {first, second};
  const Contrast c = contrast(first, second);
  for (const Row* row : advice.rows) {
    if (row->failure.empty()) continue;
    advice.advice = "cannot tell";
    advice.because = id(row->condition) + ": " + row->failure;
    return advice;
  }
  advice.because =
      fmt::format("{} has {} the rate of {}", first_name, range(c), second_name);
  switch (c.outcome) {
    case Contrast::Outcome::first:
      advice.advice = first_name;
      break;
    case Contrast::Outcome::second:
      advice.advice = second_name;
      break;
    case Contrast::Outcome::alike:
      advice.advice = "no difference";
      break;
    case Contrast::Outcome::not_known:
      advice.advice = "cannot tell";
      break;
  }
  // A full device is why neither helps, and the reader should hear it here.
  for (const Row* row : advice.rows) {
    if (row->diagnosis.cause != Cause::saturated) continue;
    advice.because += "; " + row->diagnosis.text;
    break;
  }
  return advice;
}

void add_pair(std::vector<Advice>& out, const Rows& rows, Situation situation,
              const Condition& first, const std::string& first_name,
              const Condition& second, const std::string& second_name) {
  const Row* const a = rows.find(normalized(first));
  const Row* const b = rows.find(normalized(second));
  if (a == nullptr || b == nullptr || a == b) return;
  out.push_back(choose(situation, a, first_name, b, second_name));
}

void add_throughput(std::vector<Advice>& out, const Rows& rows) {
  const Row* const best = rows.fastest();
  const Row* const one = rows.find(Condition());
  if (best == nullptr) return;
  Advice advice;
  advice.arm = best->arm;
  advice.situation = Situation::throughput;
  advice.rows = {best};
  advice.advice = name_of(*best);
  advice.because = fmt::format("{:.0f} operations a second", best->rate);
  if (best->peak == "FMA" || best->peak == "triad") {
    advice.because +=
        fmt::format(", {:.0f} % of the {} peak", 100 * best->share_of_peak, best->peak);
  }
  if (one != nullptr && one != best && one->failure.empty()) {
    const Contrast c = contrast(best, one);
    advice.rows.push_back(one);
    advice.because += "; " + range(c) + " one thread that waits for each";
    if (c.outcome == Contrast::Outcome::alike) advice.advice = "one thread";
    if (c.outcome == Contrast::Outcome::not_known) advice.advice = "cannot tell";
  }
  out.push_back(std::move(advice));
}

void add_arm(std::vector<Advice>& out, const Rows& rows) {
  const Condition event;
  Condition device = event;
  device.sync_mode = SyncMode::device;
  add_pair(out, rows, Situation::single_stream, event, "event sync", device,
           "device sync");

  Condition threads = event;
  threads.workers = rows.most(&Condition::workers, WorkerKind::threads);
  if (threads.workers > 1) {
    Condition all = threads;
    all.sync_mode = SyncMode::device;
    add_pair(out, rows, Situation::threads, threads, "event sync", all, "device sync");
    Condition shared = threads;
    shared.shared_queue = true;
    add_pair(out, rows, Situation::threads, threads, "a queue each", shared,
             "one shared queue");
    add_pair(out, rows, Situation::threads, threads,
             fmt::format("{} threads", threads.workers), event, "one thread");
  }
  Condition processes = event;
  processes.kind = WorkerKind::processes;
  processes.workers = rows.most(&Condition::workers, WorkerKind::processes);
  Condition as_many = event;
  as_many.workers = processes.workers;
  if (processes.workers > 1) {
    add_pair(out, rows, Situation::processes, processes,
             fmt::format("{} processes", processes.workers), as_many,
             fmt::format("{} threads", processes.workers));
  }
  Condition batched = event;
  batched.batch = rows.most(&Condition::batch, WorkerKind::threads);
  if (batched.batch > 1) {
    add_pair(out, rows, Situation::batching, batched,
             fmt::format("batches of {}", batched.batch), event, "one at a time");
  }
  add_throughput(out, rows);
}

}  // namespace

std::string_view to_string(Situation situation) noexcept {
  switch (situation) {
    case Situation::single_stream:
      return "single stream";
    case Situation::threads:
      return "threads";
    case Situation::processes:
      return "processes";
    case Situation::batching:
      return "batching";
    case Situation::throughput:
      return "most throughput";
  }
  return "unknown";
}

Contrast contrast(const Row* first, const Row* second) {
  Contrast result;
  if (first == nullptr || second == nullptr || !first->failure.empty() ||
      !second->failure.empty()) {
    return result;
  }
  const std::vector<Cell>& a = cells_of(*first);
  const std::vector<Cell>& b = cells_of(*second);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!a[i].failure.empty() || !b[i].failure.empty()) continue;
    ratios.push_back(a[i].rate() / b[i].rate());
  }
  result.ratio = judge::median(ratios);
  result.interval = judge::sign_test_interval(ratios, judge::kConfidence);
  if (result.interval.low >= 1 + kWorthIt) {
    result.outcome = Contrast::Outcome::first;
  } else if (result.interval.high <= 1 / (1 + kWorthIt)) {
    result.outcome = Contrast::Outcome::second;
  } else if (result.interval.low > 1 / (1 + kWorthIt) &&
             result.interval.high < 1 + kWorthIt) {
    result.outcome = Contrast::Outcome::alike;
  }
  return result;
}

std::vector<Advice> advise(const std::vector<Row>& rows) {
  std::vector<Advice> out;
  const Arm* last = nullptr;
  for (const Row& row : rows) {
    if (row.arm == last) continue;
    last = row.arm;
    add_arm(out, Rows(rows, last));
  }
  return out;
}

std::string to_text(const Report& report, const std::vector<Advice>& advice) {
  std::string text = fmt::format("{}, {}\n", report.run.machine.cpu_model,
                                 measure::usable_processors(report.run.machine));
  const Arm* arm = nullptr;
  for (const Advice& line : advice) {
    if (line.arm != arm) {
      arm = line.arm;
      text += fmt::format("\n{} on {}\n", title(*arm), arm->device);
    }
    text += fmt::format("  {:<16}{}\n{:18}{}\n", to_string(line.situation), line.advice,
                        "", line.because);
    for (const Row* row : line.rows) {
      text +=
          fmt::format("{:18}rests on {}{}\n", "", id(row->condition),
                      row->failure.empty() ? fmt::format(": {:.0f} ops/s", row->rate)
                                           : std::string());
    }
  }
  return text;
}

json::Value to_json(const Report& report, const std::vector<Row>& rows,
                    const std::vector<Advice>& advice) {
  json::Value::Array lines;
  for (const Advice& line : advice) {
    json::Value::Array ids;
    for (const Row* row : line.rows) ids.push_back(id(row->condition));
    lines.push_back(json::Value::Object{{"arm", title(*line.arm)},
                                        {"situation", to_string(line.situation)},
                                        {"advice", line.advice},
                                        {"because", line.because},
                                        {"rows", std::move(ids)}});
  }
  return json::Value::Object{{"schema", json::schema_value("assay.advice", 1, 0)},
                             {"advice", std::move(lines)},
                             {"scaling", to_json(report, rows)}};
}

}  // namespace assay::scaling
