// SPDX-License-Identifier: MIT
#include "regression/scaling/experiment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "backends/registry.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/shared_expected.h"
#include "regression/scaling/processes.h"
#include "regression/scaling/task.h"

namespace assay::scaling {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void invalid(const std::string& message) {
  throw Error(StatusCode::invalid_argument, message);
}

// An arm with what it takes to run it.
struct Prepared {
  Arm arm;
  vendor::LibrarySpec library;  // without a path: none
  std::shared_ptr<measure::SharedExpected> expected;
};

const Implementation& named_row(const Op& op, const std::string& name) {
  std::string known;
  for (const Implementation& row : op.implementations()) {
    if (row.name == name && row.provider != Provider::reference) return row;
    if (row.provider == Provider::reference) continue;
    known.append(known.empty() ? "" : ", ").append(row.name);
  }
  invalid("'" + name + "' is no implementation of " + std::string(op.name()) +
          "; there are " + known);
}

vendor::LibrarySpec library_of(const Implementation& row) {
  if (row.provider != Provider::library) return {};
  vendor::LibrarySpec spec = vendor::resolve_library(row.library);
  if (!spec.absent_because.empty()) {
    throw Error(StatusCode::unavailable,
                std::string(row.name) + ": " + spec.absent_because);
  }
  return spec;
}

Arm arm_on(const Device& device, const Request& request) {
  Arm arm;
  arm.work.op = request.op;
  arm.work.seed = request.seed;
  arm.work.lend_one = request.lend_one;
  arm.device = device.caps().uri;
  arm.compute_units = device.caps().compute_units;
  arm.concurrent_queues = device.caps().concurrent_queues;
  arm.conditions = conditions(request.sweep);
  arm.cells.resize(arm.conditions.size());
  return arm;
}

std::vector<Prepared> arms_of(const Request& request, std::span<const Op* const> ops,
                              const std::function<void(const std::string&)>& progress) {
  const std::shared_ptr<Device> device = open_device(request.device);
  if (is_synthetic(request.op)) {
    if (!device->caps().host_kernels) {
      throw Error(StatusCode::not_supported,
                  "'" + request.op + "' is a host kernel, and " + request.device +
                      " runs none: take an op with device code, matmul");
    }
    return {{arm_on(*device, request), {}, nullptr}};
  }
  const Op& op = measure::named_op(ops, request.op);
  std::vector<Prepared> arms;
  for (const std::string& shape : request.shapes) {
    const auto problem = op.make_problem(shape, DType::f32);
    if (!(problem->compulsory_bytes() > 0)) invalid(shape + ": nothing to measure");
    std::shared_ptr<measure::SharedExpected> expected;
    for (const std::string& name : request.implementations) {
      const Implementation& row = named_row(op, name);
      if (const auto reason = row.unsupported(*problem, device->caps())) {
        throw Error(StatusCode::not_supported, name + ": " + *reason);
      }
      Prepared prepared{arm_on(*device, request), library_of(row), nullptr};
      prepared.arm.work.shape = problem->shape();
      prepared.arm.work.implementation = name;
      prepared.arm.library_call = row.provider == Provider::library &&
                                  prepared.library.calling == vendor::Calling::whole;
      prepared.arm.flops = problem->flops();
      prepared.arm.bytes = problem->compulsory_bytes();
      prepared.arm.traffic_bytes = prepared.arm.bytes;
      const Operand& output = problem->operands()[problem->output()];
      if (output.access == Access::write) {
        prepared.arm.traffic_bytes += static_cast<double>(output.bytes());
      }
      if (!expected) {
        progress("oracle of " + problem->shape());
        expected = std::make_shared<measure::SharedExpected>(
            measure::compute_expected(*problem, DataFamily::uniform, request.seed));
      }
      prepared.expected = expected;
      arms.push_back(std::move(prepared));
    }
  }
  return arms;
}

class Runner {
 public:
  Runner(const Request& request, const std::atomic<bool>& cancel,
         const std::function<void(const std::string&)>& progress)
      : request_(request), cancel_(cancel), progress_(progress), begin_(Clock::now()) {}

  // The peaks, and what the library is: a process each.
  void audit(Prepared& prepared) const {
    Arm& arm = prepared.arm;
    progress_("peaks for " + title(arm));
    const measure::LibraryAccount account =
        measure::audit_library(prepared.library, arm.device, launch(prepared));
    arm.audit = account.audit;
    arm.ceilings = {account.peak_gflops, account.peak_gflops_one, account.peak_gbs};
    arm.failure = account.failure;
  }

  // A ceiling is a maximum: measured while somebody else had a processor it is too low,
  // and honest rates would be above it. So it is measured once more, and the arms,
  // which have one device, share the highest.
  void raise_ceilings(std::vector<Prepared>& arms) const {
    progress_("peaks once more");
    const Prepared& first = arms.front();
    const measure::LibraryAccount again =
        measure::audit_library(measure::no_library(), first.arm.device, launch(first));
    Ceilings most{again.peak_gflops, again.peak_gflops_one, again.peak_gbs};
    for (const Prepared& prepared : arms) {
      const Ceilings& seen = prepared.arm.ceilings;
      most.fma_gflops = std::max(most.fma_gflops, seen.fma_gflops);
      most.fma_gflops_one = std::max(most.fma_gflops_one, seen.fma_gflops_one);
      most.triad_gbs = std::max(most.triad_gbs, seen.triad_gbs);
    }
    for (Prepared& prepared : arms) prepared.arm.ceilings = most;
  }

  // Every condition of the arm once. False when time was up before the last.
  bool round(Prepared& prepared, std::uint32_t number) const {
    Arm& arm = prepared.arm;
    if (!arm.failure.empty()) return true;
    progress_(
        fmt::format("round {} of {}: {}", number + 1, request_.rounds, title(arm)));
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

  bool out_of_time() const {
    return request_.time_budget.count() > 0 &&
           Clock::now() - begin_ >= request_.time_budget;
  }

 private:
  // All of them in one measuring process.
  bool run_threads(Prepared& prepared, const std::vector<std::size_t>& order) const {
    Arm& arm = prepared.arm;
    Task task = task_of(prepared);
    for (const std::size_t at : order) task.conditions.push_back(arm.conditions[at]);
    const measure::ChildReply child = start(prepared, task);
    if (child.end == measure::ChildReply::End::cancelled) return false;
    if (!child.ok()) {
      fail(arm, child);
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
  bool run_processes(Prepared& prepared, const std::vector<std::size_t>& order) const {
    Arm& arm = prepared.arm;
    pool::Options options;
    options.arguments = {"scaling-pool-worker", "%p"};
    options.environment =
        library_worker_environment(prepared.library, launch(prepared));
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

  measure::LaunchOptions launch(const Prepared& prepared) const {
    measure::LaunchOptions options;
    options.compute_units = prepared.arm.compute_units;
    options.additions = request_.library_environment;
    options.timeout = request_.worker_timeout;
    options.cancel = &cancel_;
    if (prepared.expected) options.shared_fd = prepared.expected->fd();
    return options;
  }

  Task task_of(const Prepared& prepared) const {
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

  measure::ChildReply start(const Prepared& prepared, const Task& task) const {
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

  // Rounds begin elsewhere, so that a drift of the machine favours no condition.
  // Conditions that differ in workers alone stay side by side.
  static std::vector<std::size_t> order_of(const std::vector<Condition>& conditions,
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

  static void fail(Arm& arm, const measure::ChildReply& child) {
    const bool theirs = child.end == measure::ChildReply::End::exited &&
                        (child.code == measure::kWorkerInvalid ||
                         child.code == measure::kWorkerUnavailable);
    if (theirs) {
      throw Error(child.code == measure::kWorkerInvalid ? StatusCode::invalid_argument
                                                        : StatusCode::unavailable,
                  child.last_line());
    }
    arm.failure = child.description();
  }

  const Request& request_;
  const std::atomic<bool>& cancel_;
  const std::function<void(const std::string&)>& progress_;
  Clock::time_point begin_;
};

}  // namespace

Outcome run(const Request& request, std::span<const Op* const> ops,
            const std::atomic<bool>& cancel,
            const std::function<void(const std::string&)>& progress) {
  Outcome outcome;
  outcome.report.run.build = measure::this_build();
  outcome.report.run.machine = measure::this_machine();
  outcome.report.run.utc = measure::utc_now();
  outcome.report.run.worker_environment =
      measure::worker_environment(request.library_environment);
  std::vector<Prepared> arms = arms_of(request, ops, progress);
  const Runner runner(request, cancel, progress);
  for (Prepared& prepared : arms) runner.audit(prepared);
  runner.raise_ceilings(arms);
  for (std::uint32_t number = 0; number < request.rounds; ++number) {
    for (Prepared& prepared : arms) {
      if (outcome.end != measure::RunEnd::complete) break;
      const bool whole = !runner.out_of_time() && runner.round(prepared, number);
      if (cancel.load()) {
        outcome.end = measure::RunEnd::interrupted;
      } else if (!whole) {
        outcome.end = measure::RunEnd::out_of_time;
      }
    }
  }
  if (outcome.end == measure::RunEnd::complete) runner.raise_ceilings(arms);
  outcome.report.run.complete = outcome.end == measure::RunEnd::complete;
  for (Prepared& prepared : arms)
    outcome.report.arms.push_back(std::move(prepared.arm));
  return outcome;
}

}  // namespace assay::scaling
