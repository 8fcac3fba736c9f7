// SPDX-License-Identifier: MIT
#include "regression/measure/probe.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "regression/measure/processor_use.h"
#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

// 5 us: long against a clock reading, and a few of them short against a part of an
// epoch (150 us). Enough of them that every compute unit is awake for one.
constexpr std::uint64_t kSteps = 12'000;
constexpr int kRounds = 6;

// Eight additions that depend on nothing but their own last value: more than a core can
// issue in a cycle, so any share another thread takes is missed.
std::uint64_t fill_issue_slots() noexcept {
  std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < kSteps; ++i) {
    a += 1;
    b += 1;
    c += 1;
    d += 1;
    e += 1;
    f += 1;
    g += 1;
    h += 1;
    // Nothing is known of the values here, so no addition can be folded into the next.
    asm volatile(""
                 : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g),
                   "+r"(h));
  }
  return static_cast<std::uint64_t>(ns_since(begin));
}

}  // namespace

// Kernels get it as host_data, which is const for them.
struct Probe::Shared {
  mutable std::atomic<std::uint64_t> slowest_ns = 0;

  static void run(const GroupContext& group) noexcept {
    OwnThreads::note();
    std::uint64_t best = fill_issue_slots();
    for (int round = 1; round < kRounds; ++round) {
      best = std::min(best, fill_issue_slots());
    }
    auto& slowest = static_cast<const Shared*>(group.user)->slowest_ns;
    std::uint64_t seen = slowest.load(std::memory_order_relaxed);
    while (seen < best &&
           !slowest.compare_exchange_weak(seen, best, std::memory_order_relaxed)) {
    }
  }
};

Probe::Probe(Device& device) {
  if (!device.caps().host_kernels) return;
  shared_ = std::make_shared<Shared>();
  queue_ = device.create_queue({"probe"});
  KernelDesc desc;
  desc.name = "probe";
  desc.host = Shared::run;
  desc.host_data = shared_;
  const auto kernel = device.create_kernel(desc);
  const auto encoder = device.create_encoder();
  encoder->dispatch(kernel, {device.caps().compute_units, 1, 1}, {});
  commands_ = encoder->finish();
}

Probe::~Probe() = default;

double Probe::run() {
  if (!commands_) return 0;
  shared_->slowest_ns.store(0);
  require(queue_->submit(commands_).wait());
  return static_cast<double>(shared_->slowest_ns.load());
}

}  // namespace assay::measure
