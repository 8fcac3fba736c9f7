// SPDX-License-Identifier: MIT
#include "regression/measure/api_cost.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

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

}  // namespace

std::vector<CallTimes> measure_calls(Device& device, std::uint32_t repetitions) {
  const auto kernel = make_kernel(device, empty_kernel, 0);
  const auto queue = device.create_queue({"api cost"});
  const auto commands = encode_empty(device, kernel);
  for (int i = 0; i < 1000; ++i) require(queue->submit(commands).wait());

  CallTimes submit{"submit", "one empty dispatch, warm queue, the call alone", {}};
  CallTimes round_trip{"submit_to_wait", "the same until its wait returns", {}};
  for (std::uint32_t i = 0; i < repetitions; ++i) {
    const Clock::time_point begin = Clock::now();
    const Point point = queue->submit(commands);
    submit.samples_ns.push_back(ns_since(begin));
    require(point.wait());
    round_trip.samples_ns.push_back(ns_since(begin));
  }
  CallTimes parked{"parked", "submit_to_wait after 2 ms of silence", {}};
  for (std::uint32_t i = 0; i < std::min(repetitions, 200U); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Clock::time_point begin = Clock::now();
    require(queue->submit(commands).wait());
    parked.samples_ns.push_back(ns_since(begin));
  }
  CallTimes encode{"encode", "encoder, one dispatch, finish", {}};
  for (std::uint32_t i = 0; i < repetitions; ++i) {
    const Clock::time_point begin = Clock::now();
    encode_empty(device, kernel);
    encode.samples_ns.push_back(ns_since(begin));
  }
  return {submit, round_trip, parked, encode};
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
