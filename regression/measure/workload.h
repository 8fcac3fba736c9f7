// SPDX-License-Identifier: MIT
// A program to look at: threads that submit one op over and over and wait now and then.
// What `assay trace` records and `assay perturb` disturbs. Its times are for comparing
// a program with itself; claims against a library go through the paired sampler.
#ifndef ASSAY_REGRESSION_MEASURE_WORKLOAD_H_
#define ASSAY_REGRESSION_MEASURE_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"
#include "regression/measure/workbench.h"

namespace assay::measure {

// How a thread waits for what it submitted.
enum class SyncMode : std::uint8_t {
  device,  // Device::synchronize: for everybody's work
  event,   // its own last point
  none,    // once, at its end
};
std::string_view to_string(SyncMode mode) noexcept;
std::optional<SyncMode> parse_sync_mode(std::string_view name) noexcept;

struct WorkloadOptions {
  std::string shape;
  std::string implementation;
  std::uint32_t threads = 1;
  bool shared_queue = false;       // one for all threads, or one each
  std::uint32_t warm_up = 5;       // submissions of each thread, not timed
  std::uint32_t iterations = 100;  // submissions of each thread
  SyncMode sync_mode = SyncMode::event;
  std::uint32_t sync_every = 1;  // submissions; 0: never before the end
  std::uint64_t seed = 1;
};

struct WorkloadRun {
  // Between them all threads were in their loops, and nothing else happened: set-up,
  // warm-up and checking lie outside. The host's steady clock.
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t submissions = 0;
  std::uint64_t counted = 0;  // what `counter` grew by meanwhile
  double seconds() const noexcept {
    return static_cast<double>(end_ns - begin_ns) / 1e9;
  }
};

// Operands, kernels and queues of every thread: made once, run any number of times.
class Workload {
 public:
  // Throws as the op does for a bad shape or implementation; not_supported for one that
  // calls a library, which belongs into a worker process.
  Workload(std::shared_ptr<Device> device, const Op& op, WorkloadOptions options);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Poisons the outputs, warms up, runs, and compares the outputs with the oracle; an
  // output that is also an input by one more run of the same commands.
  // Throws internal when one is wrong: a program that computes nonsense is not timed.
  // `counter` is read when no thread is inside its loop; what it throws comes out of
  // here once the threads are done.
  WorkloadRun run(const std::function<std::uint64_t()>& counter = [] {
    return std::uint64_t{0};
  });

  const Problem& problem() const noexcept { return *problem_; }

 private:
  struct Lane;  // one thread's
  void loop(Lane& lane, std::uint32_t count) const;
  void check(Lane& lane) const;  // throws internal

  std::shared_ptr<Device> device_;
  WorkloadOptions options_;
  std::unique_ptr<Problem> problem_;
  Expected expected_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_WORKLOAD_H_
