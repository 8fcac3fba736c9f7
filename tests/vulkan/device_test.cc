// SPDX-License-Identifier: MIT
// What the conformance suite cannot see: that the validation layer is awake, and work
// that never leaves the device.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using conformance::AffineConstants;
using conformance::Commands;
using conformance::record;
using testing_support::is_ok;
using testing_support::thrown_code;

class VulkanDeviceTest : public VulkanTest {};

// Were it asleep, every other test would pass.
TEST_F(VulkanDeviceTest, TheValidationLayerIsAwake) {
  if (!validated_ && !required()) GTEST_SKIP() << "vulkan-validationlayers is missing";
  ASSERT_TRUE(validated_) << "install vulkan-validationlayers";
  const Gpu gpu(options());
  // A buffer of no bytes is against the rules, and harmless.
  auto info = make<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  VkBuffer buffer = VK_NULL_HANDLE;
  gpu.vk().vkCreateBuffer(gpu.handle(), &info, nullptr, &buffer);
  gpu.vk().vkDestroyBuffer(gpu.handle(), buffer, nullptr);
  const std::vector<std::string> lines = runtime::take_diagnostics();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return line.find("VUID-VkBufferCreateInfo-size-00912") !=
                                   std::string::npos;
                          }))
      << lines.size() << " messages";
}

// The chain becomes certain as a whole when its gate opens, and runs in its order.
TEST_F(VulkanDeviceTest, LongChainsWithoutHostCallsDoNotNest) {
  constexpr std::uint32_t kLength = 3000;
  const std::shared_ptr<Device> device = open();
  const std::shared_ptr<Buffer> data = conformance::make_words(*device, 64);
  const std::shared_ptr<Kernel> affine =
      device->create_kernel(conformance::affine_kernel());
  const Commands step = record(*device, [&](CommandEncoder& encoder) {
    encoder.dispatch(affine, {1, 1, 1}, {{data}}, AffineConstants{3, 1});
  });
  const std::shared_ptr<Timeline> gate = device->create_timeline();
  const std::shared_ptr<Queue> queues[] = {device->create_queue(),
                                           device->create_queue()};
  Point last = {gate, 1};
  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < kLength; ++i) {
    last = queues[i % 2]->submit(step, {last});
    expected = 3 * expected + 1;
  }
  EXPECT_FALSE(last.query().has_value());
  gate->signal(1);
  ASSERT_TRUE(is_ok(last.wait()));
  EXPECT_EQ(conformance::read_words(*device, data), conformance::Words(64, expected));
}

TEST_F(VulkanDeviceTest, EverythingMayBeDroppedWhileTheDeviceWorks) {
  for (int round = 0; round < 20; ++round) {
    Point point;
    {
      const std::shared_ptr<Device> device = open();
      const std::shared_ptr<Buffer> data = conformance::make_words(*device, 1 << 16);
      const std::shared_ptr<Kernel> affine =
          device->create_kernel(conformance::affine_kernel());
      const Commands commands = record(*device, [&](CommandEncoder& encoder) {
        for (int i = 0; i < 10; ++i) {
          encoder.dispatch(affine, {8, 1, 1}, {{data}}, AffineConstants{3, 1});
        }
      });
      point = device->create_queue()->submit(commands);
    }
    // Every other time the device closes with the work still running.
    if (round % 2 == 0) {
      EXPECT_TRUE(is_ok(point.wait()));
    }
  }
}

// Timelines that a queue signals besides are marks on its semaphore: no step too wide.
TEST_F(VulkanDeviceTest, SignalsOfDeviceWorkMayJumpFar) {
  const std::shared_ptr<Device> device = open();
  const std::shared_ptr<Timeline> line = device->create_timeline();
  const std::shared_ptr<Queue> queue = device->create_queue();
  const std::shared_ptr<Queue> other = device->create_queue();
  for (const std::uint64_t value :
       {std::uint64_t{1}, std::uint64_t{1} << 40, std::uint64_t{1} << 63}) {
    queue->submit(nullptr, {}, {{line, value}});
    EXPECT_TRUE(is_ok(other->submit(nullptr, {{line, value}}).wait()));
    EXPECT_EQ(line->value(), value);
  }
}

TEST_F(VulkanDeviceTest, TimesOfDeviceWorkAreInsideThoseOfTheHost) {
  const std::shared_ptr<Device> device = open();
  if (!device->caps().timestamps) GTEST_SKIP() << "no timestamps";
  const std::shared_ptr<Buffer> data = conformance::make_words(*device, 1 << 18);
  const std::shared_ptr<Kernel> affine =
      device->create_kernel(conformance::affine_kernel());
  const Commands commands = record(*device, [&](CommandEncoder& encoder) {
    for (int i = 0; i < 20; ++i) {
      encoder.dispatch(affine, {64, 1, 1}, {{data}}, AffineConstants{3, 1});
    }
  });
  const std::shared_ptr<Queue> queue = device->create_queue();
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t before = device->now_ns();
    const Point point = queue->submit(commands);
    ASSERT_TRUE(is_ok(point.wait()));
    const std::uint64_t after = device->now_ns();
    const std::optional<Timestamps> times = queue->timestamps(point);
    ASSERT_TRUE(times.has_value());
    EXPECT_LE(before, times->started_ns);
    // Five million integer operations take more than the clock's step.
    EXPECT_LT(times->started_ns, times->ended_ns);
    EXPECT_LE(times->ended_ns, after);
  }
}

TEST_F(VulkanDeviceTest, RefusesUrisItDoesNotUnderstand) {
  for (const std::string_view uri :
       {"vulkan://zero", "vulkan://-1", "vulkan://0?queues=0", "vulkan://0?validate=1",
        "vulkan://?cus=2", "vulkan://0?timestamps=", "vulkan://99999999999",
        "vulkan://0?spin_us=x"}) {
    EXPECT_EQ(thrown_code([&] { open_device(uri); }), StatusCode::invalid_argument)
        << uri;
  }
  EXPECT_EQ(thrown_code([] { open_device("vulkan://63"); }), StatusCode::unavailable);
}

TEST_F(VulkanDeviceTest, OptionsAreInTheCanonicalUri) {
  const std::string folder =
      testing::TempDir() + "assay-pipelines-" + std::to_string(::getpid());
  const std::vector<std::string> uris = {
      "vulkan://0", "vulkan://0?queues=1&timestamps=off",
      "vulkan://0?validate=auto&spin_us=7", "vulkan://0?cache=" + folder};
  for (const std::string& uri : uris) {
    const std::shared_ptr<Device> device = open_device(uri);
    EXPECT_EQ(device->caps().uri, uri);
    EXPECT_EQ(device->caps().timestamps, uri.find("off") == std::string::npos);
    EXPECT_TRUE(is_ok(device->create_queue()->submit(nullptr).wait()));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace assay::vulkan
