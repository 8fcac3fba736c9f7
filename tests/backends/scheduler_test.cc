// SPDX-License-Identifier: MIT
// A scheduler that does not get the threads it asks for.
#include "backends/vgpu/scheduler.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "backends/runtime/host_device.h"
#include "tests/support/status_checks.h"

namespace assay::vgpu {
namespace {

// Starts some threads, and then none.
class Limited final : public Executor {
 public:
  explicit Limited(unsigned most) : most_(most) {}
  void start(unsigned count, std::function<void()> loop) override {
    for (unsigned i = 0; i < count; ++i) {
      if (i == most_) {
        throw std::system_error(
            std::make_error_code(std::errc::resource_unavailable_try_again));
      }
      threads_.emplace_back(loop);
    }
  }
  void join() override { threads_.clear(); }

 private:
  const unsigned most_;
  std::vector<std::jthread> threads_;
};

std::shared_ptr<Device> open(unsigned units, unsigned threads) {
  Options options;
  options.compute_units = units;
  return runtime::make_host_device([&](runtime::DeviceCore& core) {
    return std::make_unique<Scheduler>(core, options,
                                       std::make_unique<Limited>(threads));
  });
}

TEST(SchedulerTest, WithoutThreadsForItsUnitsThereIsNoDevice) {
  for (const unsigned threads : {0U, 1U, 3U}) {
    EXPECT_EQ(testing_support::thrown_code([&] { (void)open(4, threads); }),
              StatusCode::resource_exhausted)
        << threads;
  }
  EXPECT_NE(open(4, 4), nullptr);
}

}  // namespace
}  // namespace assay::vgpu
