// SPDX-License-Identifier: MIT
#include "regression/scaling/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "regression/measure/pair_run.h"
#include "regression/measure/serve.h"
#include "regression/scaling/processes.h"

namespace assay::scaling {
namespace {

using Clock = std::chrono::steady_clock;

// Rounds begin elsewhere, so that a drift of the machine favours no condition.
// Conditions that differ in workers alone stay side by side.
std::vector<std::size_t> order_of(const std::vector<Condition>& conditions,
                                  std::uint32_t number) {
  std::vector<std::size_t> order(conditions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::size_t group = 1;
  while (group < conditions.size() && conditions[group].workers != 1) ++group;
  const std::size_t groups = conditions.size() / group;
  std::rotate(order.begin(),
              order.begin() + static_cast<std::ptrdiff_t>(number % groups * group),
              order.end());
  if (number % 2 == 1) std::reverse(order.begin(), order.end());
  return order;
}

// A process that did not finish. Throws when what it was asked was the reason.
std::string failure_of(const measure::ChildReply& child) {
  const bool theirs = child.end == measure::ChildReply::End::exited &&
                      (child.code == measure::kWorkerInvalid ||
                       child.code == measure::kWorkerUnavailable);
  if (theirs) {
    throw Error(child.code == measure::kWorkerInvalid ? StatusCode::invalid_argument
                                                      : StatusCode::unavailable,
                child.last_line());
  }
  return child.description();
}

}  // namespace

void Runner::audit(Prepared& prepared) const {
  Arm& arm = prepared.arm;
  progress_("peaks for " + title(arm));
  const measure::LibraryAccount account = measure::audit_library(
      prepared.library, arm.device, launch(prepared), arm.multiplies);
  arm.audit = account.audit;
  arm.ceilings = {account.peak_gflops, account.peak_gflops_one, account.peak_gbs};
  arm.failure = account.failure;
}

void Runner::raise_ceilings(std::vector<Prepared>& arms) const {
  progress_("peaks once more");
  const Prepared& first = arms.front();
  const measure::LibraryAccount again = measure::audit_library(
      measure::no_library(), first.arm.device, launch(first), first.arm.multiplies);
  Ceilings most{again.peak_gflops, again.peak_gflops_one, again.peak_gbs};
  for (const Prepared& prepared : arms) {
    const Ceilings& seen = prepared.arm.ceilings;
    most.fma_gflops = std::max(most.fma_gflops, seen.fma_gflops);
    most.fma_gflops_one = std::max(most.fma_gflops_one, seen.fma_gflops_one);
    most.triad_gbs = std::max(most.triad_gbs, seen.triad_gbs);
  }
  for (Prepared& prepared : arms) prepared.arm.ceilings = most;
}

bool Runner::round(Prepared& prepared, std::uint32_t number) const {
  Arm& arm = prepared.arm;
  if (!arm.failure.empty()) return true;
  progress_(fmt::format("round {} of {}: {}", number + 1, request_.rounds, title(arm)));
  const std::vector<std::size_t> order = order_of(arm.conditions, number);
  std::vector<std::size_t> threads;
  std::vector<std::size_t> processes;
  for (const std::size_t at : order) {
    const bool apart = arm.conditions[at].kind == WorkerKind::processes;
    (apart ? processes : threads).push_back(at);
  }
  if (!threads.empty() && !run_threads(prepared, threads)) return false;
  if (processes.empty() || !arm.failure.empty()) return true;
  return run_processes(prepared, processes);
}

std::optional<Cell> Runner::once(const Prepared& prepared, const std::string& device,
                                 const Condition& condition) const {
  Prepared alone = prepared;
  alone.arm.device = device;
  alone.arm.conditions = {condition};
  alone.arm.cells.assign(1, {});
  const std::vector<std::size_t> all = {0};
  const bool apart = condition.kind == WorkerKind::processes;
  if (!(apart ? run_processes(alone, all) : run_threads(alone, all))) return {};
  if (!alone.arm.cells[0].empty()) return alone.arm.cells[0].front();
  Cell failed;
  failed.failure = alone.arm.failure;
  return failed;
}

bool Runner::out_of_time() const {
  return request_.time_budget.count() > 0 &&
         Clock::now() - begin_ >= request_.time_budget;
}

// All of them in one measuring process.
bool Runner::run_threads(Prepared& prepared,
                         const std::vector<std::size_t>& order) const {
  Arm& arm = prepared.arm;
  Task task = task_of(prepared);
  for (const std::size_t at : order) task.conditions.push_back(arm.conditions[at]);
  const measure::ChildReply child = start(prepared, task);
  if (child.end == measure::ChildReply::End::cancelled) return false;
  if (!child.ok()) {
    arm.failure = failure_of(child);
    return true;
  }
  const TaskReply reply = parse_task_reply(child.reply);
  arm.iterations = reply.iterations;
  arm.work.chain_steps = reply.chain_steps;
  for (std::size_t i = 0; i < reply.cells.size() && i < order.size(); ++i) {
    arm.cells[order[i]].push_back(reply.cells[i]);
  }
  return reply.cells.size() == order.size();
}

// Each worker a process; fresh ones for the round.
bool Runner::run_processes(Prepared& prepared,
                           const std::vector<std::size_t>& order) const {
  Arm& arm = prepared.arm;
  pool::Options options;
  options.arguments = {"scaling-pool-worker", "%p"};
  options.environment = library_worker_environment(prepared.library, launch(prepared));
  options.workers = 1;
  for (const std::size_t at : order) {
    options.workers = std::max(options.workers, arm.conditions[at].workers);
  }
  options.request_timeout = request_.worker_timeout;
  if (prepared.expected) options.data_fd = prepared.expected->fd();
  try {
    Processes processes(options, task_of(prepared), cancel_);
    arm.iterations = processes.iterations();
    arm.work.chain_steps = processes.chain_steps();
    for (const std::size_t at : order) {
      if (out_of_time()) return false;
      arm.cells[at].push_back(processes.run(arm.conditions[at]));
    }
  } catch (const Error& error) {
    if (cancel_.load()) return false;
    arm.failure = error.what();
  }
  return true;
}

measure::LaunchOptions Runner::launch(const Prepared& prepared) const {
  measure::LaunchOptions options;
  options.compute_units = prepared.arm.compute_units;
  options.additions = request_.library_environment;
  options.timeout = request_.worker_timeout;
  options.cancel = &cancel_;
  if (prepared.expected) options.shared_fd = prepared.expected->fd();
  return options;
}

Task Runner::task_of(const Prepared& prepared) const {
  Task task;
  task.device = prepared.arm.device;
  task.work = prepared.arm.work;
  task.chain_us = request_.chain_us;
  task.library_name = prepared.library.name;
  task.library_path = prepared.library.path;
  task.library_threads = prepared.library.calling == vendor::Calling::whole
                             ? static_cast<int>(prepared.arm.compute_units)
                             : 1;
  task.iterations =
      prepared.arm.iterations != 0 ? prepared.arm.iterations : request_.iterations;
  task.cell_ms = request_.cell_ms;
  if (request_.time_budget.count() > 0) {
    const auto left = request_.time_budget - (Clock::now() - begin_);
    task.budget_s = std::max(0.001, std::chrono::duration<double>(left).count());
  }
  return task;
}

measure::ChildReply Runner::start(const Prepared& prepared, const Task& task) const {
  const measure::LaunchOptions options = launch(prepared);
  measure::ChildRequest child;
  child.arguments = {"scaling-worker", std::to_string(getpid())};
  child.environment = library_worker_environment(prepared.library, options);
  child.input = to_message(task);
  child.shared_fd = options.shared_fd;
  child.timeout = options.timeout;
  child.cancel = options.cancel;
  return run_child(child);
}

}  // namespace assay::scaling
