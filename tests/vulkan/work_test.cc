// SPDX-License-Identifier: MIT
// What the driver is handed in one call, and which barriers go with it.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "backends/vulkan/time_slots.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan::work_test {
namespace {

using conformance::Commands;
using testing_support::failed_as;
using testing_support::is_ok;
using testing_support::kPatience;

struct Call {
  std::size_t command_buffers = 0;
  std::size_t waits = 0;
  std::vector<VkSemaphore> signals;
};

std::mutex mutex;
std::vector<Call> calls;
std::atomic<int> failing_call = 0;  // counts down; the call that reaches 0 fails
std::atomic<int> host_barriers = 0;
std::atomic<int> work_barriers = 0;
PFN_vkQueueSubmit2 real_submit = nullptr;
PFN_vkCmdPipelineBarrier2 real_barrier = nullptr;

VkResult watched_submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo2* infos,
                        VkFence fence) {
  const std::lock_guard lock(mutex);
  if (failing_call != 0 && --failing_call == 0) return VK_ERROR_OUT_OF_HOST_MEMORY;
  for (std::uint32_t i = 0; i < count; ++i) {
    Call call = {infos[i].commandBufferInfoCount, infos[i].waitSemaphoreInfoCount, {}};
    for (std::uint32_t s = 0; s < infos[i].signalSemaphoreInfoCount; ++s) {
      call.signals.push_back(infos[i].pSignalSemaphoreInfos[s].semaphore);
    }
    calls.push_back(std::move(call));
  }
  return real_submit(queue, count, infos, fence);
}

void watched_barrier(VkCommandBuffer commands, const VkDependencyInfo* info) {
  const bool host =
      (info->pMemoryBarriers->dstStageMask & VK_PIPELINE_STAGE_2_HOST_BIT) != 0;
  ++(host ? host_barriers : work_barriers);
  real_barrier(commands, info);
}

void watch(VolkDeviceTable& table) {
  real_submit = std::exchange(table.vkQueueSubmit2, watched_submit);
  real_barrier = std::exchange(table.vkCmdPipelineBarrier2, watched_barrier);
}

class WorkTest : public VulkanTest {
 protected:
  void SetUp() override {
    VulkanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Options small = options();
    small.timestamps = false;
    small.cap = {3, 100};
    device_ = open_with(small, watch);
    queue_ = device_->create_queue();
    data_ = conformance::make_words(*device_, 64);
    errors_ = conformance::make_words(*device_, 1);
    relay_ = device_->create_kernel(conformance::relay_kernel());
    failing_call = 0;
    (void)told();
  }
  void TearDown() override {
    queue_.reset();
    data_.reset();
    errors_.reset();
    relay_.reset();
    device_.reset();
    VulkanTest::TearDown();
  }
  // Each sees whether the one before it is done.
  Commands chain(std::uint32_t length, std::uint32_t groups = 2) {
    return conformance::record(*device_, [&](CommandEncoder& encoder) {
      for (std::uint32_t i = 0; i < length; ++i) {
        encoder.dispatch(relay_, {groups, 1, 1}, {{data_}, {errors_}}, i);
      }
    });
  }
  static std::vector<Call> told() {
    const std::lock_guard lock(mutex);
    return std::exchange(calls, {});
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Buffer> data_;
  std::shared_ptr<Buffer> errors_;
  std::shared_ptr<Kernel> relay_;
};

TEST_F(WorkTest, ALongBatchGoesInSeveralCalls) {
  const std::shared_ptr<Timeline> gate = device_->create_timeline();
  const std::shared_ptr<Queue> other = device_->create_queue();
  const Point before = other->submit(nullptr, {{gate, 1}});
  // Waits for another queue, so that the driver is told to wait, once it is certain.
  const Point point = queue_->submit(chain(10), {before});
  (void)told();
  gate->signal(1);
  ASSERT_TRUE(is_ok(point.wait(kPatience)));
  std::vector<Call> all = told();
  ASSERT_GE(all.size(), 4U);
  all.erase(all.begin(), all.end() - 4);
  for (const Call& call : all) {
    EXPECT_EQ(call.command_buffers, 1U);
    EXPECT_EQ(call.signals.size(), 1U);
  }
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(all[i].waits, 0U);
  // The point is the last one's alone.
  EXPECT_EQ(all[0].signals, all[2].signals);
  EXPECT_NE(all[0].signals, all[3].signals);
  EXPECT_EQ(conformance::read_words(*device_, errors_), conformance::Words{0});
  EXPECT_EQ(conformance::read_words(*device_, data_), conformance::Words(64, 10));
}

TEST_F(WorkTest, GroupsCountAsCommandsDo) {
  // 60 + 60 are above 100; one of 200 goes alone.
  ASSERT_TRUE(is_ok(queue_->submit(chain(2, 60)).wait(kPatience)));
  EXPECT_EQ(told().size(), 2U);
  const auto write = device_->create_kernel(conformance::write_kernel());
  ASSERT_TRUE(is_ok(queue_
                        ->submit(conformance::record(
                            *device_,
                            [&](CommandEncoder& encoder) {
                              for (const std::uint32_t groups : {40U, 200U, 40U}) {
                                encoder.dispatch(write, {groups, 1, 1}, {{data_}}, 0U);
                              }
                            }))
                        .wait(kPatience)));
  EXPECT_EQ(told().size(), 3U);
  // 256 KiB are what 64 groups move.
  const auto block = conformance::make_buffer(*device_, 256 << 10, MemoryKind::device);
  ASSERT_TRUE(is_ok(queue_
                        ->submit(conformance::record(*device_,
                                                     [&](CommandEncoder& encoder) {
                                                       encoder.fill({block}, 1);
                                                       encoder.fill({block}, 2);
                                                     }))
                        .wait(kPatience)));
  EXPECT_EQ(told().size(), 2U);
}

// What went in before the call that failed may still run: it is waited for, the
// submission fails, and the layer sees nothing freed in use.
TEST_F(WorkTest, ACallThatFailsHalfwayFailsTheSubmission) {
  for (const int failing : {1, 2, 4}) {
    failing_call = failing;
    const std::shared_ptr<Queue> queue = device_->create_queue();
    const Status status = queue->submit(chain(10)).wait(kPatience);
    EXPECT_TRUE(failed_as(status, StatusCode::out_of_memory));
    EXPECT_EQ(told().size(), static_cast<std::size_t>(failing - 1));
    failing_call = 0;
  }
  EXPECT_TRUE(is_ok(queue_->submit(nullptr).wait(kPatience)));
}

TEST_F(WorkTest, CutCommandsHaveTimesAndHostCalls) {
  Options small = options();
  small.cap = {3, 100};
  device_ = open_with(small);
  const auto data = conformance::make_words(*device_, 64);
  const auto errors = conformance::make_words(*device_, 1);
  const auto relay = device_->create_kernel(conformance::relay_kernel());
  std::uint32_t seen = 0;
  for (const bool with_call : {false, true}) {
    const Commands commands =
        conformance::record(*device_, [&](CommandEncoder& encoder) {
          encoder.fill({data}, 0);
          for (std::uint32_t i = 0; i < 10; ++i) {
            if (i == 5 && with_call) {
              encoder.host_call({"look", [&] {
                                   seen = data->map().as<std::uint32_t>()[63];
                                   return Status();
                                 }});
            }
            encoder.dispatch(relay, {2, 1, 1}, {{data}, {errors}}, i);
          }
        });
    const std::shared_ptr<Queue> queue = device_->create_queue();
    for (int round = 0; round < 3; ++round) {
      const Point point = queue->submit(commands);
      ASSERT_TRUE(is_ok(point.wait(kPatience)));
      const auto times = queue->timestamps(point);
      ASSERT_EQ(times.has_value(), device_->caps().timestamps);
      if (times) {
        EXPECT_LT(times->started_ns, times->ended_ns);
      }
    }
  }
  EXPECT_EQ(seen, 5U);
  EXPECT_EQ(conformance::read_words(*device_, errors), conformance::Words{0});
}

// A fork of eight between a root and a leaf: one barrier at the start and one before
// each of the other waves.
TEST_F(WorkTest, AGraphHasBarriersBetweenItsWavesOnly) {
  device_ = open(watch);
  const auto builder = device_->create_graph_builder();
  const auto count = device_->create_kernel(conformance::count_kernel());
  const auto words = conformance::make_words(*device_, 1);
  const auto add = [&] { return builder->dispatch(count, {1, 1, 1}, {{words}}); };
  const GraphNode root = add();
  const GraphNode leaf = add();
  for (int i = 0; i < 8; ++i) {
    const GraphNode node = add();
    builder->depend(root, node);
    builder->depend(node, leaf);
  }
  work_barriers = 0;
  const std::shared_ptr<Graph> graph = builder->instantiate();
  EXPECT_EQ(work_barriers, 3);
  const std::shared_ptr<Queue> queue = device_->create_queue();
  ASSERT_TRUE(is_ok(graph->replay(*queue).wait(kPatience)));
  EXPECT_EQ(conformance::read_words(*device_, words), conformance::Words{10});
}

TEST_F(WorkTest, TheHostHasItsBarrierWhereItCanLook) {
  const auto hidden = conformance::make_buffer(*device_, 256, MemoryKind::device);
  const auto staging = conformance::make_buffer(*device_, 256, MemoryKind::host);
  const auto write = device_->create_kernel(conformance::write_kernel());
  const auto barriers = [&](const std::function<void(CommandEncoder&)>& body) {
    host_barriers = 0;
    conformance::record(*device_, body);
    return host_barriers.load();
  };
  EXPECT_EQ(barriers([&](CommandEncoder& e) { e.fill({hidden}, 1); }), 0);
  EXPECT_EQ(barriers([&](CommandEncoder& e) { e.copy({staging}, {hidden}); }), 0);
  EXPECT_EQ(barriers([&](CommandEncoder& e) {
              e.dispatch(write, {1, 1, 1}, {{hidden}}, 1U);
            }),
            0);
  EXPECT_EQ(barriers([&](CommandEncoder& e) { e.fill({data_}, 1); }), 1);
  EXPECT_EQ(barriers([&](CommandEncoder& e) { e.copy({hidden}, {staging}); }), 1);
  EXPECT_EQ(barriers([&](CommandEncoder& e) {
              e.dispatch(write, {1, 1, 1}, {{data_}}, 1U);
            }),
            1);
  // Written before a cut, and before a host call that looks.
  EXPECT_EQ(barriers([&](CommandEncoder& e) {
              e.fill({data_}, 1);
              for (int i = 0; i < 5; ++i) e.fill({hidden}, 1);
            }),
            1);
  EXPECT_EQ(barriers([&](CommandEncoder& e) {
              e.fill({data_}, 1);
              e.host_call({"look", [] { return Status(); }});
              e.fill({hidden}, 1);
            }),
            1);
}

TEST(VulkanTimesTest, ADeviceWhoseClockIsOffTookWhatItTook) {
  using Times = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(placed_between({120, 126}, 100, 200), Times(120, 126));
  EXPECT_EQ(placed_between({197, 203}, 100, 200), Times(194, 200));
  EXPECT_EQ(placed_between({207, 213}, 100, 200), Times(194, 200));
  EXPECT_EQ(placed_between({90, 96}, 100, 200), Times(100, 106));
  // More than there was room for, a clock that ran back, and no time at all.
  EXPECT_EQ(placed_between({50, 250}, 100, 200), Times(100, 200));
  EXPECT_EQ(placed_between({150, 140}, 100, 200), Times(150, 150));
  EXPECT_EQ(placed_between({150, 160}, 100, 90), Times(100, 100));
}

}  // namespace
}  // namespace assay::vulkan::work_test
