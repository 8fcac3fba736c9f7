// SPDX-License-Identifier: MIT
#include "regression/measure/arm.h"

#include <vector>

#include "regression/measure/timing.h"

namespace assay::measure {

Arm::Arm(Workbench& workbench, const Implementation& implementation,
         const vendor::Library* library, KernelCache& choices)
    : workbench_(workbench), implementation_(implementation), library_(library) {
  const Problem& problem = workbench.problem();
  if (const auto reason =
          implementation.unsupported(problem, workbench.device().caps())) {
    throw Error(StatusCode::not_supported,
                std::string(implementation.name) + ": " + *reason);
  }
  prepared_ = implementation.prepare({&workbench.device(), library, &choices}, problem);
  workbench.set_up(*prepared_);
  resident_ = workbench.encode(*prepared_, false);
  transfer_ = workbench.encode(*prepared_, true);
}

void Arm::warm(Pass pass) {
  if (pass == Pass::cold) return;  // a cold run is never warmed
  keep_busy(workbench_.device().caps(), [&] { run_once(pass); });
}

void Arm::run_once(Pass pass) {
  if (pass == Pass::cold) {
    time_cold(1);
    return;
  }
  const auto& commands = pass == Pass::transfer ? transfer_ : resident_;
  require(workbench_.queue().submit(commands).wait());
}

EpochTime Arm::time(Pass pass, std::uint64_t iterations) {
  switch (pass) {
    case Pass::resident:
      return time_recorded(resident_, iterations);
    case Pass::transfer:
      return time_recorded(transfer_, iterations);
    case Pass::cold:
      return time_cold(iterations);
    case Pass::call:
      break;
  }
  throw Error(StatusCode::not_supported, "an op has no scope 'call'");
}

EpochTime Arm::time_recorded(const std::shared_ptr<CommandBuffer>& commands,
                             std::uint64_t iterations) {
  Queue& queue = workbench_.queue();
  EpochTime total;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    const Clock::time_point begin = Clock::now();
    const Point point = queue.submit(commands);
    const Status status = point.wait();
    total.host_ns += ns_since(begin);
    require(status);
    if (const auto times = queue.timestamps(point)) {
      total.device_ns += static_cast<double>(times->ended_ns - times->started_ns);
    }
  }
  return total;
}

EpochTime Arm::time_cold(std::uint64_t iterations) {
  Device& device = workbench_.device();
  const Problem& problem = workbench_.problem();
  EpochTime total;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    const Clock::time_point begin = Clock::now();
    std::vector<BufferSlice> operands;
    for (const Operand& operand : problem.operands()) {
      operands.push_back(
          {device.create_buffer({operand.bytes(), MemoryKind::device, operand.name})});
    }
    const auto prepared = implementation_.prepare({&device, library_}, problem);
    const auto encoder = device.create_encoder();
    for (std::size_t j = 0; j < operands.size(); ++j) {
      if (problem.operands()[j].access == Access::write) continue;
      encoder->copy(workbench_.staging()[j], operands[j]);
    }
    prepared->record_setup(*encoder, operands);
    prepared->record(*encoder, operands);
    encoder->copy(operands[problem.output()], workbench_.staging()[problem.output()]);
    const Status status = workbench_.queue().submit(encoder->finish()).wait();
    total.host_ns += ns_since(begin);
    require(status);
  }
  return total;
}

// The output is made unusable, so that an iteration that writes nothing is seen: the
// warm run before it left a right answer there. With transfers in both places: what the
// device still holds would be copied out once more. (A cold run's memory is its own.)
void Arm::before_epoch(Pass pass) {
  if (pass != Pass::cold) workbench_.reset_output();
  if (pass != Pass::resident) workbench_.reset_staged_output();
}

void Arm::change_inputs(std::optional<std::uint64_t> draw) {
  const Problem& problem = workbench_.problem();
  workbench_.change_inputs(draw);
  workbench_.set_up(*prepared_);
  // Not poisoned where nothing reads it: a result that is there already may stay.
  if (problem.operands()[problem.output()].access != Access::write) {
    workbench_.reset_output();
  }
}

void Arm::look_lone(ArmCheck& check) {
  if (!workbench_.set_lone_inputs()) return;
  workbench_.set_up(*prepared_);
  workbench_.reset_output();
  require(workbench_.queue().submit(resident_).wait());
  workbench_.check_lone(workbench_.output_values(), check);
  change_inputs(std::nullopt);
}

Afresh Arm::afresh() {
  return {std::string(implementation_.name),
          [this](std::optional<std::uint64_t> draw) { change_inputs(draw); },
          [this] {
            const EpochTime time = time_recorded(resident_, 1);
            return time.device_ns > 0 ? time.device_ns : time.host_ns;
          },
          [this](ArmCheck& check) { workbench_.check_output(check); },
          [this] { return workbench_.output_values(); },
          [this](ArmCheck& check) { look_lone(check); }};
}

void Arm::check_afresh() {
  // Before it is put right by replacing it.
  workbench_.check_inputs(check_);
  workbench_.reset_output();
  draws_.look(afresh(), check_);
}

void Arm::require_computed() { draws_.require_same_time(afresh()); }

void Arm::after_epoch(Pass pass) {
  const Problem& problem = workbench_.problem();
  // An output that is read too has been updated once an iteration, which the oracle
  // does not follow: check one more run of the same commands on the same buffers.
  // (Not warm(), which is many of them on hardware with a clock of its own.)
  if (problem.operands()[problem.output()].access != Access::write) {
    before_epoch(pass);
    run_once(pass);
  }
  if (pass == Pass::resident) {
    workbench_.check_output(check_);
  } else {
    workbench_.check_staged_output(check_);
  }
}

}  // namespace assay::measure
