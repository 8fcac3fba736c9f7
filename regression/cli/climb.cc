// SPDX-License-Identifier: MIT
#include "regression/cli/climb.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "backends/registry.h"
#include "regression/cli/contestants.h"
#include "regression/cli/options.h"
#include "regression/json/file.h"
#include "regression/judge/verdict.h"
#include "regression/measure/pair_run.h"
#include "regression/report/cells.h"
#include "regression/report/text.h"

namespace assay::cli {
namespace {

std::string regenerating_line(const LadderOptions& options, std::string_view op) {
  const LadderOptions usual;
  std::string text = options.program + " ladder --op " + std::string(op);
  const auto add = [&](std::string_view option, const auto& value,
                       const auto& usually) {
    if (value == usually) return;
    text +=
        fmt::format(" {} {}", option, report::shell_quoted(fmt::format("{}", value)));
  };
  add("--shapes", options.shapes, usual.shapes);
  add("--device", options.device, usual.device);
  text += fmt::format(" --threads {}", options.threads);
  add("--library", options.libraries, usual.libraries);
  add("--processes", options.processes, usual.processes);
  add("--blocks", options.blocks, usual.blocks);
  add("--epoch-ms", options.epoch_ms, usual.epoch_ms);
  add("--longest-run", options.longest_run_ms, usual.longest_run_ms);
  return text + " --write";
}

// The page below `folder` with the op's part: found, or refused, before anything is
// measured. matmul's page has three ops, so the name of the folder does not say.
std::string page_of(const std::string& folder, std::string_view op) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string path = (entry.path() / "README.md").string();
    if (!fs::is_regular_file(path)) continue;
    if (json::read_file(path).find(report::ladder_begin(op)) != std::string::npos) {
      found.push_back(path);
    }
  }
  if (found.size() == 1) return found.front();
  const std::string line = report::ladder_begin(op);
  throw Error(
      StatusCode::failed_precondition,
      fmt::format("{} of {}/*/README.md have the line '{}' and one must: run in "
                  "the root of the sources, or name the folder with --pages",
                  found.size(), folder, line.substr(0, line.size() - 1)));
}

// What a run's time is taken to grow with.
double work_of(double flops, double compulsory_bytes) {
  return flops > 0 ? flops : compulsory_bytes;
}

// Why a figure is missing or doubtful.
void tell_problems(std::span<const report::Row> rows) {
  std::vector<report::Group> groups = report::group_rows(rows);
  std::erase_if(groups, [](const report::Group& group) {
    return group.quoted->judged.verdict == judge::Verdict::pass;
  });
  for (const std::string& line : report::problems(groups)) {
    std::fprintf(stderr, "assay: %s\n", line.c_str());
  }
}

}  // namespace

Climb::Climb(const LadderOptions& options, const Op& op)
    : options_(options),
      op_(op),
      uri_(with_threads(options.device, options.threads)),
      device_(open_device(uri_)) {
  if (options.shapes.empty()) {
    for (const std::string_view shape : op.ladder_shapes()) shapes_.emplace_back(shape);
  } else {
    shapes_ = split_list(options.shapes, "--shapes");
  }
  if (shapes_.empty()) {
    invalid(std::string(op.name()) + " names no shapes for its ladder: give --shapes");
  }
  for (const std::string& shape : shapes_) (void)problem_to_measure(op, shape);
  if (options.write) {
    page_ = page_of(options.pages, op.name());
    require_writable(page_);
    (void)report::ladder_part(json::read_file(page_), op.name());
  }
  ladder_.regenerate = regenerating_line(options, op.name());
}

int Climb::run() {
  for (const std::string& shape : shapes_) {
    measure(shape);
    stop_if_interrupted();
  }
  progress_.clear();
  return show();
}

// Each run of workers measured the bandwidth of memory once. A ceiling is a maximum:
// what one of them found, whatever others on this machine did meanwhile, the machine
// has.
void Climb::level_ceilings() {
  double gbs = 0;
  for (const measure::Comparison& comparison : results_.comparisons) {
    for (const measure::ProcessSamples& process : comparison.processes) {
      gbs = std::max(gbs, process.peak_gbs);
    }
  }
  for (measure::Comparison& comparison : results_.comparisons) {
    for (measure::ProcessSamples& process : comparison.processes) {
      process.peak_gbs = gbs;
    }
  }
}

int Climb::show() {
  level_ceilings();
  const std::vector<report::Row> rows =
      report::judge_all(results_, judge::rules_for(results_.machine.l3_bytes));
  tell_problems(rows);
  const int code = report::exit_code_of(rows, false, false);
  const std::string part = report::render_ladder(results_, rows, ladder_);
  if (!options_.write || code != judge::exit_code::kPass) {
    print(fmt::format("# {}\n{}\n", op_.name(), part));
    if (options_.write) std::fputs("assay: nothing is written\n", stderr);
    return code;
  }
  // Read again: somebody may have worked on the rest of the page.
  json::write_file_atomically(
      page_, report::with_ladder_part(json::read_file(page_), op_.name(), part));
  print(fmt::format("{}: the ladder of {} is written\n", page_, op_.name()));
  return code;
}

void Climb::measure(const std::string& shape) {
  const std::unique_ptr<Problem> problem = problem_to_measure(op_, shape);
  measure::RunRequest request;
  request.op = &op_;
  request.shapes = {shape};
  request.device = uri_;
  request.scopes = {measure::Scope::kernel};
  request.processes = options_.processes;
  request.blocks = options_.blocks;
  request.epoch_ms = options_.epoch_ms;
  request.worker_timeout = std::chrono::seconds(options_.worker_timeout_s);
  add_steps(*problem, request);
  add_libraries(*problem, request);
  if (request.implementations.empty()) return;
  if (request.libraries.size() < 2) return run(request);
  // Which library is the best one is asked of the last step. The others are set against
  // that one alone: one library a table, and half of the time.
  measure::RunRequest last = request;
  last.implementations = {request.implementations.back()};
  const std::size_t first = results_.comparisons.size();
  run(last);
  request.implementations.pop_back();
  if (request.implementations.empty() || interrupted()) return;
  const std::string best = best_library(first);
  std::erase_if(request.libraries, [&](const vendor::LibrarySpec& library) {
    return library.name != best;
  });
  run(request);
}

// Of the comparisons from `first` on, which differ in the library alone.
std::string Climb::best_library(std::size_t first) const {
  const judge::Rules rules = judge::rules_for(results_.machine.l3_bytes);
  std::vector<judge::Judged> judged;
  for (std::size_t i = first; i < results_.comparisons.size(); ++i) {
    judged.push_back(judge::judge(results_.comparisons[i], rules));
  }
  const std::size_t best = first + judge::best_library(judged);
  return results_.comparisons[best].library.implementation;
}

void Climb::run(const measure::RunRequest& request) {
  measure::RunOutcome outcome =
      measure::run(request, interrupted(), [&](const measure::RunProgress& now) {
        progress_.show(fmt::format("[{}/{}] {}", now.done, now.total, now.now));
      });
  results_.machine = std::move(outcome.results.machine);
  results_.build = std::move(outcome.results.build);
  learn_speeds(outcome.results.comparisons);
  for (measure::Comparison& comparison : outcome.results.comparisons) {
    results_.comparisons.push_back(std::move(comparison));
  }
}

// Those of the op's table that this device runs. A step that would take longer than
// --longest-run is left out: an iteration is done some twenty times a process, and in
// minutes of a slow step the reader learns nothing that its rate at a smaller shape
// did not say.
void Climb::add_steps(const Problem& problem, measure::RunRequest& request) {
  report::LadderShape at{.shape = problem.shape(), .steps = {}};
  for (const Implementation& row : op_.implementations()) {
    if (row.provider != Provider::custom) continue;
    if (!runs_here(row)) continue;
    report::LadderStep step{.name = std::string(row.name),
                            .idea = std::string(row.idea)};
    if (const auto why = row.unsupported(problem, device_->caps())) {
      step.not_run_because = *why;
    } else {
      step.not_run_because = too_long(step.name, problem);
    }
    if (step.not_run_because.empty()) request.implementations.push_back(step.name);
    at.steps.push_back(std::move(step));
  }
  ladder_.shapes.push_back(std::move(at));
}

// Whether it is a step of this device's ladder at all: there are others for device
// code.
bool Climb::runs_here(const Implementation& row) const {
  return std::ranges::any_of(shapes_, [&](const std::string& shape) {
    return !row.unsupported(*op_.make_problem(shape, DType::f32), device_->caps());
  });
}

std::string Climb::too_long(const std::string& step, const Problem& problem) const {
  const auto speed = ns_of_work_.find(step);
  if (speed == ns_of_work_.end()) return "";
  const double ns =
      speed->second * work_of(problem.flops(), problem.compulsory_bytes());
  if (ns <= options_.longest_run_ms * 1e6) return "";
  return fmt::format("about {} a run by its speed at the shape before, more than {}",
                     report::format_time(ns),
                     report::format_time(options_.longest_run_ms * 1e6));
}

void Climb::add_libraries(const Problem& problem, measure::RunRequest& request) {
  const std::vector<std::string> names =
      options_.libraries.empty() ? libraries_of(op_, problem, device_->caps()).names
                                 : split_list(options_.libraries, "--library");
  for (const std::string& name : names) {
    vendor::LibrarySpec library = vendor::resolve_library(name);
    const Implementation& row = measure::library_row(op_, library);
    if (row.unsupported(problem, device_->caps())) continue;
    if (std::ranges::find(ladder_.libraries, name, &report::LadderStep::name) ==
        ladder_.libraries.end()) {
      ladder_.libraries.push_back({.name = name, .idea = std::string(row.idea)});
    }
    request.libraries.push_back(std::move(library));
  }
}

void Climb::learn_speeds(std::span<const measure::Comparison> measured) {
  const judge::Rules rules = judge::rules_for(results_.machine.l3_bytes);
  for (const measure::Comparison& comparison : measured) {
    const double work = work_of(comparison.flops, comparison.compulsory_bytes);
    const double ns = judge::judge(comparison, rules).custom.median_ns;
    if (ns > 0) ns_of_work_[comparison.custom.implementation] = ns / work;
  }
}

}  // namespace assay::cli
