// SPDX-License-Identifier: MIT
#include "regression/measure/api_cost.h"

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "regression/measure/chain.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

void empty_kernel(const GroupContext&) noexcept {}

void chain_kernel(const GroupContext& group) noexcept {
  run_chain(group.constants_as<std::uint64_t>());
}

std::shared_ptr<CommandBuffer> encode_empty(Device& device,
                                            const std::shared_ptr<Kernel>& kernel) {
  const auto encoder = device.create_encoder();
  encoder->dispatch(kernel, {1, 1, 1}, {});
  return encoder->finish();
}

std::shared_ptr<Kernel> make_kernel(Device& device, HostKernel host,
                                    std::size_t constants_bytes) {
  if (!device.caps().host_kernels) {
    throw Error(StatusCode::not_supported, device.caps().uri + " has no host kernels");
  }
  KernelDesc desc;
  desc.name = "api cost";
  desc.host = host;
  desc.constants_bytes = constants_bytes;
  return device.create_kernel(desc);
}

// Time of `kernels` submissions dealt out to the queues in turn, until all are done.
double time_queues(const std::vector<std::shared_ptr<Queue>>& queues,
                   const std::shared_ptr<CommandBuffer>& commands,
                   std::uint32_t kernels) {
  const Clock::time_point begin = Clock::now();
  for (std::uint32_t i = 0; i < kernels; ++i)
    queues[i % queues.size()]->submit(commands);
  for (const auto& queue : queues) require(queue->synchronize());
  return ns_since(begin);
}

// Enough for a device that learns from how it is called.
constexpr std::uint32_t kWarmUp = 1000;

// One thread's calls.
class Caller {
 public:
  Caller(Device& device, std::shared_ptr<Queue> queue, std::shared_ptr<Kernel> kernel,
         std::uint32_t repetitions)
      : device_(&device), queue_(std::move(queue)), kernel_(std::move(kernel)) {
    // Written to before the clock starts: a page's first touch is a fault.
    for (CallTimes& row : rows_) row.samples_ns.resize(repetitions);
    forget();
  }

  // Keeps what is thrown for add_to(): it may not leave a thread.
  void run(std::uint32_t repetitions) {
    try {
      for (std::uint32_t i = 0; !error_ && i < repetitions; ++i) once();
    } catch (const std::exception&) {
      error_ = std::current_exception();
    }
  }
  void forget() {
    for (CallTimes& row : rows_) row.samples_ns.clear();
  }
  void add_to(std::vector<CallTimes>& merged) const {
    if (error_) std::rethrow_exception(error_);
    if (merged.empty()) {
      for (const CallTimes& row : rows_) merged.push_back({row.call, row.meaning, {}});
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      std::vector<double>& all = merged[i].samples_ns;
      all.insert(all.end(), rows_[i].samples_ns.begin(), rows_[i].samples_ns.end());
    }
  }

 private:
  enum Row {
    clock,
    create,
    record,
    finish,
    encode,
    submit,
    wait,
    both,
    queued,
    device
  };

  void once() {
    std::array<Clock::time_point, 7> at;
    at[0] = Clock::now();
    at[1] = Clock::now();
    const auto encoder = device_->create_encoder();
    at[2] = Clock::now();
    encoder->dispatch(kernel_, {1, 1, 1}, {});
    at[3] = Clock::now();
    const auto commands = encoder->finish();
    at[4] = Clock::now();
    const Point point = queue_->submit(commands);
    at[5] = Clock::now();
    require(point.wait());
    at[6] = Clock::now();
    const auto add = [&](Row row, std::size_t from, std::size_t to) {
      rows_[row].samples_ns.push_back(
          std::chrono::duration<double, std::nano>(at[to] - at[from]).count());
    };
    add(clock, 0, 1);
    add(create, 1, 2);
    add(record, 2, 3);
    add(finish, 3, 4);
    add(encode, 1, 4);
    add(submit, 4, 5);
    add(wait, 5, 6);
    add(both, 4, 6);
    const std::optional<Timestamps> times = queue_->timestamps(point);
    if (!times) return;
    rows_[queued].samples_ns.push_back(
        static_cast<double>(times->started_ns - times->enqueued_ns));
    rows_[device].samples_ns.push_back(
        static_cast<double>(times->ended_ns - times->started_ns));
  }

  Device* device_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Kernel> kernel_;
  std::exception_ptr error_;
  std::array<CallTimes, 10> rows_{{
      {"clock", "from one reading of the clock to the next: in every row", {}},
      {"create", "an encoder", {}},
      {"record", "one dispatch of one empty group", {}},
      {"finish", "the command buffer", {}},
      {"encode", "create, record and finish", {}},
      {"submit", "the call alone", {}},
      {"wait", "from the return of submit until the wait returns", {}},
      {"submit_to_wait", "both", {}},
      {"queued", "enqueued to started, by the device's timestamps", {}},
      {"device", "started to ended, by the device's timestamps", {}},
  }};
};

}  // namespace

std::vector<CallTimes> measure_calls(Device& device, const CallSetting& setting,
                                     std::uint32_t repetitions) {
  const auto kernel = make_kernel(device, empty_kernel, 0);
  std::vector<Caller> callers;
  std::shared_ptr<Queue> queue;
  for (std::uint32_t i = 0; i < setting.threads; ++i) {
    if (!queue || !setting.shared_queue) queue = device.create_queue({"api cost"});
    callers.emplace_back(device, queue, kernel, repetitions);
  }
  const std::uint64_t before = device.counters().groups_executed;
  {
    std::barrier everybody(static_cast<std::ptrdiff_t>(callers.size()));
    std::vector<std::jthread> threads;
    for (Caller& caller : callers) {
      threads.emplace_back([&caller, &everybody, repetitions] {
        caller.run(kWarmUp);
        everybody.arrive_and_wait();
        caller.forget();
        caller.run(repetitions);
      });
    }
  }
  std::vector<CallTimes> merged;
  for (Caller& caller : callers) caller.add_to(merged);
  const std::uint64_t ran = device.counters().groups_executed - before;
  const std::uint64_t asked =
      std::uint64_t{setting.threads} * (std::uint64_t{repetitions} + kWarmUp);
  if (ran != asked) {
    throw Error(StatusCode::internal, "wrong result: " + std::to_string(ran) +
                                          " groups ran for " + std::to_string(asked) +
                                          " submissions");
  }
  return merged;
}

CallTimes measure_parked(Device& device, std::uint32_t repetitions) {
  const auto queue = device.create_queue({"api cost"});
  const auto commands = encode_empty(device, make_kernel(device, empty_kernel, 0));
  CallTimes parked{"parked", "submit_to_wait after 2 ms of silence", {}};
  for (std::uint32_t i = 0; i < repetitions; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Clock::time_point begin = Clock::now();
    require(queue->submit(commands).wait());
    parked.samples_ns.push_back(ns_since(begin));
  }
  return parked;
}

std::vector<double> measure_queue_overlap(Device& device, double kernel_us,
                                          std::uint32_t kernels, std::uint32_t rounds) {
  const auto kernel = make_kernel(device, chain_kernel, sizeof(std::uint64_t));
  const auto encode = [&](std::uint64_t steps) {
    const auto encoder = device.create_encoder();
    encoder->dispatch(kernel, {1, 1, 1}, {}, steps);
    return encoder->finish();
  };
  const std::vector<std::shared_ptr<Queue>> one = {device.create_queue({"one"})};
  const std::vector<std::shared_ptr<Queue>> two = {device.create_queue({"first"}),
                                                   device.create_queue({"second"})};
  constexpr std::uint64_t kProbeSteps = 100'000;
  double probe_ns = time_queues(one, encode(kProbeSteps), 1);
  probe_ns = std::min(probe_ns, time_queues(one, encode(kProbeSteps), 1));
  const auto commands = encode(static_cast<std::uint64_t>(
      std::ceil(kernel_us * 1e3 * static_cast<double>(kProbeSteps) / probe_ns)));
  std::vector<double> ratios;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const double a1 = time_queues(one, commands, kernels);
    const double b1 = time_queues(two, commands, kernels);
    const double b2 = time_queues(two, commands, kernels);
    const double a2 = time_queues(one, commands, kernels);
    ratios.push_back(std::sqrt(a1 / b1 * (a2 / b2)));
  }
  return ratios;
}

}  // namespace assay::measure
