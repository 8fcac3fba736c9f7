// SPDX-License-Identifier: MIT
#include "regression/scaling/task.h"

#include <algorithm>
#include <string>
#include <utility>

#include "backends/registry.h"
#include "kernels/vendor/audit.h"
#include "regression/measure/child_process.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/serve.h"
#include "regression/measure/shared_expected.h"
#include "regression/measure/timing.h"

namespace assay::scaling {
namespace {

using measure::Clock;

// A cell of more says no more, and holds each call's time in memory.
constexpr double kMostIterations = 200'000;

int status_of(StatusCode code) {
  const bool invalid =
      code == StatusCode::invalid_argument || code == StatusCode::not_supported;
  return invalid                           ? measure::kWorkerInvalid
         : code == StatusCode::unavailable ? measure::kWorkerUnavailable
                                           : measure::kWorkerFailed;
}

std::uint32_t lanes_of(std::span<const Condition> conditions) {
  std::uint32_t lanes = 1;
  for (const Condition& condition : conditions) {
    if (condition.kind != WorkerKind::threads) continue;
    lanes = std::max(lanes, condition.workers);
  }
  return lanes;
}

}  // namespace

Session::Session(Task task, std::span<const Op* const> ops, int expected_fd)
    : task_(std::move(task)) {
  const vendor::Library* library = nullptr;
  if (!task_.library_path.empty()) {
    std::shared_ptr<const vendor::Library> loaded =
        vendor::Library::load(task_.library_path, task_.library_name);
    loaded->set_threads(task_.library_threads);
    library = loaded.get();
    library_ = std::move(loaded);
  }
  device_ = open_device(task_.device);
  Work& work = task_.work;
  const Op* op = nullptr;
  if (!is_synthetic(work.op)) {
    op = &measure::named_op(ops, work.op);
    expected_ = measure::read_shared_expected(expected_fd);
  } else if (work.op == "chain" && work.chain_steps == 0) {
    work.chain_steps = calibrate_chain(*device_, task_.chain_us);
  }
  rig_ = std::make_unique<Rig>(device_, op, work, lanes_of(task_.conditions), library,
                               &expected_);
  if (task_.iterations == 0) {
    const double wanted = 1e6 * task_.cell_ms / rig_->operation_ns();
    task_.iterations =
        static_cast<std::uint32_t>(std::clamp(wanted, 3.0, kMostIterations));
  }
}

Session::~Session() = default;

Cell Session::run(const Condition& condition, std::uint64_t start_ns) {
  // A batch is that many operations in one: the cell stays as long as it was.
  const std::uint32_t iterations =
      std::max(std::uint32_t{1}, task_.iterations / condition.batch);
  return rig_->run(condition, iterations, start_ns);
}

TaskReply Session::run_all() {
  TaskReply reply;
  reply.iterations = task_.iterations;
  reply.chain_steps = task_.work.chain_steps;
  const Clock::time_point begin = Clock::now();
  for (const Condition& condition : task_.conditions) {
    const double spent = measure::ns_since(begin) / 1e9;
    if (task_.budget_s > 0 && spent > task_.budget_s) break;
    reply.cells.push_back(run(condition));
  }
  return reply;
}

int task_main(int parent, std::span<const Op* const> ops) {
  return measure::serve(
      parent,
      [ops](const std::string& request) {
        return to_message(
            Session(parse_task(request), ops, measure::kSharedFd).run_all());
      },
      status_of);
}

}  // namespace assay::scaling
