// SPDX-License-Identifier: MIT
#include "regression/scaling/rig.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <thread>
#include <utility>

#include "backends/layers/layer.h"
#include "backends/layers/trace.h"
#include "regression/measure/chain.h"
#include "regression/measure/choices.h"
#include "regression/measure/crew.h"
#include "regression/measure/timing.h"
#include "regression/measure/workbench.h"
#include "regression/report/trace_summary.h"
#include "regression/scaling/log.h"

namespace assay::scaling {
namespace {

using measure::Clock;
using measure::require;

constexpr std::size_t kLeastWarmUp = 3;
constexpr std::size_t kMostWarmUp = 50;
// A sleeper wakes up some 100 us late, a spinner at once.
constexpr std::chrono::milliseconds kSpinBeforeStart{2};
constexpr double kLongCalibrationNs = 50e6;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          Clock::now().time_since_epoch())
          .count());
}

void empty_kernel(const GroupContext&) noexcept {}

void chain_kernel(const GroupContext& group) noexcept {
  measure::run_chain(group.constants_as<std::uint64_t>());
}

// Records the kernel of a synthetic work when it is recorded.
class Synthetic final : public Prepared {
 public:
  Synthetic(Device& device, const Work& work) : steps_(work.chain_steps) {
    if (!device.caps().host_kernels) {
      throw Error(StatusCode::not_supported,
                  "'" + work.op + "' is a host kernel, and " + device.caps().uri +
                      " runs none: take an op with device code, matmul");
    }
    KernelDesc desc;
    desc.name = work.op;
    desc.host = work.op == "chain" ? chain_kernel : empty_kernel;
    desc.constants_bytes = sizeof(steps_);
    kernel_ = device.create_kernel(desc);
  }
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> /*operands*/) const override {
    encoder.dispatch(kernel_, {1, 1, 1}, {}, steps_);
  }

 private:
  std::uint64_t steps_;
  std::shared_ptr<Kernel> kernel_;
};

// Asks for one unit, whatever the call wants.
class LendOne final : public layers::LayerEncoder {
 public:
  using LayerEncoder::LayerEncoder;
  void library_call(LibraryCall call) override {
    call.threads = 1;
    LayerEncoder::library_call(std::move(call));
  }
};

bool has_trace(Device& device) {
  try {
    layers::trace_of(device);
    return true;
  } catch (const Error& error) {
    if (error.code() != StatusCode::failed_precondition) throw;
    return false;
  }
}

void add_traced(Device& device, std::uint32_t workers, std::uint64_t begin_ns,
                std::uint64_t end_ns, Cell& cell) {
  const report::TraceSummary seen =
      report::summarize(layers::trace_of(device), begin_ns, end_ns);
  cell.traced_work = (seen.groups_ns + seen.host_calls_ns) / seen.window_ns;
  cell.traced_submit_share = 0;
  cell.traced_sync_share = 0;
  for (const report::TraceSummary::CallRow& row : seen.calls) {
    const double share = row.total_ns / (seen.window_ns * workers);
    if (row.call == layers::Call::submit) cell.traced_submit_share += share;
    if (row.call == layers::Call::wait || row.call == layers::Call::synchronize) {
      cell.traced_sync_share += share;
    }
  }
  // A full recorder has seen a part of it, and says nothing of the rest.
  if (seen.dropped != 0) {
    cell.traced_work = cell.traced_submit_share = cell.traced_sync_share = kUnknown;
  }
}

Timestamps moved(const Timestamps& times, std::int64_t offset_ns) {
  const auto move = [offset_ns](std::uint64_t ns) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(ns) - offset_ns);
  };
  return {move(times.enqueued_ns), move(times.ready_ns), move(times.started_ns),
          move(times.ended_ns)};
}

}  // namespace

bool is_synthetic(std::string_view op) noexcept {
  return op == "empty" || op == "chain";
}

std::uint64_t calibrate_chain(Device& device, double microseconds) {
  constexpr std::uint64_t kProbeSteps = 200'000;
  Work work;
  work.op = "chain";
  work.chain_steps = kProbeSteps;
  const Synthetic chain(device, work);
  const auto encoder = device.create_encoder();
  chain.record(*encoder, {});
  const auto commands = encoder->finish();
  const auto queue = device.create_queue({"calibration"});
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const Clock::time_point begin = Clock::now();
    require(queue->submit(commands).wait());
    const double time = measure::ns_since(begin);
    best = round == 0 ? time : std::min(best, time);
  }
  const double steps = std::ceil(microseconds * 1e3 * kProbeSteps / best);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(steps));
}

struct Rig::Lane {
  std::unique_ptr<measure::Workbench> bench;  // null for synthetic work
  std::unique_ptr<Prepared> prepared;         // its own: workspaces are not shared
  std::shared_ptr<Queue> own;
  std::map<std::uint32_t, std::shared_ptr<CommandBuffer>> commands;  // by batch
  Queue* queue = nullptr;  // of the run that goes on
};

struct Rig::Log : WorkerLog {
  std::vector<Point> points;  // one a submission
  std::string wrong;
  std::exception_ptr error;
};

Rig::Rig(std::shared_ptr<Device> device, const Op* op, Work work, std::uint32_t lanes,
         const vendor::Library* library, const Expected* expected)
    : device_(std::move(device)), op_(op), work_(std::move(work)) {
  const std::uint64_t host_ns = now_ns();
  clock_offset_ns_ = static_cast<std::int64_t>(device_->now_ns() - host_ns);
  traced_ = has_trace(*device_);
  const Implementation* row = nullptr;
  if (!is_synthetic(work_.op)) {
    problem_ = op_->make_problem(work_.shape, DType::f32);
    row = &named_implementation(*op_, work_.implementation,
                                {Provider::custom, Provider::library});
    if (const auto reason = row->unsupported(*problem_, device_->caps())) {
      throw Error(StatusCode::not_supported, work_.implementation + ": " + *reason);
    }
  }
  shared_ = device_->create_queue({"shared"});
  for (std::uint32_t i = 0; i < lanes; ++i) {
    auto lane = std::make_unique<Lane>();
    if (row != nullptr) {
      lane->bench = std::make_unique<measure::Workbench>(
          device_, *problem_, DataFamily::uniform, work_.seed, *expected);
      lane->prepared =
          row->prepare({device_.get(), library, &measure::kernel_cache()}, *problem_);
      lane->bench->set_up(*lane->prepared);
    } else {
      lane->prepared = std::make_unique<Synthetic>(*device_, work_);
    }
    lane->own = device_->create_queue({"worker " + std::to_string(i + 1)});
    lanes_.push_back(std::move(lane));
  }
}

Rig::~Rig() = default;

const std::shared_ptr<CommandBuffer>& Rig::commands(Lane& lane, std::uint32_t batch) {
  std::shared_ptr<CommandBuffer>& made = lane.commands[batch];
  if (made) return made;
  std::unique_ptr<CommandEncoder> encoder = device_->create_encoder();
  if (work_.lend_one) encoder = std::make_unique<LendOne>(std::move(encoder));
  const std::span<const BufferSlice> operands =
      lane.bench ? lane.bench->operands() : std::span<const BufferSlice>();
  for (std::uint32_t i = 0; i < batch; ++i) lane.prepared->record(*encoder, operands);
  made = encoder->finish();
  return made;
}

void Rig::prepare(Lane& lane, const Condition& condition, std::size_t iterations) {
  const std::size_t warm_up = std::clamp(iterations / 10, kLeastWarmUp, kMostWarmUp);
  if (condition.bare) {
    for (std::size_t i = 0; i < warm_up; ++i) measure::run_chain(work_.chain_steps);
    return;
  }
  lane.queue = condition.shared_queue ? shared_.get() : lane.own.get();
  const auto& recorded = commands(lane, condition.batch);
  for (std::size_t i = 0; i < warm_up; ++i) {
    require(lane.queue->submit(recorded).wait());
  }
  if (lane.bench) lane.bench->reset_output();
}

void Rig::loop(const Lane& lane, const Condition& condition, std::uint64_t start_ns,
               Log& log) const {
  const auto& recorded = lane.commands.at(condition.batch);
  const auto wait = [&log](std::size_t submission, bool last, const auto& call) {
    const std::uint64_t begin = now_ns();
    const Status status = call();
    log.waits.push_back({submission, begin, now_ns(), last});
    require(status);
  };
  const std::size_t depth = condition.in_flight;
  const std::size_t every = condition.sync_every;
  const std::size_t count = log.points.size();
  while (now_ns() < start_ns) {
  }
  log.begin_ns = now_ns();
  std::size_t reached = 0;  // submissions that a wait has covered
  for (std::size_t i = 0; i < count; ++i) {
    if (depth != 0 && i - reached >= depth) {
      const std::size_t oldest = i - depth;
      wait(oldest, false, [&] { return log.points[oldest].wait(); });
      reached = oldest + 1;
    }
    const std::uint64_t begin = now_ns();
    log.points[i] = lane.queue->submit(recorded);
    log.submit_ns[i] = static_cast<double>(now_ns() - begin);
    if (every == 0 || (i + 1) % every != 0) continue;
    if (condition.sync_mode == SyncMode::device) {
      wait(i, false, [&] { return device_->synchronize(); });
    } else {
      wait(i, false, [&] { return log.points[i].wait(); });
    }
    reached = i + 1;
  }
  if (count > reached) wait(count - 1, true, [&] { return log.points.back().wait(); });
  log.end_ns = now_ns();
}

void Rig::bare_loop(std::uint64_t start_ns, Log& log) const {
  const std::size_t count = log.points.size();
  log.points.clear();
  log.submit_ns.clear();
  while (now_ns() < start_ns) {
  }
  log.begin_ns = now_ns();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t begin = now_ns();
    measure::run_chain(work_.chain_steps);
    log.waits.push_back({i, begin, now_ns(), false});
  }
  log.end_ns = now_ns();
}

std::string Rig::verify(Lane& lane) {
  if (!lane.bench) return {};
  const Problem& problem = *problem_;
  // An output that is read too was updated once an operation, which the oracle does
  // not follow: one more run of the same commands on the same buffers is compared.
  if (problem.operands()[problem.output()].access != Access::write) {
    lane.bench->reset_output();
    require(lane.own->submit(commands(lane, 1)).wait());
  }
  measure::ArmCheck check;
  lane.bench->check_output(check);
  lane.bench->check_inputs(check);
  if (check.ok && check.guards_intact) return {};
  return "wrong result: " + check.detail;
}

Cell Rig::summarize(const Condition& condition, std::span<Log> logs) const {
  std::vector<WorkerLog> workers;
  double submissions = 0;
  for (Log& log : logs) {
    submissions +=
        static_cast<double>(condition.bare ? log.waits.size() : log.points.size());
    const Queue* const queue = lanes_[workers.size()]->queue;
    for (const Point& point : log.points) {
      auto times = queue->timestamps(point);
      if (times) times = moved(*times, clock_offset_ns_);
      log.times.push_back(times);
    }
    workers.push_back(std::move(log));
  }
  Cell cell = cell_of(workers);
  cell.operations = submissions * condition.batch;
  return cell;
}

// Everybody is warm before the first starts, and done before outputs are looked at.
// Returns the groups that the device ran between.
std::uint64_t Rig::execute(const Condition& condition, std::uint64_t start_ns,
                           std::span<Log> logs) {
  const auto guarded = [](Log& log, const auto& step) {
    try {
      if (!log.error) step();
    } catch (const std::exception&) {
      log.error = std::current_exception();
    }
  };
  std::barrier everybody(static_cast<std::ptrdiff_t>(logs.size()) + 1);
  const measure::Crew<> crew(logs.size(), [&](std::size_t i) {
    Lane& lane = *lanes_[i];
    Log& log = logs[i];
    guarded(log, [&] { prepare(lane, condition, log.points.size()); });
    everybody.arrive_and_wait();
    everybody.arrive_and_wait();
    guarded(log, [&] {
      condition.bare ? bare_loop(start_ns, log) : loop(lane, condition, start_ns, log);
    });
    everybody.arrive_and_wait();
    everybody.arrive_and_wait();
    guarded(log, [&] { log.wrong = verify(lane); });
  });
  everybody.arrive_and_wait();
  const std::uint64_t before = device_->counters().groups_executed;
  if (start_ns != 0) {
    std::this_thread::sleep_until(
        Clock::time_point(std::chrono::nanoseconds(start_ns)) - kSpinBeforeStart);
  }
  everybody.arrive_and_wait();
  everybody.arrive_and_wait();
  const std::uint64_t groups = device_->counters().groups_executed - before;
  everybody.arrive_and_wait();
  return groups;
}

Cell Rig::run(const Condition& condition, std::uint32_t iterations,
              std::uint64_t start_ns) {
  if (condition.workers > lanes_.size() || iterations == 0) {
    throw Error(StatusCode::invalid_argument,
                "a run needs a lane for each worker, and at least one iteration");
  }
  if (condition.bare && work_.op != "chain") {
    throw Error(StatusCode::invalid_argument,
                "without a device there is only a chain to call");
  }
  std::vector<Log> logs(condition.workers);
  for (Log& log : logs) {
    // Written to before the clock starts: a page's first touch is a fault.
    log.points.resize(iterations);
    log.submit_ns.resize(iterations);
    log.waits.reserve(std::size_t{iterations} + 1);
  }
  const std::uint64_t groups = execute(condition, start_ns, logs);
  std::uint64_t begin_ns = logs.front().begin_ns;
  std::uint64_t end_ns = 0;
  for (const Log& log : logs) {
    if (log.error) std::rethrow_exception(log.error);
    begin_ns = std::min(begin_ns, log.begin_ns);
    end_ns = std::max(end_ns, log.end_ns);
  }
  Cell cell = summarize(condition, logs);
  if (start_ns != 0) cell.begin_s = 1e-9 * static_cast<double>(begin_ns - start_ns);
  cell.groups = static_cast<double>(groups) / cell.operations;
  if (traced_) add_traced(*device_, condition.workers, begin_ns, end_ns, cell);
  for (const Log& log : logs) {
    if (cell.failure.empty()) cell.failure = log.wrong;
  }
  // Nothing to compare: then every operation has to have been one group.
  if (!problem_ && !condition.bare &&
      groups != static_cast<std::uint64_t>(cell.operations)) {
    cell.failure = "wrong result: " + std::to_string(groups) + " groups ran for " +
                   std::to_string(static_cast<std::uint64_t>(cell.operations)) +
                   " operations";
  }
  return cell;
}

double Rig::operation_ns() {
  // The best of some, as something else may have had the processor for one; and long
  // enough for short operations to be warm.
  constexpr std::uint32_t kIterations[] = {3, 10, 30};
  double best = 0;
  for (const std::uint32_t iterations : kIterations) {
    const Cell cell = run(Condition(), iterations);
    const double time = 1e9 * cell.seconds / cell.operations;
    best = best == 0 ? time : std::min(best, time);
    if (1e9 * cell.seconds > kLongCalibrationNs) break;
  }
  return best;
}

}  // namespace assay::scaling
