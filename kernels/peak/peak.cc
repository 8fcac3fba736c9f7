// SPDX-License-Identifier: MIT
#include "kernels/peak/peak.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/cache_info.h"
#include "kernels/common/isa.h"
#include "kernels/common/tile_unit.h"
#include "kernels/peak/device_code.h"
#include "kernels/peak/loops.h"
#include "kernels/peak/tiles.h"

namespace assay::peak {
namespace {

// One measured dispatch: `groups` groups, each of `rounds` rounds of its loop.
struct Constants {
  std::int64_t rounds = 0;
  std::int64_t elements = 0;  // of each array, all groups together
};

// Consecutive results would share a cache line, and units would take it from each
// other.
constexpr std::size_t kResultStride = 64 / sizeof(float);

void multiply_adds_group(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<Constants>();
  // Seeded from memory and stored to it: the compiler can neither compute nor drop it.
  float* const result =
      context.bindings[0].as<float>() + context.group.x * kResultStride;
  *result = best_loops().multiply_adds(constants.rounds, *result);
}

void bf16_dots_group(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<Constants>();
  float* const result =
      context.bindings[0].as<float>() + context.group.x * kResultStride;
  *result = best_loops().bf16_dots(constants.rounds, *result);
}

void bf16_tiles_group(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<Constants>();
  float* const result =
      context.bindings[0].as<float>() + context.group.x * kResultStride;
  // Sums of sums would soon be infinite: each round of groups starts from one.
  *result = bf16_tiles(constants.rounds, 1.0F) > 0 ? 1.0F : 0.0F;
}

void triad_group(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<Constants>();
  // 16 floats: no two groups in one cache line.
  const std::int64_t lines = constants.elements / 16;
  const std::int64_t begin = lines * context.group.x / context.groups.x * 16;
  const std::int64_t end = lines * (context.group.x + 1) / context.groups.x * 16;
  for (std::int64_t round = 0; round < constants.rounds; ++round) {
    best_loops().triad(context.bindings[0].as<float>() + begin,
                       context.bindings[1].as<const float>() + begin,
                       context.bindings[2].as<const float>() + begin,
                       static_cast<std::size_t>(end - begin), 0.5F);
  }
}

// Runs a kernel a given number of rounds and says how long the device took.
class Stopwatch {
 public:
  Stopwatch(Device& device, const KernelDesc& desc, std::uint32_t groups,
            std::vector<BufferSlice> bindings, std::int64_t elements)
      : device_(device),
        kernel_(device.create_kernel(desc)),
        queue_(device.create_queue()),
        groups_(groups),
        bindings_(std::move(bindings)),
        elements_(elements) {
    // 1.0f: a fixed point is near it, and a triad adds ordinary numbers.
    const auto encoder = device_.create_encoder();
    for (const BufferSlice& slice : bindings_) encoder->fill(slice, 0x3f800000);
    run(*encoder);
  }

  // A round a dispatch, where groups of one would keep their part in the cache.
  void dispatch_each_round() { each_round_ = true; }

  double seconds(std::int64_t rounds) {
    const Constants constants = {each_round_ ? 1 : rounds, elements_};
    const auto encoder = device_.create_encoder();
    for (std::int64_t i = 0; i < (each_round_ ? rounds : 1); ++i) {
      encoder->dispatch(kernel_, {groups_, 1, 1}, bindings_,
                        std::as_bytes(std::span(&constants, 1)));
    }
    const Timestamps times = run(*encoder);
    return std::max(1e-9,
                    1e-9 * static_cast<double>(times.ended_ns - times.started_ns));
  }

  // The least time a round takes, over epochs of about `epoch_ms`.
  double best_seconds_a_round(int epochs, double epoch_ms) {
    std::int64_t rounds = 1;
    double time = seconds(rounds);
    // Grows until a round's time can be told from the cost of a dispatch.
    while (time < 0.2e-3 * epoch_ms && rounds < (std::int64_t{1} << 40)) {
      rounds *= 4;
      time = seconds(rounds);
    }
    double best = 0;
    // Once more where the time that the epochs were made by was that of somebody else:
    // of too few rounds, waking units is what is timed.
    for (int tries = 0; tries == 0 || (tries < 3 && best < 0.5e-3 * epoch_ms);
         ++tries) {
      rounds = std::max<std::int64_t>(
          1, static_cast<std::int64_t>(static_cast<double>(rounds) * 1e-3 * epoch_ms /
                                       time));
      best = seconds(rounds);
      for (int epoch = 1; epoch < epochs; ++epoch) {
        best = std::min(best, seconds(rounds));
      }
      time = best;
    }
    return best / static_cast<double>(rounds);
  }

 private:
  Timestamps run(CommandEncoder& encoder) {
    const Point point = queue_->submit(encoder.finish());
    if (const Status status = point.wait(); !status.ok()) throw Error(status);
    const std::optional<Timestamps> times = queue_->timestamps(point);
    if (!times) {
      throw Error(StatusCode::not_supported, device_.caps().uri + ": no timestamps");
    }
    return *times;
  }

  Device& device_;
  std::shared_ptr<Kernel> kernel_;
  std::shared_ptr<Queue> queue_;
  std::uint32_t groups_;
  std::vector<BufferSlice> bindings_;
  std::int64_t elements_;
  bool each_round_ = false;
};

KernelDesc desc_of(const char* name, HostKernel function,
                   std::span<const std::uint32_t> code, std::vector<Access> bindings) {
  KernelDesc desc;
  desc.name = name;
  desc.bindings = std::move(bindings);
  desc.constants_bytes = sizeof(Constants);
  desc.host = function;
  desc.device_code.assign(code.begin(), code.end());
  return desc;
}

// With a group a unit the slowest unit decides: on 16 processors of a virtual machine
// that came to 1.36 TFLOP/s where matmul had 1.8. Units that take group after group are
// done within one group of each other, 1/64 of the time; a group is still 60 us of a
// 4 ms epoch, far above its hand-over. (16 a unit leave 6 %, more than plausibility
// forgives.)
constexpr std::uint32_t kHostGroupsAUnit = 64;

std::uint32_t fma_groups(const Device& device, std::uint32_t compute_units) {
  // A GPU needs some to be full; it has no slow units.
  if (!device.caps().host_kernels) return kGroupsAUnit * compute_units;
  return compute_units == 1 ? 1 : kHostGroupsAUnit * compute_units;
}

// On the host a group a unit: a smaller piece would stay in the cache from one round to
// the next. No unit is slow for long, as all wait for the same memory. A GPU gets as
// many groups as an op of this size has.
std::uint32_t triad_groups(const Device& device, std::size_t elements) {
  const Caps& caps = device.caps();
  if (caps.host_kernels) return caps.compute_units;
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(
      elements / kTriadElementsAGroup, 1, caps.limits.max_groups_per_dimension));
}

// Of the three arrays together: four last-level caches, so that little survives from
// one round to the next; at most 1 GiB, for machines with huge caches. The cache of a
// GPU is not the host's: 768 MiB are ten times the largest there is.
std::size_t triad_bytes(const Device& device) {
  const Caps& caps = device.caps();
  if (!caps.host_kernels && !caps.simulated_device_memory)
    return std::size_t{768} << 20;
  return std::min<std::size_t>(4 * cache_info().l3_bytes, std::size_t{1} << 30);
}

double measure_triad_gbs(Device& device, int epochs, double epoch_ms) {
  const std::size_t bytes_each =
      std::min(triad_bytes(device) / 3, device.caps().limits.max_buffer_bytes);
  const std::size_t elements = bytes_each / 64 * 64 / sizeof(float);
  std::vector<BufferSlice> arrays;
  for (const char* const label : {"triad a", "triad b", "triad c"}) {
    BufferDesc desc;
    desc.bytes = elements * sizeof(float);
    desc.label = label;
    arrays.push_back({device.create_buffer(desc)});
  }
  const bool on_host = device.caps().host_kernels;
  Stopwatch stopwatch(device,
                      desc_of("peak.triad", triad_group, triad_code(),
                              {Access::write, Access::read, Access::read}),
                      triad_groups(device, elements), std::move(arrays),
                      static_cast<std::int64_t>(elements));
  if (!on_host) stopwatch.dispatch_each_round();
  const double bytes = 3.0 * sizeof(float) * static_cast<double>(elements);
  return bytes / stopwatch.best_seconds_a_round(epochs, epoch_ms) * 1e-9;
}

// Threads of a group of products.comp.
constexpr std::uint32_t kProductTeam = 32;
// What matrix units do at most, over what the loop of one subgroup's products gets of
// them: on an NVIDIA H200 472 TFLOP/s of the 989 that the vendor states. Instructions
// of four subgroups together, which libraries have and device code has not, reach 838
// there, and a ceiling must lie above both.
constexpr double kUnitsOverProducts = 2.1;

// A loop of registers: `flops` of each group and round.
double measure_registers(Device& device, const char* name, HostKernel function,
                         double flops, std::span<const std::uint32_t> code,
                         std::uint32_t compute_units, int epochs, double epoch_ms) {
  const bool on_host = device.caps().host_kernels;
  const std::uint32_t groups = fma_groups(device, compute_units);
  BufferDesc desc;
  desc.bytes = groups * (on_host ? kResultStride : kThreadsAGroup) * sizeof(float);
  desc.label = "peak results";
  Stopwatch stopwatch(device, desc_of(name, function, code, {Access::read_write}),
                      groups, {{device.create_buffer(desc)}}, 0);
  return flops * groups / stopwatch.best_seconds_a_round(epochs, epoch_ms) * 1e-9;
}

// The fastest that the host multiplies bf16 by; 0 where it has nothing of its own.
double measure_bf16_gflops(Device& device, std::uint32_t compute_units, int epochs,
                           double epoch_ms) {
  double most = 0;
  if (has_bf16_dots(host_isa())) {
    most = measure_registers(device, "peak.bf16_dots", bf16_dots_group,
                             best_loops().flops_per_bf16_step, fma_code(),
                             compute_units, epochs, epoch_ms);
  }
  if (has_bf16_tiles()) {
    most = std::max(most, measure_registers(device, "peak.bf16_tiles", bf16_tiles_group,
                                            kFlopsATileStep, fma_code(), compute_units,
                                            epochs, epoch_ms));
  }
  return most;
}

}  // namespace

double measure_fma_gflops(Device& device, std::uint32_t compute_units, int epochs,
                          double epoch_ms) {
  const double flops =
      device.caps().host_kernels ? best_loops().flops_per_step : kFlopsARound;
  return measure_registers(device, "peak.fma", multiply_adds_group, flops, fma_code(),
                           compute_units, epochs, epoch_ms);
}

double measure_product_gflops(Device& device, DType type, std::uint32_t compute_units,
                              int epochs, double epoch_ms) {
  const Caps& caps = device.caps();
  const double fma = measure_fma_gflops(device, compute_units, epochs, epoch_ms);
  if (type == DType::bf16 && caps.host_kernels) {
    return std::max(fma, measure_bf16_gflops(device, compute_units, epochs, epoch_ms));
  }
  if (type == DType::f16 && caps.matrix_team == kProductTeam &&
      !products_code().empty()) {
    return std::max(fma, kUnitsOverProducts *
                             measure_registers(device, "peak.products", nullptr,
                                               kFlopsAProductRound, products_code(),
                                               compute_units, epochs, epoch_ms));
  }
  return fma;
}

Peaks measure_peaks(Device& device, int epochs, double epoch_ms) {
  const std::uint32_t units = device.caps().compute_units;
  Peaks peaks;
  peaks.fma_gflops_one = measure_fma_gflops(device, 1, epochs, epoch_ms);
  peaks.fma_gflops = units == 1 ? peaks.fma_gflops_one
                                : measure_fma_gflops(device, units, epochs, epoch_ms);
  peaks.triad_gbs = measure_triad_gbs(device, epochs, epoch_ms);
  return peaks;
}

}  // namespace assay::peak
