// SPDX-License-Identifier: MIT
#include "regression/measure/workload.h"

#include <barrier>
#include <exception>
#include <utility>

#include "regression/measure/choices.h"
#include "regression/measure/crew.h"
#include "regression/measure/shared_expected.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          Clock::now().time_since_epoch())
          .count());
}

}  // namespace

std::string_view to_string(SyncMode mode) noexcept {
  switch (mode) {
    case SyncMode::device:
      return "device";
    case SyncMode::event:
      return "event";
    case SyncMode::none:
      return "none";
  }
  return "unknown";
}

std::optional<SyncMode> parse_sync_mode(std::string_view name) noexcept {
  for (const SyncMode mode : {SyncMode::device, SyncMode::event, SyncMode::none}) {
    if (to_string(mode) == name) return mode;
  }
  return std::nullopt;
}

struct Workload::Lane {
  std::unique_ptr<Workbench> bench;
  std::unique_ptr<Prepared> prepared;  // its own: workspaces are not shared
  std::shared_ptr<CommandBuffer> commands;
  std::shared_ptr<Queue> queue;
  std::exception_ptr failure;
};

Workload::Workload(std::shared_ptr<Device> device, const Op& op,
                   WorkloadOptions options)
    : device_(std::move(device)),
      options_(std::move(options)),
      problem_(op.make_problem(options_.shape, DType::f32)),
      expected_(compute_expected(*problem_, DataFamily::uniform, options_.seed)) {
  const Implementation& row = named_implementation(
      op, options_.implementation, {Provider::reference, Provider::custom});
  if (const auto reason = row.unsupported(*problem_, device_->caps())) {
    throw Error(StatusCode::not_supported, std::string(row.name) + ": " + *reason);
  }
  std::shared_ptr<Queue> shared;
  if (options_.shared_queue) shared = device_->create_queue({"shared"});
  for (std::uint32_t i = 0; i < options_.threads; ++i) {
    auto lane = std::make_unique<Lane>();
    lane->bench = std::make_unique<Workbench>(device_, *problem_, DataFamily::uniform,
                                              options_.seed, expected_);
    lane->prepared = row.prepare(
        {.device = device_.get(), .library = nullptr, .cache = &kernel_cache()},
        *problem_);
    lane->bench->set_up(*lane->prepared);
    lane->commands = lane->bench->encode(*lane->prepared, false);
    lane->queue =
        shared ? shared : device_->create_queue({"thread " + std::to_string(i + 1)});
    lanes_.push_back(std::move(lane));
  }
}

Workload::~Workload() = default;

void Workload::loop(Lane& lane, std::uint32_t count) const {
  Point last = lane.queue->last();
  for (std::uint32_t i = 1; i <= count; ++i) {
    last = lane.queue->submit(lane.commands);
    if (options_.sync_every == 0 || i % options_.sync_every != 0) continue;
    if (options_.sync_mode == SyncMode::event) require(last.wait());
    if (options_.sync_mode == SyncMode::device) require(device_->synchronize());
  }
  require(last.wait());
}

void Workload::check(Lane& lane) const {
  // An output that is read too was updated once a submission, which the oracle does not
  // follow: one more run of the same commands on the same buffers is compared.
  if (problem_->operands()[problem_->output()].access != Access::write) {
    lane.bench->reset_output();
    require(lane.queue->submit(lane.commands).wait());
  }
  ArmCheck check;
  lane.bench->check_output(check);
  lane.bench->check_inputs(check);
  if (!check.ok || !check.guards_intact) {
    throw Error(StatusCode::internal, "wrong result: " + check.detail);
  }
}

WorkloadRun Workload::run(const std::function<std::uint64_t()>& counter) {
  for (const auto& lane : lanes_) lane->bench->reset_output();
  WorkloadRun result;
  // Everybody is warm and there before the clock starts, and done before it stops.
  const std::ptrdiff_t everybody = static_cast<std::ptrdiff_t>(lanes_.size()) + 1;
  std::barrier warm(everybody);
  std::barrier ready(everybody);
  std::barrier done(everybody);
  // Of `counter`. The lanes wait for this thread, so it leaves when they are done.
  std::exception_ptr failure;
  const auto count = [&] {
    try {
      return counter();
    } catch (...) {
      failure = std::current_exception();
      return std::uint64_t{0};
    }
  };
  {
    const Crew<> crew(lanes_.size(), [&](std::size_t i) {
      Lane& lane = *lanes_[i];
      const auto guarded = [&](std::uint32_t count) {
        try {
          if (!lane.failure) loop(lane, count);
        } catch (const std::exception&) {
          lane.failure = std::current_exception();
        }
      };
      guarded(options_.warm_up);
      warm.arrive_and_wait();
      ready.arrive_and_wait();
      guarded(options_.iterations);
      done.arrive_and_wait();
    });
    warm.arrive_and_wait();
    const std::uint64_t counted = count();
    result.begin_ns = now_ns();
    ready.arrive_and_wait();
    done.arrive_and_wait();
    result.end_ns = now_ns();
    result.counted = count() - counted;
  }
  if (failure) std::rethrow_exception(failure);
  for (const auto& lane : lanes_) {
    if (lane->failure) std::rethrow_exception(std::exchange(lane->failure, nullptr));
    check(*lane);
  }
  result.submissions = std::uint64_t{options_.iterations} * options_.threads;
  return result;
}

}  // namespace assay::measure
