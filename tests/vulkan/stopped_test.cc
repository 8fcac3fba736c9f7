// SPDX-License-Identifier: MIT
// What a wait says when the device stands still and its driver does not tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "backends/vulkan/instance.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan::stopped_test {
namespace {

using testing_support::failed_as;
using testing_support::kPatience;

std::atomic<bool> stopped = false;  // the driver says neither "reached" nor "lost"
std::atomic<bool> answers = false;  // but to a submission it says "lost"
std::atomic<VkSemaphore> signalled = VK_NULL_HANDLE;  // by the last submission
std::atomic<VkSemaphore> moving = VK_NULL_HANDLE;     // the one that is not still
std::atomic<std::uint64_t> moved = 0;
PFN_vkWaitSemaphores real_wait = nullptr;
PFN_vkGetSemaphoreCounterValue real_counter = nullptr;
PFN_vkQueueSubmit2 unstopped_submit = nullptr;
PFN_vkDeviceWaitIdle wait_idle = nullptr;
std::atomic<VkDevice> handle = VK_NULL_HANDLE;

VkResult stopping_wait(VkDevice device, const VkSemaphoreWaitInfo* info,
                       std::uint64_t timeout) {
  if (!stopped) return real_wait(device, info, timeout);
  std::this_thread::sleep_for(
      std::chrono::nanoseconds(std::min<std::uint64_t>(timeout, 1'000'000'000)));
  return VK_TIMEOUT;
}

VkResult stopping_counter(VkDevice device, VkSemaphore semaphore,
                          std::uint64_t* value) {
  handle = device;
  if (!stopped) return real_counter(device, semaphore, value);
  *value = semaphore == moving ? ++moved : 0;
  return VK_SUCCESS;
}

VkResult stopping_submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo2* infos,
                         VkFence fence) {
  if (stopped && answers) return VK_ERROR_DEVICE_LOST;
  if (infos->signalSemaphoreInfoCount != 0) {
    signalled = infos->pSignalSemaphoreInfos->semaphore;
  }
  return unstopped_submit(queue, count, infos, fence);
}

void stop_silently(VolkDeviceTable& table) {
  real_wait = std::exchange(table.vkWaitSemaphores, stopping_wait);
  real_counter = std::exchange(table.vkGetSemaphoreCounterValue, stopping_counter);
  unstopped_submit = std::exchange(table.vkQueueSubmit2, stopping_submit);
  wait_idle = table.vkDeviceWaitIdle;
}

class StoppedTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    stopped = answers = false;
    moving = VK_NULL_HANDLE;
  }
  void TearDown() override {
    if (device_) {
      // What is left of it comes to rest, so that the test may free what it uses.
      wait_idle(handle);
      device_.reset();
    }
    stopped = false;
    VulkanTest::TearDown();
  }
  Device& open_stopping(std::uint64_t limit_ms) {
    Options options = VulkanTest::options();
    options.stall_ns = limit_ms * 1'000'000;
    device_ = open_with(options, stop_silently);
    return *device_;
  }

  std::shared_ptr<Device> device_;
};

TEST_F(StoppedTest, AnEndlessWaitSaysWhatItKnows) {
  Device& device = open_stopping(200);
  const std::shared_ptr<Timeline> gate = device.create_timeline();
  const Point held = device.create_queue()->submit(nullptr, {{gate, 1}});
  const std::shared_ptr<Queue> queue = device.create_queue();
  stopped = true;
  const Status status = queue->submit(nullptr).wait();
  EXPECT_TRUE(failed_as(status, StatusCode::device_lost));
  EXPECT_NE(status.to_string().find("taken for lost"), std::string::npos)
      << status.to_string();
  // All of it is, from then on: what was held back, and what comes later.
  EXPECT_TRUE(failed_as(held.wait(kPatience), StatusCode::device_lost));
  EXPECT_TRUE(failed_as(queue->submit(nullptr).wait(), StatusCode::device_lost));
}

TEST_F(StoppedTest, ADriverThatIsAskedMaySayItSooner) {
  const std::shared_ptr<Queue> queue = open_stopping(2'000).create_queue();
  stopped = true;
  const Point point = queue->submit(nullptr);
  answers = true;
  const Status status = point.wait();
  EXPECT_TRUE(failed_as(status, StatusCode::device_lost));
  EXPECT_NE(status.to_string().find("vkQueueSubmit2"), std::string::npos)
      << status.to_string();
}

// Whatever is reached anywhere is a reason to wait on.
TEST_F(StoppedTest, ADeviceThatGetsSomewhereIsWaitedFor) {
  Device& device = open_stopping(40);
  const std::shared_ptr<Queue> other = device.create_queue();
  other->submit(nullptr);
  const VkSemaphore others = signalled;
  const std::shared_ptr<Queue> queue = device.create_queue();
  stopped = true;
  moving = others;
  const Point point = queue->submit(nullptr);
  EXPECT_TRUE(failed_as(point.wait(std::chrono::milliseconds(200)),
                        StatusCode::deadline_exceeded));
  moving = VK_NULL_HANDLE;
  EXPECT_TRUE(failed_as(point.wait(kPatience), StatusCode::device_lost));
}

TEST(ValidationMessagesTest, OnlyTheLayersOwnTimeoutsAreNotOurs) {
  EXPECT_TRUE(is_of_the_layer_itself("UNASSIGNED-VkSemaphore-state-timeout"));
  EXPECT_TRUE(is_of_the_layer_itself("UNASSIGNED-VkQueue-state-timeout"));
  EXPECT_FALSE(is_of_the_layer_itself("UNASSIGNED-Threading-MultipleThreads"));
  EXPECT_FALSE(is_of_the_layer_itself("SYNC-HAZARD-READ-AFTER-WRITE"));
  EXPECT_FALSE(is_of_the_layer_itself("VUID-vkWaitSemaphores-state-timeout"));
  EXPECT_FALSE(is_of_the_layer_itself(""));
}

}  // namespace
}  // namespace assay::vulkan::stopped_test
