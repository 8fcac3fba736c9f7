// SPDX-License-Identifier: MIT
// One command buffer and several of the driver's queues: what the driver is asked.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using conformance::Commands;
using testing_support::is_ok;

using Value = std::pair<VkSemaphore, std::uint64_t>;
struct Submitted {
  std::vector<Value> waits;
  std::vector<Value> signals;
};

std::mutex mutex;
std::vector<Submitted> submitted;
std::atomic<bool> pending = false;  // the driver says that nothing is done yet
PFN_vkQueueSubmit2 real_submit = nullptr;
PFN_vkGetSemaphoreCounterValue real_counter = nullptr;

std::vector<Value> values_of(std::uint32_t count, const VkSemaphoreSubmitInfo* infos) {
  std::vector<Value> values;
  for (std::uint32_t i = 0; i < count; ++i) {
    values.emplace_back(infos[i].semaphore, infos[i].value);
  }
  return values;
}

VkResult watched_submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo2* infos,
                        VkFence fence) {
  const std::lock_guard lock(mutex);
  for (std::uint32_t i = 0; i < count; ++i) {
    submitted.push_back(
        {values_of(infos[i].waitSemaphoreInfoCount, infos[i].pWaitSemaphoreInfos),
         values_of(infos[i].signalSemaphoreInfoCount, infos[i].pSignalSemaphoreInfos)});
  }
  return real_submit(queue, count, infos, fence);
}

VkResult watched_counter(VkDevice device, VkSemaphore semaphore, std::uint64_t* value) {
  const VkResult result = real_counter(device, semaphore, value);
  if (pending) *value = 0;
  return result;
}

void watch(VolkDeviceTable& table) {
  real_submit = std::exchange(table.vkQueueSubmit2, watched_submit);
  real_counter = std::exchange(table.vkGetSemaphoreCounterValue, watched_counter);
}

class SharedCommandsTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Options two = options();
    two.pretended_queues = 2;
    two.queues = 1;
    device_ = open_with(two, watch);
    for (std::shared_ptr<Queue>& queue : queues_) queue = device_->create_queue();
    data_ = conformance::make_words(*device_, 16);
    submitted.clear();
  }
  void TearDown() override {
    pending = false;
    for (std::shared_ptr<Queue>& queue : queues_) queue.reset();
    data_.reset();
    device_.reset();
    VulkanTest::TearDown();
  }
  Commands fill(bool with_host_call = false) {
    return conformance::record(*device_, [&](CommandEncoder& encoder) {
      encoder.fill({data_}, 7);
      if (with_host_call) encoder.host_call({"between", [] { return Status(); }});
    });
  }
  // What the driver was told, since the last time.
  static std::vector<Submitted> told() {
    const std::lock_guard lock(mutex);
    return std::exchange(submitted, {});
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<Queue> queues_[2];
  std::shared_ptr<Buffer> data_;
};

TEST_F(SharedCommandsTest, TheNextQueueWaitsForTheOneThatHasThem) {
  const Commands commands = fill();
  pending = true;
  queues_[0]->submit(commands);
  queues_[0]->submit(commands);
  queues_[1]->submit(commands);
  queues_[0]->submit(commands);
  const std::vector<Submitted> all = told();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_TRUE(all[0].waits.empty());
  EXPECT_TRUE(all[1].waits.empty()) << "the same queue: one after the other anyway";
  EXPECT_EQ(all[2].waits, all[1].signals);
  EXPECT_EQ(all[3].waits, all[2].signals);

  pending = false;
  ASSERT_TRUE(is_ok(device_->synchronize()));
  queues_[1]->submit(commands);
  ASSERT_EQ(submitted.size(), 1U);
  EXPECT_TRUE(told()[0].waits.empty()) << "the other queue is done with them";
  EXPECT_TRUE(is_ok(device_->synchronize()));
}

TEST_F(SharedCommandsTest, CommandsOfTheirOwnOverlap) {
  const Commands commands[] = {fill(), fill()};
  pending = true;
  queues_[0]->submit(commands[0]);
  queues_[1]->submit(commands[1]);
  const std::vector<Submitted> all = told();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[1].waits.empty());
  pending = false;
  EXPECT_TRUE(is_ok(device_->synchronize()));
}

TEST_F(SharedCommandsTest, SoDoesAStepBesideAHostCall) {
  const Commands commands = fill(true);
  pending = true;
  ASSERT_TRUE(is_ok(queues_[0]->submit(commands).wait(testing_support::kPatience)));
  ASSERT_TRUE(is_ok(queues_[1]->submit(commands).wait(testing_support::kPatience)));
  const std::vector<Submitted> all = told();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].waits.empty());
  EXPECT_EQ(all[1].waits, all[0].signals);
  pending = false;
}

}  // namespace
}  // namespace assay::vulkan
