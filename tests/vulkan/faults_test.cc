// SPDX-License-Identifier: MIT
// Each call of the driver that can fail is made to fail once: an Error or a failed
// point, nothing leaked (the validation layer looks at close), nothing hangs.
#include "tests/vulkan/faults.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using conformance::AffineConstants;
using testing_support::failed_as;
using testing_support::kPatience;

class FaultsTest : public VulkanTest {
 protected:
  void TearDown() override {
    disarm();
    VulkanTest::TearDown();
  }
};

void memory_faults(VolkDeviceTable& table) {
  install_faults<
      &VolkDeviceTable::vkCreateBuffer, &VolkDeviceTable::vkAllocateMemory,
      &VolkDeviceTable::vkBindBufferMemory, &VolkDeviceTable::vkMapMemory,
      &VolkDeviceTable::vkCreateDescriptorSetLayout,
      &VolkDeviceTable::vkCreatePipelineLayout, &VolkDeviceTable::vkCreateShaderModule,
      &VolkDeviceTable::vkCreateComputePipelines, &VolkDeviceTable::vkCreateCommandPool,
      &VolkDeviceTable::vkAllocateCommandBuffers,
      &VolkDeviceTable::vkBeginCommandBuffer, &VolkDeviceTable::vkCreateSemaphore,
      &VolkDeviceTable::vkCreateQueryPool, &VolkDeviceTable::vkQueueSubmit2>(table);
}

// A bit of everything. The status of its last point.
Status work(Device& device) {
  const std::shared_ptr<Buffer> data = conformance::make_words(device, 64, 1);
  const std::shared_ptr<Buffer> hidden =
      conformance::make_buffer(device, 256, MemoryKind::device);
  const std::shared_ptr<Kernel> kernel =
      device.create_kernel(conformance::affine_kernel());
  const conformance::Commands commands =
      conformance::record(device, [&](CommandEncoder& encoder) {
        encoder.dispatch(kernel, {2, 1, 1}, {{data}}, AffineConstants{3, 1});
        encoder.copy({data}, {hidden});
        encoder.host_call({"look", [] { return Status(); }});
        encoder.copy({hidden}, {data});
      });
  const std::shared_ptr<Queue> queue = device.create_queue();
  queue->submit(nullptr);
  Status status = queue->submit(commands).wait(kPatience);
  if (status.ok()) {
    EXPECT_EQ(conformance::read_words(device, data)[63], 4U);
  }
  return status;
}

TEST_F(FaultsTest, RunningOutOfMemoryAnywhereIsAnErrorOrAStatus) {
  int faults = 0;
  for (int nth = 1;; ++nth) {
    arm(nth, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    Status status;
    try {
      const std::shared_ptr<Device> device = open(memory_faults);
      status = work(*device);
    } catch (const Error& error) {
      status = error.status();
    }
    if (calls_to_fault > 0) {
      EXPECT_TRUE(status.ok()) << status.to_string();
      break;
    }
    // A failed query pool costs the times of a submission, and nothing else; a second
    // type of memory serves where the first is full.
    faults += status.ok() ? 0 : 1;
    EXPECT_TRUE(status.ok() || status.root().code() == StatusCode::out_of_memory)
        << status.to_string();
    ASSERT_LT(nth, 200) << "the work never got through";
  }
  EXPECT_GE(faults, 14) << "at least one for each kind of call but the query pool's";
}

void losing_calls(VolkDeviceTable& table) {
  install_faults<&VolkDeviceTable::vkQueueSubmit2, &VolkDeviceTable::vkWaitSemaphores,
                 &VolkDeviceTable::vkGetSemaphoreCounterValue>(table);
}

TEST_F(FaultsTest, ALostDeviceFailsEveryPointAndNothingHangs) {
  int losses = 0;
  for (int nth = 1; nth <= 12; ++nth) {
    disarm();
    const std::shared_ptr<Device> device = open(losing_calls);
    const std::shared_ptr<Timeline> gate = device->create_timeline();
    const std::shared_ptr<Queue> gated = device->create_queue();
    const Point held = gated->submit(nullptr, {{gate, 1}});
    arm(nth, VK_ERROR_DEVICE_LOST);
    Status status;
    try {
      status = work(*device);
    } catch (const Error& error) {
      status = error.status();
    }
    if (status.ok()) continue;
    ++losses;
    EXPECT_EQ(status.root().code(), StatusCode::device_lost) << status.to_string();
    // It stays lost: what comes later fails, and so does what was held back.
    const std::shared_ptr<Queue> queue = device->create_queue();
    EXPECT_TRUE(
        failed_as(queue->submit(nullptr).wait(kPatience), StatusCode::device_lost));
    EXPECT_TRUE(failed_as(held.wait(kPatience), StatusCode::device_lost));
  }
  EXPECT_GE(losses, 3);
}

void full_device(VolkDeviceTable& table) {
  install_faults<&VolkDeviceTable::vkAllocateMemory>(table);
}

TEST_F(FaultsTest, AFullDeviceGoesOnWorking) {
  const std::shared_ptr<Device> device = open(full_device);
  const Counters before = device->counters();
  arm(1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  const auto code = testing_support::thrown_code(
      [&] { conformance::make_buffer(*device, 4096, MemoryKind::device); });
  // A GPU has a second type of memory, which serves.
  if (code || device->caps().simulated_device_memory) {
    EXPECT_EQ(code, StatusCode::out_of_memory);
    EXPECT_EQ(device->counters().buffers_allocated, before.buffers_allocated);
  }
  EXPECT_TRUE(testing_support::is_ok(work(*device)));
}

}  // namespace
}  // namespace assay::vulkan
