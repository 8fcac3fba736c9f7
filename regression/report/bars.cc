// SPDX-License-Identifier: MIT
#include "regression/report/bars.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "regression/judge/arms.h"
#include "regression/judge/examine.h"
#include "regression/judge/statistics.h"
#include "regression/report/cells.h"

namespace assay::report {
namespace {

constexpr std::uint32_t kBothUnits[] = {1, 2};

// A number and its interval, as logarithms; without one, why.
struct Reading {
  std::optional<judge::Estimate> log;
  const Row* row = nullptr;
  std::string why;
};

Reading nothing(std::string why, const Row* row = nullptr) {
  return {{}, row, std::move(why)};
}

// Inconclusive, and not for its interval: others on the machine took its time. A run
// that was refused has no blocks, and would be refused again.
bool lost_blocks(const Row& row) {
  return row.judged.blocks_dropped > 0 &&
         judge::dropped_share(row.judged) > judge::Rules().max_dropped_share;
}

bool same_pair(const Row& a, const Row& b) {
  return a.comparison->custom.implementation == b.comparison->custom.implementation &&
         a.comparison->library.implementation == b.comparison->library.implementation;
}

// One row a pair. A run that lost its blocks gives way to another one of the pair: what
// is dropped does not depend on the ratio, so that measuring again does not choose one.
std::vector<const Row*> rows_at(std::span<const Row> rows, std::string_view op,
                                std::string_view shape, std::uint32_t units) {
  std::vector<const Row*> found;
  for (const Row& row : rows) {
    const measure::Comparison& c = *row.comparison;
    if (c.op != op || c.shape != shape || c.compute_units != units ||
        c.custom_scope != measure::Scope::kernel) {
      continue;
    }
    const auto known = std::ranges::find_if(
        found, [&](const Row* other) { return same_pair(*other, row); });
    if (known == found.end()) {
      found.push_back(&row);
    } else if (lost_blocks(**known)) {
      *known = &row;
    }
  }
  return found;
}

// The verdict where nothing can be held against a bar. An interval around 1 may well be
// on one side of a bar.
std::string refusal_of(const Row& row) {
  const judge::Judged& judged = row.judged;
  if (judged.verdict != judge::Verdict::pass &&
      judged.verdict != judge::Verdict::inconclusive) {
    return verdict_text(judged);
  }
  return lost_blocks(row) ? "blocks dropped" : "";
}

Reading against_libraries(std::span<const Row* const> rows, std::string_view names) {
  std::vector<const Row*> counted;
  std::vector<judge::Judged> judged;
  for (const Row* row : rows) {
    const measure::ArmInfo& library = row->comparison->library;
    if (library.provider == measure::kNoPeer ||
        !library.implementation.starts_with(names)) {
      continue;
    }
    counted.push_back(row);
    judged.push_back(row->judged);
  }
  if (counted.empty()) return nothing("");
  const Row* const best = counted[judge::best_library(judged)];
  // A library that was refused may be the best one.
  for (const Row* row : counted) {
    const std::string why = refusal_of(*row);
    if (!why.empty()) {
      return nothing(row->comparison->library.implementation + ": " + why, best);
    }
  }
  const judge::Judged& quoted = best->judged;
  return {
      judge::Estimate{std::log(quoted.ratio),
                      {std::log(quoted.interval.low), std::log(quoted.interval.high)},
                      quoted.interval_kind},
      best, ""};
}

// What one of our iterations is to have done in a nanosecond, in a process: flops or
// bytes, as a share of that process's peak, or flops alone.
double rate_of(const measure::Comparison& c, const measure::ProcessSamples& process,
               Bar::Of of, double ns) {
  switch (of) {
    case Bar::Of::peak:
      return c.flops / ns / process.peak_gflops;
    case Bar::Of::triad:
      return c.compulsory_bytes / ns / process.peak_gbs;
    case Bar::Of::library:
    case Bar::Of::f32:
      break;
  }
  return c.flops / ns;
}

Reading own_rate(std::span<const Row* const> rows, Bar::Of of) {
  if (rows.empty()) return nothing("");
  const judge::Rules rules;
  std::vector<std::vector<double>> processes;
  for (const Row* row : rows) {
    const std::string why = refusal_of(*row);
    if (!why.empty()) return nothing(why, row);
    const measure::Comparison& c = *row->comparison;
    const judge::UsableBlocks usable = judge::usable_blocks(c, rules);
    for (std::size_t i = 0; i < usable.processes.size(); ++i) {
      const measure::ProcessSamples& process = c.processes[usable.numbers[i]];
      std::vector<double>& blocks = processes.emplace_back();
      for (const measure::Block* block : usable.processes[i]) {
        const auto& [first, second] = judge::times_of(*block, judge::Arm::custom);
        blocks.push_back(0.5 * (std::log(rate_of(c, process, of, first)) +
                                std::log(rate_of(c, process, of, second))));
      }
    }
  }
  if (processes.empty()) return nothing("no samples", rows.front());
  return {judge::estimate_log_ratio(processes, rules.confidence), rows.front(), ""};
}

double half_width(const judge::Estimate& log) {
  return 0.5 * (log.interval.high - log.interval.low);
}

// Sums of independent estimates, and their quotients, add half widths as deviations.
judge::Estimate around(double center, double half) {
  return {center, {center - half, center + half}, "independent runs"};
}

Reading figure_at(const Bar& bar, std::string_view shape, std::uint32_t units,
                  std::span<const Row> rows) {
  const std::vector<const Row*> at = rows_at(rows, bar.op, shape, units);
  if (bar.of == Bar::Of::library) return against_libraries(at, bar.against);
  Reading ours = own_rate(at, bar.of);
  if (bar.of != Bar::Of::f32 || !ours.log) return ours;
  const Reading wide = own_rate(rows_at(rows, "matmul", shape, units), bar.of);
  if (!wide.log) return nothing(wide.why.empty() ? "" : "f32: " + wide.why, ours.row);
  ours.log = around(ours.log->center - wide.log->center,
                    std::hypot(half_width(*ours.log), half_width(*wide.log)));
  return ours;
}

Reading mean_of(const Bar& bar, std::uint32_t units, std::span<const Row> rows) {
  double sum = 0;
  double squares = 0;
  for (const std::string_view shape : bar.shapes) {
    const Reading figure = figure_at(bar, shape, units, rows);
    if (!figure.log) {
      return nothing(figure.why.empty() ? "" : std::string(shape) + ": " + figure.why);
    }
    sum += figure.log->center;
    squares += half_width(*figure.log) * half_width(*figure.log);
  }
  const auto count = static_cast<double>(bar.shapes.size());
  return {around(sum / count, std::sqrt(squares) / count), nullptr, ""};
}

Score to_score(const Bar& bar, std::string_view shape, std::uint32_t units,
               const Reading& figure) {
  Score score;
  score.bar = &bar;
  score.shape = shape;
  score.units = units;
  score.row = figure.row;
  score.why = figure.why;
  if (!figure.log) {
    if (!figure.why.empty()) score.standing = Standing::cannot_tell;
    return score;
  }
  score.value = std::exp(figure.log->center);
  score.interval = {std::exp(figure.log->interval.low),
                    std::exp(figure.log->interval.high)};
  score.standing = score.interval.low >= bar.at_least   ? Standing::met
                   : score.interval.high < bar.at_least ? Standing::missed
                                                        : Standing::cannot_tell;
  return score;
}

// What is measured in one run, and the shapes of each: none twice, in the order of the
// bars.
class Runs {
 public:
  void add(const std::string& run, std::string_view shape) {
    auto known = std::ranges::find(runs_, run, &Run::name);
    if (known == runs_.end()) known = runs_.insert(known, {run, {}});
    if (std::ranges::find(known->shapes, shape) == known->shapes.end()) {
      known->shapes.push_back(shape);
    }
  }

  std::string text() const {
    std::string text;
    for (const Run& run : runs_) {
      text += fmt::format("{} {}\n", run.name, fmt::join(run.shapes, ","));
    }
    return text;
  }

 private:
  struct Run {
    std::string name;
    std::vector<std::string_view> shapes;
  };
  std::vector<Run> runs_;
};

}  // namespace

std::string_view to_string(Standing standing) noexcept {
  switch (standing) {
    case Standing::met:
      return "met";
    case Standing::cannot_tell:
      return "cannot tell";
    case Standing::missed:
      return "missed";
    case Standing::not_measured:
      return "not measured";
  }
  return "unknown";
}

std::vector<Score> score(std::span<const Bar> bars, std::span<const Row> rows) {
  std::vector<Score> scores;
  for (const Bar& bar : bars) {
    for (const std::uint32_t units : kBothUnits) {
      if (bar.units != 0 && bar.units != units) continue;
      if (bar.mean_of_all) {
        scores.push_back(to_score(bar, "", units, mean_of(bar, units, rows)));
        continue;
      }
      for (const std::string_view shape : bar.shapes) {
        scores.push_back(
            to_score(bar, shape, units, figure_at(bar, shape, units, rows)));
      }
    }
  }
  return scores;
}

std::string runs_of(std::span<const Bar> bars) {
  Runs runs;
  for (const Bar& bar : bars) {
    for (const std::string_view shape : bar.shapes) {
      runs.add(fmt::format("{} {}", bar.part, bar.op), shape);
    }
  }
  return runs.text();
}

std::string lost_runs(std::span<const Bar> bars, std::span<const Row> rows) {
  Runs runs;
  for (const Bar& bar : bars) {
    for (const std::uint32_t units : kBothUnits) {
      for (const std::string_view shape : bar.shapes) {
        const std::vector<const Row*> at = rows_at(rows, bar.op, shape, units);
        if (std::ranges::none_of(at, [](const Row* r) { return lost_blocks(*r); })) {
          continue;
        }
        runs.add(fmt::format("{} {} {}", bar.part, bar.op, units), shape);
      }
    }
  }
  return runs.text();
}

}  // namespace assay::report
