// SPDX-License-Identifier: MIT
// That units come for a segment of as many tiles as there are units. Groups must not
// wait for each other in a program; here they do, for a while, to see who runs beside.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "backends/registry.h"
#include "tests/support/patience.h"

namespace assay {
namespace {

constexpr std::uint32_t kUnits = 4;
using Clock = std::chrono::steady_clock;

struct Meeting {
  std::atomic<std::uint32_t> here{0};
  std::atomic<bool> missed{false};
};

// Waits until all are here, and long enough to be worth being woken for.
void meet(const GroupContext& context) noexcept {
  auto& meeting = **static_cast<Meeting* const*>(context.user);
  meeting.here.fetch_add(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const Clock::time_point end = Clock::now() + testing_support::kPatience;
  while (meeting.here.load() < kUnits && !meeting.missed) {
    if (Clock::now() > end) meeting.missed = true;
    std::this_thread::yield();
  }
}

class HandsTest : public ::testing::TestWithParam<const char*> {
 protected:
  HandsTest() : device_(open_device(GetParam())), queue_(device_->create_queue()) {
    KernelDesc desc;
    desc.name = "meet";
    desc.host = meet;
    desc.host_data = std::make_shared<Meeting*>(&meeting_);
    const std::shared_ptr<Kernel> kernel = device_->create_kernel(desc);
    const std::unique_ptr<CommandEncoder> encoder = device_->create_encoder({});
    encoder->dispatch(kernel, {kUnits, 1, 1}, {});
    commands_ = encoder->finish();
  }
  bool all_meet() {
    meeting_.here = 0;
    EXPECT_TRUE(queue_->submit(commands_).wait().ok());
    return !meeting_.missed;
  }
  // Until workers without work have gone to sleep.
  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  Meeting meeting_;
  std::shared_ptr<Device> device_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<CommandBuffer> commands_;
};
INSTANTIATE_TEST_SUITE_P(Executors, HandsTest,
                         ::testing::Values("vgpu://?cus=4",
                                           "vgpu://?cus=4&executor=std"));

TEST_P(HandsTest, EveryUnitComesForTheFirstRunOfAKernel) {
  pause();
  EXPECT_TRUE(all_meet());
}

TEST_P(HandsTest, SleepingUnitsComeForWhatTookLongTheLastTime) {
  for (int run = 0; run < 3; ++run) {
    pause();
    EXPECT_TRUE(all_meet()) << run;
  }
}

}  // namespace
}  // namespace assay
