// SPDX-License-Identifier: MIT
#include "regression/measure/figures.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "regression/measure/chain.h"
#include "regression/measure/figure_rig.h"
#include "regression/measure/reuse_figures.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

void count_kernel(const GroupContext& group) noexcept {
  static_cast<const GroupCount*>(group.user)
      ->groups.fetch_add(1, std::memory_order_relaxed);
}

// About 20 microseconds: far above a hand-over, far below an epoch.
constexpr std::uint64_t kLongKernelSteps = 20'000;

void run_long_kernel(const GroupContext& group) noexcept {
  run_chain(kLongKernelSteps);
  count_kernel(group);
}

// Submissions before a wait, where waiting is not what is timed: enough to be timed
// together, few enough to stay in caches.
constexpr std::uint64_t kBatch = 32;
constexpr std::uint32_t kWideGroups = 1024;

}  // namespace

FigureRig::FigureRig(std::shared_ptr<Device> on)
    : device(std::move(on)),
      count(std::make_shared<GroupCount>()),
      first(device->create_queue({"first"})),
      second(device->create_queue({"second"})) {
  KernelDesc desc;
  desc.name = "count";
  desc.host = count_kernel;
  desc.host_data = count;
  kernel = device->create_kernel(desc);
  desc.name = "long";
  desc.host = run_long_kernel;
  one = encode(kernel, 1);
  wide = encode(kernel, kWideGroups);
  long_kernel = device->create_kernel(desc);
  longer = encode(long_kernel, 1);
}

std::shared_ptr<CommandBuffer> FigureRig::encode(const std::shared_ptr<Kernel>& what,
                                                 std::uint32_t groups) const {
  const auto encoder = device->create_encoder();
  encoder->dispatch(what, {groups, 1, 1}, {});
  return encoder->finish();
}

namespace {

double run_submit(FigureRig& rig, std::uint64_t iterations) {
  double total = 0;
  for (std::uint64_t done = 0; done < iterations;) {
    const std::uint64_t batch = std::min(kBatch, iterations - done);
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < batch; ++i) rig.first->submit(rig.one);
    total += ns_since(begin);
    require(rig.first->synchronize());
    done += batch;
  }
  return total;
}

double run_encode(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  std::shared_ptr<CommandBuffer> commands;
  for (std::uint64_t i = 0; i < iterations; ++i) commands = rig.encode(rig.kernel, 1);
  const double total = ns_since(begin);
  // What was encoded must be worth something, so the last one runs; each of the others
  // counts as run, or the count would ask for a submission an encoding.
  require(rig.first->submit(commands).wait());
  rig.count->groups.fetch_add(iterations - 1, std::memory_order_relaxed);
  return total;
}

double run_round_trip(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    require(rig.first->submit(rig.one).wait());
  }
  return ns_since(begin);
}

double run_event_sync(FigureRig& rig, std::uint64_t iterations) {
  Event event;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    rig.first->submit(rig.one);
    rig.first->record(event);
    require(event.synchronize());
  }
  return ns_since(begin);
}

double run_device_sync(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    rig.first->submit(rig.one);
    require(rig.device->synchronize());
  }
  return ns_since(begin);
}

double run_stream(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t done = 0; done < iterations;) {
    const std::uint64_t batch = std::min(kBatch, iterations - done);
    for (std::uint64_t i = 0; i < batch; ++i) rig.first->submit(rig.one);
    require(rig.first->synchronize());
    done += batch;
  }
  return ns_since(begin);
}

double run_cross_queue(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    const Point made = rig.first->submit(rig.one);
    require(rig.second->submit(rig.one, {made}).wait());
  }
  return ns_since(begin);
}

double run_wide(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    require(rig.first->submit(rig.wide).wait());
  }
  return ns_since(begin);
}

double run_two_queues(FigureRig& rig, std::uint64_t iterations) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t done = 0; done < iterations;) {
    const std::uint64_t batch = std::min(kBatch, iterations - done);
    for (std::uint64_t i = 0; i < batch; ++i) {
      rig.first->submit(rig.longer);
      rig.second->submit(rig.longer);
    }
    require(rig.first->synchronize());
    require(rig.second->synchronize());
    done += batch;
  }
  return ns_since(begin);
}

constexpr Figure kFigures[] = {
    {"encode", "create an encoder, one dispatch, finish", 1, 500, run_encode},
    {"submit", "submit of one empty dispatch, the call alone", 1, 250, run_submit},
    {"stream", "32 submits in a row and one wait, a submission", 1, 500, run_stream},
    {"round_trip", "submit of one empty dispatch until its wait returns", 1, 1000,
     run_round_trip},
    {"event_sync", "submit, record an event, synchronize on it", 1, 1000,
     run_event_sync},
    {"device_sync", "submit, synchronize the device", 1, 1000, run_device_sync},
    {"cross_queue", "submit on one queue, one that waits for it on another, wait", 2,
     2000, run_cross_queue},
    {"wide_dispatch", "1024 empty groups until the wait returns", kWideGroups, 20'000,
     run_wide},
    {"two_queues", "two queues of 20 us one-group kernels, a pair", 2, 30'000,
     run_two_queues},
};

class FigureContestant final : public Contestant {
 public:
  FigureContestant(const Figure& figure, const std::shared_ptr<Device>& device)
      : figure_(figure), rig_(device) {
    check_.ok = true;
  }

  void warm(Pass /*pass*/) override { figure_.run(rig_, kBatch); }

  EpochTime time(Pass /*pass*/, std::uint64_t iterations) override {
    expected_ += iterations * figure_.groups;
    return {figure_.run(rig_, iterations), 0};
  }

  void before_epoch(Pass /*pass*/) override {
    rig_.count->groups.store(0);
    expected_ = 0;
  }

  void after_epoch(Pass /*pass*/) override {
    const std::uint64_t ran = rig_.count->groups.load();
    check_.checked += expected_;
    if (ran == expected_) return;
    check_.ok = false;
    check_.wrong += ran > expected_ ? ran - expected_ : expected_ - ran;
    if (check_.detail.empty()) {
      check_.detail =
          std::to_string(ran) + " groups or hits of " + std::to_string(expected_);
    }
  }

  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override { return std::string(figure_.meaning); }

 private:
  const Figure& figure_;
  FigureRig rig_;
  std::uint64_t expected_ = 0;
  ArmCheck check_;
};

class Calibration final : public Contestant {
 public:
  explicit Calibration(std::uint64_t steps) : steps_(steps) { check_.ok = true; }
  void warm(Pass /*pass*/) override { run_chain(steps_); }
  EpochTime time(Pass /*pass*/, std::uint64_t iterations) override {
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < iterations; ++i) run_chain(steps_);
    check_.checked += iterations;
    return {ns_since(begin), 0};
  }
  void before_epoch(Pass /*pass*/) override {}
  void after_epoch(Pass /*pass*/) override {}
  const ArmCheck& check() const noexcept override { return check_; }
  std::string configuration() const override {
    return "a chain of " + std::to_string(steps_) + " multiplications on the host";
  }

 private:
  std::uint64_t steps_;
  ArmCheck check_;
};

}  // namespace

std::span<const Figure> figures() noexcept {
  static const std::vector<Figure> all = [] {
    std::vector<Figure> rows(std::begin(kFigures), std::end(kFigures));
    rows.insert(rows.end(), reuse_figures().begin(), reuse_figures().end());
    return rows;
  }();
  return all;
}

const Figure* find_figure(std::string_view name) noexcept {
  const auto found = std::ranges::find(figures(), name, &Figure::name);
  return found == figures().end() ? nullptr : &*found;
}

std::unique_ptr<Contestant> make_figure(const Figure& figure,
                                        const std::shared_ptr<Device>& device) {
  if (!device->caps().host_kernels) {
    throw Error(StatusCode::not_supported, device->caps().uri + " has no host kernels");
  }
  return std::make_unique<FigureContestant>(figure, device);
}

std::unique_ptr<Contestant> make_calibration(const Figure& figure) {
  return std::make_unique<Calibration>(figure.chain_steps);
}

}  // namespace assay::measure
