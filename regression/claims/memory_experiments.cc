// SPDX-License-Identifier: MIT
// Experiments about memory: where it is, and who allocates it.
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "regression/claims/experiments.h"
#include "regression/judge/statistics.h"
#include "regression/measure/choices.h"
#include "regression/measure/pair_run.h"
#include "regression/measure/shared_expected.h"
#include "regression/measure/timing.h"

namespace assay::claims {
namespace {

using measure::Clock;
using measure::require;

constexpr int kRoundTrips = 7;
constexpr std::uint32_t kGroups = 16;

// Doubles each float of its share.
void double_kernel(const GroupContext& group) noexcept {
  float* const values = group.bindings[0].as<float>();
  const std::size_t count = group.bindings[0].bytes / sizeof(float);
  const std::size_t begin = count * group.group.x / group.groups.x;
  const std::size_t end = count * (group.group.x + 1) / group.groups.x;
  for (std::size_t i = begin; i < end; ++i) values[i] *= 2;
}

// The host writes, the device doubles, the host reads.
class RoundTrip {
 public:
  // `away`: by way of device memory, with a copy there and one back; else the kernel
  // works where the host does.
  RoundTrip(Device& device, std::size_t elements, bool away)
      : queue_(device.create_queue({away ? "away" : "here"})) {
    const std::size_t bytes = elements * sizeof(float);
    host_ = device.create_buffer(
        {bytes, away ? MemoryKind::host : MemoryKind::unified, "round trip"});
    KernelDesc desc;
    desc.name = "double";
    desc.host = double_kernel;
    desc.bindings = {Access::read_write};
    const auto kernel = device.create_kernel(desc);
    const auto encoder = device.create_encoder();
    BufferSlice at{host_};
    if (away) {
      at = {device.create_buffer({bytes, MemoryKind::device, "away"})};
      encoder->copy({host_}, at);
    }
    encoder->dispatch(kernel, {kGroups, 1, 1}, {at});
    if (away) encoder->copy(at, {host_});
    commands_ = encoder->finish();
  }

  struct Times {
    double all_ms = 0;     // from the first float written to the last one read
    double device_ms = 0;  // from the submission to the results in the host's memory
  };

  // Sets `wrong_` when a value came back that should not have.
  Times run(std::uint32_t first) {
    Times times;
    const Clock::time_point begin = Clock::now();
    {
      const Mapping mapping = host_->map();
      const std::span<float> values = mapping.as<float>();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = sent(first, i);
    }
    const Clock::time_point submitted = Clock::now();
    require(queue_->submit(commands_).wait());
    times.device_ms = measure::ns_since(submitted) / 1e6;
    std::size_t wrong = 0;
    {
      const Mapping mapping = host_->map();
      const std::span<const float> values = mapping.as<float>();
      for (std::size_t i = 0; i < values.size(); ++i) {
        wrong += values[i] == 2 * sent(first, i) ? 0 : 1;
      }
    }
    wrong_ = wrong_ || wrong != 0;
    times.all_ms = measure::ns_since(begin) / 1e6;
    return times;
  }

  bool wrong() const noexcept { return wrong_; }

 private:
  // Integers below 2^21, which are exact when doubled. Without a chain from one element
  // to the next: what is timed is memory.
  static float sent(std::uint32_t first, std::size_t i) noexcept {
    return static_cast<float>((static_cast<std::uint32_t>(i) & 0xfffffU) + first);
  }

  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Buffer> host_;
  std::shared_ptr<CommandBuffer> commands_;
  bool wrong_ = false;
};

}  // namespace

Finding memory_round_trip(const Job& job) {
  const std::string& timed = job.settings.text("timed");
  if (timed != "all" && timed != "device") {
    throw Error(StatusCode::invalid_argument, "timed must be all or device");
  }
  const auto device = open_device(job.settings.text("device"));
  if (!device->caps().host_kernels) {
    throw Error(StatusCode::not_supported,
                device->caps().uri + " has no host kernels, and this one is");
  }
  const auto elements = static_cast<std::size_t>(job.settings.number("elements"));
  RoundTrip here(*device, elements, false);
  RoundTrip away(*device, elements, true);
  here.run(0);  // first touches
  away.run(0);
  std::vector<double> ratios;
  for (int round = 0; round < kRoundTrips; ++round) {
    const auto first = static_cast<std::uint32_t>(round + 1);
    const bool here_first = round % 2 == 0;
    RoundTrip::Times in_place;
    if (here_first) in_place = here.run(first);
    const RoundTrip::Times copied = away.run(first);
    if (!here_first) in_place = here.run(first);
    ratios.push_back(timed == "all" ? copied.all_ms / in_place.all_ms
                                    : copied.device_ms / in_place.device_ms);
  }
  Finding finding;
  finding.value = judge::median(ratios);
  finding.simulated = device->caps().simulated_device_memory;
  if (here.wrong() || away.wrong()) {
    finding.wrong = "wrong result: a float came back that is not twice what was sent";
  }
  return finding;
}

namespace {

// A program that takes memory for its inputs and its output anew for each request, and
// keeps only what is constant: the weights of a network.
class Requests {
 public:
  Requests(std::shared_ptr<Device> device, const Op& op, const Settings& settings)
      : device_(std::move(device)),
        problem_(op.make_problem(settings.text("shape"), DType::f32)),
        expected_(measure::compute_expected(*problem_, DataFamily::uniform, 1)),
        queue_(device_->create_queue({"requests"})) {
    const Implementation& row =
        named_implementation(op, settings.text("implementation"), {Provider::custom});
    if (const auto reason = row.unsupported(*problem_, device_->caps())) {
      throw Error(StatusCode::not_supported, std::string(row.name) + ": " + *reason);
    }
    prepared_ = row.prepare({.device = device_.get(),
                             .library = nullptr,
                             .cache = &measure::kernel_cache()},
                            *problem_);
    const auto encoder = device_->create_encoder();
    const auto operands = problem_->operands();
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const std::size_t bytes = operands[i].bytes();
      staging_.push_back(device_->create_buffer({bytes, MemoryKind::host, "staging"}));
      const Mapping mapping = staging_[i]->map();
      problem_->fill(i, DataFamily::uniform, 1, mapping.bytes());
      slices_.emplace_back();
      if (!operands[i].constant) continue;
      slices_[i] = {device_->create_buffer({bytes, MemoryKind::device, "constant"})};
      encoder->copy({staging_[i]}, slices_[i]);
    }
    prepared_->record_setup(*encoder, slices_);
    require(queue_->submit(encoder->finish()).wait());
    const Operand& output = operands[problem_->output()];
    const float poison = poisoned();
    before_.assign(output.elements, poison);
    if (output.access != Access::write) {
      const Mapping mapping = staging_[problem_->output()]->map();
      std::ranges::copy(mapping.as<float>(), before_.begin());
    }
    readback_ = device_->create_buffer({output.bytes(), MemoryKind::host, "output"});
  }

  // Buffers that the device allocated for `count` requests. Null pool: one each.
  std::uint64_t serve(std::uint64_t count, MemoryPool* pool) {
    const std::uint64_t before = device_->counters().buffers_allocated;
    for (std::uint64_t i = 0; i < count; ++i) request(pool);
    return device_->counters().buffers_allocated - before;
  }

  const std::string& wrong() const noexcept { return wrong_; }

 private:
  static float poisoned() {
    float value = 0;
    std::memcpy(&value, &kPoisonBits, sizeof(value));
    return value;
  }

  void request(MemoryPool* pool) {
    const auto operands = problem_->operands();
    std::vector<BufferSlice> slices = slices_;
    std::vector<PoolBlock> blocks(operands.size());
    std::vector<Point> waits;
    const auto encoder = device_->create_encoder();
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].constant) continue;
      if (pool == nullptr) {
        slices[i] = {device_->create_buffer(
            {operands[i].bytes(), MemoryKind::device, operands[i].name})};
      } else {
        require(pool->allocate(operands[i].bytes(), blocks[i], *queue_));
        slices[i] = blocks[i].slice();
        waits.insert(waits.end(), blocks[i].waits().begin(), blocks[i].waits().end());
      }
      // The pool's memory holds the last request's answer, which is the right one.
      if (operands[i].access == Access::write) {
        encoder->fill(slices[i], kPoisonBits);
      } else {
        encoder->copy({staging_[i]}, slices[i]);
      }
    }
    prepared_->record(*encoder, slices);
    encoder->copy(slices[problem_->output()], {readback_});
    const Point point =
        queue_->submit(encoder->finish(), std::span<const Point>(waits), {});
    for (PoolBlock& block : blocks) {
      if (block) block.used_at(point);
    }
    require(point.wait());
    const Mapping mapping = readback_->map();
    const CheckResult check = check_f32(expected_, mapping.as<float>(), before_);
    if (!check.ok && wrong_.empty()) wrong_ = "wrong result: " + check.detail;
  }

  std::shared_ptr<Device> device_;
  std::unique_ptr<Problem> problem_;
  Expected expected_;
  std::shared_ptr<Queue> queue_;
  std::unique_ptr<Prepared> prepared_;
  std::vector<std::shared_ptr<Buffer>> staging_;
  std::vector<BufferSlice> slices_;  // of constant operands
  std::shared_ptr<Buffer> readback_;
  std::vector<float> before_;  // the output before a request
  std::string wrong_;
};

}  // namespace

Finding pool_saving(const Job& job) {
  const auto device = open_device(job.settings.text("device"));
  const Op& op = measure::named_op(job.ops, job.settings.text("op"));
  Requests requests(device, op, job.settings);
  const std::uint64_t count = job.settings.number("iterations");
  const auto direct = static_cast<double>(requests.serve(count, nullptr));
  // The pool starts empty: what it allocates first counts.
  const auto pool = device->create_memory_pool();
  const auto pooled = static_cast<double>(requests.serve(count, pool.get()));
  Finding finding;
  finding.value = 100 * (1 - pooled / direct);
  finding.wrong = requests.wrong();
  return finding;
}

}  // namespace assay::claims
