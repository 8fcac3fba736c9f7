// SPDX-License-Identifier: MIT
// The program that trace and perturb run, and the slope that perturb reports.
#include "regression/measure/workload.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "backends/layers/layer.h"
#include "backends/layers/trace.h"
#include "backends/registry.h"
#include "kernels/ops.h"
#include "regression/measure/sensitivity.h"

namespace assay::measure {
namespace {

WorkloadOptions small() {
  WorkloadOptions options;
  options.shape = "16x16x16";
  options.implementation = "naive";
  options.threads = 2;
  options.warm_up = 3;
  options.iterations = 10;
  return options;
}

std::size_t calls(const layers::Trace& trace, const WorkloadRun& run,
                  layers::Call call) {
  std::size_t count = 0;
  for (const layers::TracedCall& traced : trace.calls) {
    if (traced.call == call && traced.begin_ns >= run.begin_ns &&
        traced.end_ns <= run.end_ns) {
      ++count;
    }
  }
  return count;
}

TEST(WorkloadTest, DoesInItsWindowWhatWasAskedFor) {
  for (const SyncMode mode : {SyncMode::device, SyncMode::event, SyncMode::none}) {
    const auto device = open_device("trace+vgpu://?cus=2&executor=std");
    WorkloadOptions options = small();
    options.sync_mode = mode;
    options.sync_every = 5;
    Workload workload(device, *find_op("matmul"), options);
    const WorkloadRun run = workload.run();
    const layers::Trace trace = layers::trace_of(*device);
    EXPECT_EQ(run.submissions, 20U);
    EXPECT_EQ(calls(trace, run, layers::Call::submit), 20U) << to_string(mode);
    // Two of each thread on the way, and one at the end.
    EXPECT_EQ(calls(trace, run, layers::Call::wait), mode == SyncMode::event ? 6U : 2U);
    EXPECT_EQ(calls(trace, run, layers::Call::synchronize),
              mode == SyncMode::device ? 4U : 0U);
    EXPECT_EQ(calls(trace, run, layers::Call::create_kernel), 0U)
        << "set-up is outside";
  }
}

TEST(WorkloadTest, QueuesAreSharedOrNot) {
  for (const bool shared : {false, true}) {
    const auto device = open_device("trace+inline://");
    WorkloadOptions options = small();
    options.shared_queue = shared;
    Workload(device, *find_op("matmul"), options).run();
    std::size_t named = 0;
    for (const layers::TracedQueue& queue : layers::trace_of(*device).queues) {
      named += queue.label == "shared" || queue.label.starts_with("thread ") ? 1 : 0;
    }
    EXPECT_EQ(named, shared ? 1U : 2U);
  }
}

TEST(WorkloadTest, CountsBetweenTheSamePointsThatItTimes) {
  const auto device = open_device("inline://");
  Workload workload(device, *find_op("matmul"), small());
  const WorkloadRun run = workload.run([&] { return device->counters().submissions; });
  EXPECT_EQ(run.counted, run.submissions);
}

// The threads wait for the one that counts, and hung where it had left them.
TEST(WorkloadTest, ACounterThatFailsLeavesNobodyWaiting) {
  Workload workload(open_device("inline://"), *find_op("matmul"), small());
  for (const int failing : {1, 2}) {
    int calls = 0;
    const auto counter = [&] {
      if (++calls == failing) throw Error(StatusCode::unavailable, "no counters");
      return std::uint64_t{0};
    };
    EXPECT_THROW(workload.run(counter), Error) << "call " << failing;
  }
  EXPECT_EQ(workload.run().submissions, 20U);
}

TEST(WorkloadTest, WrongResultsAreNotTimed) {
  // Groups that do not run: a kernel that does nothing in place of each.
  class Idle final : public layers::LayerDevice {
   public:
    Idle() : LayerDevice(open_device("inline://"), "idle") {}
    std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
      KernelDesc idle = desc;
      idle.host = [](const GroupContext&) noexcept {};
      return inner()->create_kernel(idle);
    }
  };
  Workload workload(std::make_shared<Idle>(), *find_op("matmul"), small());
  EXPECT_THROW(workload.run(), Error);
}

// axpy adds to what is there, once a submission; mlp packs its weights before the
// first. Both were reported as wrong.
TEST(WorkloadTest, OutputsThatAreInputsAndConstantOperandsAreRight) {
  for (const char* name : {"axpy", "mlp"}) {
    const Op& op = *find_op(name);
    for (const Implementation& row : op.implementations()) {
      const auto device = open_device("vgpu://?cus=2&executor=std");
      WorkloadOptions options = small();
      options.shape = op.shape_of_size(24);
      const auto problem = op.make_problem(options.shape, DType::f32);
      // Not the libraries', nor what is for GPUs.
      if (row.provider != Provider::custom ||
          row.unsupported(*problem, device->caps())) {
        continue;
      }
      options.implementation = row.name;
      Workload workload(device, op, options);
      for (int run = 0; run < 2; ++run) {
        EXPECT_EQ(workload.run().submissions, 20U) << name << ' ' << row.name;
      }
    }
  }
}

TEST(WorkloadTest, AWrongSumIsStillFound) {
  // Adds nothing, as if a factor had been lost.
  class Lost final : public layers::LayerDevice {
   public:
    Lost() : LayerDevice(open_device("inline://"), "lost") {}
    std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
      KernelDesc lost = desc;
      lost.host = [](const GroupContext&) noexcept {};
      return inner()->create_kernel(lost);
    }
  };
  WorkloadOptions options = small();
  options.shape = find_op("axpy")->shape_of_size(24);
  EXPECT_THROW(Workload(std::make_shared<Lost>(), *find_op("axpy"), options).run(),
               Error);
}

TEST(WorkloadTest, LibrariesAndUnknownRowsAreRefused) {
  for (const char* name : {"openblas", "frob"}) {
    WorkloadOptions options = small();
    options.implementation = name;
    EXPECT_THROW(Workload(open_device("inline://"), *find_op("matmul"), options), Error)
        << name;
  }
}

TEST(SensitivityTest, IsOneOnTheCriticalPathAndZeroBesideIt) {
  // 100 calls of one thread, at 0, 5 and 20 us each.
  const auto round = [](double slope) {
    std::vector<DelayedRun> runs;
    for (const double delay_ns : {0.0, 5e3, 20e3}) {
      runs.push_back({delay_ns, 3e6 + slope * delay_ns * 100, 100, 1});
    }
    return runs;
  };
  EXPECT_NEAR(sensitivity(round(1)), 1, 1e-12);
  EXPECT_NEAR(sensitivity(round(0)), 0, 1e-12);
  EXPECT_NEAR(sensitivity(round(0.25)), 0.25, 1e-12);
}

TEST(SensitivityTest, ThreadsSpendTheirDelaysAtTheSameTime) {
  // 100 calls over four threads: each spends a quarter of the delay.
  std::vector<DelayedRun> parallel;
  std::vector<DelayedRun> serial;
  for (const double delay_ns : {0.0, 8e3}) {
    parallel.push_back({delay_ns, 1e6 + delay_ns * 25, 100, 4});
    serial.push_back({delay_ns, 1e6 + delay_ns * 100, 100, 4});
  }
  EXPECT_NEAR(sensitivity(parallel), 1, 1e-12);
  EXPECT_NEAR(sensitivity(serial), 4, 1e-12);
}

TEST(SensitivityTest, OneDelayHasNoSlope) {
  EXPECT_TRUE(std::isnan(sensitivity(std::vector<DelayedRun>{{5e3, 1e6, 10, 1}})));
  EXPECT_TRUE(std::isnan(sensitivity({})));
}

}  // namespace
}  // namespace assay::measure
