// SPDX-License-Identifier: MIT
#include "regression/scaling/experiment.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "backends/interface/status.h"
#include "backends/registry.h"
#include "regression/measure/ceiling.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/shared_expected.h"
#include "regression/scaling/runner.h"

namespace assay::scaling {
namespace {

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
      const Implementation& row =
          named_implementation(op, name, {Provider::custom, Provider::library});
      if (const auto reason = row.unsupported(*problem, device->caps())) {
        throw Error(StatusCode::not_supported, name + ": " + *reason);
      }
      Prepared prepared{arm_on(*device, request), library_of(row), nullptr};
      prepared.arm.work.shape = problem->shape();
      prepared.arm.work.implementation = name;
      prepared.arm.library_call = row.provider == Provider::library &&
                                  prepared.library.calling == vendor::Calling::whole;
      prepared.arm.multiplies = multiplied_type(*problem);
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

// As often as a sign test needs.
constexpr int kRounds = 7;

struct Runs {
  std::vector<double> values;
  std::string failure;  // the last, of a run without a value
};

// Rate with the intervention over the rate without; the two side by side, each first in
// turn. Nothing when time was up.
std::optional<Runs> pairs_of(const Runner& runner, const Prepared& prepared,
                             const Condition& condition,
                             const Intervention& intervention) {
  Runs pairs;
  for (int round = 0; round < kRounds; ++round) {
    Cell cells[2];
    for (int i = 0; i < 2; ++i) {
      const bool changed = (i + round) % 2 == 1;
      if (runner.out_of_time()) return std::nullopt;
      const std::string& device = prepared.arm.device;
      const std::optional<Cell> cell =
          changed ? runner.once(prepared, intervention.layer + device,
                                intervention.condition)
                  : runner.once(prepared, device, condition);
      if (!cell) return std::nullopt;
      cells[changed ? 1 : 0] = *cell;
    }
    const std::string& failure =
        cells[0].failure.empty() ? cells[1].failure : cells[0].failure;
    if (failure.empty()) {
      pairs.values.push_back(cells[1].rate() / cells[0].rate());
    } else {
      pairs.failure = failure;
    }
  }
  return pairs;
}

// The figure of as many traced runs. Nothing when time was up.
std::optional<Runs> traced(const Runner& runner, const Prepared& prepared,
                           const Condition& condition, const Prediction& prediction) {
  Runs runs;
  for (int round = 0; round < kRounds; ++round) {
    if (runner.out_of_time()) return std::nullopt;
    const auto cell = runner.once(prepared, "trace+" + prepared.arm.device, condition);
    if (!cell) return std::nullopt;
    if (cell->failure.empty()) {
      runs.values.push_back(*cell.*prediction.figure);
    } else {
      runs.failure = cell->failure;
    }
  }
  return runs;
}

// False when time was up.
bool confirm_row(const Runner& runner, Prepared& prepared, const Row& row,
                 std::size_t at,
                 const std::function<void(const std::string&)>& progress) {
  const std::string name = title(prepared.arm) + ", " + id(row.condition) + ": ";
  if (const auto prediction = prediction_for(row.evidence, row.diagnosis)) {
    progress(name + prediction->text);
    const auto runs = traced(runner, prepared, row.condition, *prediction);
    if (!runs) return false;
    Sighting found = look(*prediction, runs->values);
    if (!runs->failure.empty()) found.text += "; a run failed: " + runs->failure;
    prepared.arm.sightings[at] = std::move(found);
  }
  if (const auto change = intervention_for(row.evidence, row.diagnosis)) {
    progress(name + change->text);
    const auto pairs = pairs_of(runner, prepared, row.condition, *change);
    if (!pairs) return false;
    Confirmation found = confirm(*change, pairs->values);
    if (!pairs->failure.empty()) found.text += "; a run failed: " + pairs->failure;
    prepared.arm.confirmations[at] = std::move(found);
  }
  return true;
}

std::vector<Row> rows_of(const Prepared& prepared, const measure::Machine& machine,
                         Report& report) {
  report.run.machine = machine;
  report.arms = {prepared.arm};
  return rows_of(report);
}

bool any_implausible(const std::vector<Prepared>& arms,
                     const measure::Machine& machine) {
  return std::any_of(arms.begin(), arms.end(), [&](const Prepared& prepared) {
    Report alone;
    const std::vector<Row> rows = rows_of(prepared, machine, alone);
    return std::any_of(rows.begin(), rows.end(), implausible);
  });
}

// False when time was up before the last.
bool confirm_all(const Runner& runner, std::vector<Prepared>& arms,
                 const measure::Machine& machine,
                 const std::function<void(const std::string&)>& progress) {
  for (Prepared& prepared : arms) {
    Report alone;  // which the rows point into
    const std::vector<Row> rows = rows_of(prepared, machine, alone);
    prepared.arm.confirmations.resize(rows.size());
    prepared.arm.sightings.resize(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) {
      if (!rows[at].failure.empty()) continue;
      if (!confirm_row(runner, prepared, rows[at], at, progress)) return false;
    }
  }
  return true;
}

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
  if (outcome.end == measure::RunEnd::complete) {
    runner.raise_ceilings(arms);
    const auto accused = [&] {
      return !cancel.load() && !runner.out_of_time() &&
             any_implausible(arms, outcome.report.run.machine);
    };
    measure::look_again(accused, [&] { runner.raise_ceilings(arms); });
  }
  if (request.confirm && outcome.end == measure::RunEnd::complete &&
      !confirm_all(runner, arms, outcome.report.run.machine, progress)) {
    outcome.end =
        cancel.load() ? measure::RunEnd::interrupted : measure::RunEnd::out_of_time;
  }
  outcome.report.run.complete = outcome.end == measure::RunEnd::complete;
  for (Prepared& prepared : arms)
    outcome.report.arms.push_back(std::move(prepared.arm));
  return outcome;
}

}  // namespace assay::scaling
