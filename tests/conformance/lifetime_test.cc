// SPDX-License-Identifier: MIT
// A submission keeps what it uses; handles may be dropped in any order and at any time.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/eventually.h"
#include "tests/support/gate.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::eventually;
using testing_support::Gate;
using testing_support::is_ok;
using testing_support::kPatience;

class LifetimeTest : public ConformanceTest {
 public:
  // `times` on a host's device. To open a GPU takes its driver up to 0.4 s.
  int rounds(int times) const {
    return device().caps().host_kernels ? times : std::max(2, times / 20);
  }
};
RUN_ON_EVERY_DEVICE(LifetimeTest);

TEST_P(LifetimeTest, EverythingMayBeDroppedRightAfterSubmit) {
  for (int round = 0; round < rounds(50); ++round) {
    const auto sum = std::make_shared<std::atomic<std::uint64_t>>(0);
    Point point;
    {
      const std::shared_ptr<Device> device = open_another();
      const std::shared_ptr<Buffer> from = make_words(*device, 1024, 3);
      const std::shared_ptr<Buffer> to = make_buffer(*device, 4096, MemoryKind::device);
      const std::shared_ptr<Buffer> out = make_words(*device, 1024);
      const std::shared_ptr<Kernel> kernel = device->create_kernel(copy_kernel());
      const auto seen = std::make_shared<Mapping>(out->map());
      point =
          device->create_queue()->submit(record(*device, [&](CommandEncoder& encoder) {
            encoder.copy({from}, {to});
            encoder.dispatch(kernel, {8, 1, 1}, {{to}, {out}});
            encoder.host_call({"sum", [sum, seen] {
                                 for (const std::uint32_t word :
                                      seen->as<std::uint32_t>()) {
                                   *sum += word;
                                 }
                                 return Status();
                               }});
          }));
    }
    EXPECT_TRUE(is_ok(point.wait()));
    EXPECT_EQ(*sum, 3072U);
  }
}

TEST_P(LifetimeTest, DroppedQueuesFinishTheirWork) {
  std::atomic<int> ran = 0;
  const Commands commands = host_work(device(), [&] { ++ran; });
  for (int i = 0; i < 20; ++i) {
    const std::shared_ptr<Queue> queue = device().create_queue();
    for (int j = 0; j < 50; ++j) queue->submit(commands);
  }
  EXPECT_TRUE(is_ok(device().synchronize()));
  EXPECT_EQ(ran, 1000);
}

TEST_P(LifetimeTest, TheLastHandleFinishesRunnableWork) {
  for (int round = 0; round < 20; ++round) {
    const auto ran = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<Device> device = open_another();
    for (int i = 0; i < 3; ++i) {
      const std::shared_ptr<Queue> queue = device->create_queue();
      for (int j = 0; j < 10; ++j) queue->submit(host_work(*device, [ran] { ++*ran; }));
    }
    device.reset();
    EXPECT_TRUE(eventually([&] { return *ran == 30; })) << *ran;
  }
}

TEST_P(LifetimeTest, APointOutlivesItsQueueAndDevice) {
  std::shared_ptr<Device> device = take_device();
  const std::shared_ptr<Timeline> gate = device->create_timeline();
  const auto ran = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<Queue> queue = device->create_queue();
  const Point point = queue->submit(host_work(*device, [ran] { ++*ran; }), {{gate, 1}});
  queue.reset();
  device.reset();
  EXPECT_FALSE(point.query().has_value());
  gate->signal(1);
  EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(*ran, 1);
}

// Each is used when nothing else of its device is left.
TEST_P(LifetimeTest, AnyHandleKeepsTheDeviceOpen) {
  const std::shared_ptr<Buffer> buffer = make_buffer(*open_another(), 64);
  EXPECT_EQ(buffer->map().bytes().size(), 64U);

  const std::shared_ptr<Queue> queue = open_another()->create_queue();
  EXPECT_TRUE(is_ok(queue->submit(nullptr).wait()));

  const std::shared_ptr<Timeline> line = open_another()->create_timeline();
  line->signal(1);
  EXPECT_TRUE(is_ok(line->wait(1, kPatience)));

  const auto encoder = open_another()->create_encoder();
  encoder->host_call({"none", [] { return Status(); }});
  const Commands commands = encoder->finish();
  EXPECT_EQ(commands->command_count(), 1U);

  if (!caps().host_kernels) return;  // a GPU has neither pools nor graphs
  const std::shared_ptr<MemoryPool> pool = open_another()->create_memory_pool();
  PoolBlock block;
  EXPECT_TRUE(is_ok(pool->allocate(64, block)));
  const auto builder = open_another()->create_graph_builder();
  builder->host_call({"none", [] { return Status(); }});
  const std::shared_ptr<Graph> graph = builder->instantiate();
  EXPECT_NE(graph->commands(), nullptr);
}

// The gate alone keeps the device open, and so the work that waits for it.
TEST_P(LifetimeTest, AGateOutlivesEverythingElse) {
  const auto ran = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<Device> device = take_device();
  std::shared_ptr<Timeline> gate = device->create_timeline();
  device->create_queue()->submit(host_work(*device, [ran] { ++*ran; }), {{gate, 1}});
  device->create_queue()->submit(host_work(*device, [ran] { ++*ran; }), {{gate, 2}});
  device.reset();
  gate->signal(1);
  EXPECT_TRUE(eventually([&] { return *ran == 1; }));
  gate->signal(2);
  gate.reset();
  EXPECT_TRUE(eventually([&] { return *ran == 2; }));
}

TEST_P(LifetimeTest, ADeviceWithUnmetWaitsCloses) {
  for (int round = 0; round < 10; ++round) {
    const auto ran = std::make_shared<std::atomic<int>>(0);
    {
      const std::shared_ptr<Device> device = open_another();
      const std::shared_ptr<Queue> queue = device->create_queue();
      const std::shared_ptr<Timeline> never = device->create_timeline();
      // The work holds the buffer and the gate it waits for; neither may count as a
      // handle that keeps the device open, or nothing would ever be let go.
      const std::shared_ptr<Buffer> buffer = make_words(*device, 4);
      const Commands fill =
          record(*device, [&](CommandEncoder& encoder) { encoder.fill({buffer}, 1); });
      queue->submit(host_work(*device, [ran] { ++*ran; }), {{never, 1}});
      queue->submit(fill);
      queue->submit(host_work(*device, [ran] { ++*ran; }));
      // And on another queue, behind those.
      const std::shared_ptr<Queue> other = device->create_queue();
      other->submit(host_work(*device, [ran] { ++*ran; }), {queue->last()});
    }
    // Aborted work lets go of what it holds.
    EXPECT_TRUE(eventually([&] { return ran.use_count() == 1; })) << ran.use_count();
    EXPECT_EQ(*ran, 0);
  }
}

TEST_P(LifetimeTest, WorkOfAnExitedThreadCompletes) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  std::atomic<int> ran = 0;
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) {
    std::jthread([&] {
      points.push_back(device().create_queue()->submit(
          host_work(device(), [&] { ++ran; }),
          i % 2 == 0 ? std::vector<Point>{} : std::vector<Point>{{gate, 1}}, {}));
    }).join();
  }
  std::jthread([&] { gate->signal(1); }).join();
  for (const Point& point : points) EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(ran, 10);
}

TEST_P(LifetimeTest, OpenSubmitWaitCloseManyTimes) {
  for (int i = 0; i < rounds(200); ++i) {
    const std::shared_ptr<Device> device = open_another();
    int value = 0;
    const Point point =
        device->create_queue()->submit(host_work(*device, [&] { value = i; }));
    ASSERT_TRUE(is_ok(i % 2 == 0 ? point.wait() : point.wait(kPatience)));
    ASSERT_EQ(value, i);
  }
}

TEST_P(LifetimeTest, OpenAndCloseWithoutWork) {
  for (int i = 0; i < rounds(100); ++i) {
    const std::shared_ptr<Device> device = open_another();
    if (i % 2 == 0) device->create_queue();
  }
}

// The last handle is dropped by the device's own work: it must not wait for itself.
TEST_P(LifetimeTest, TheLastHandleMayDieInsideTheDevicesOwnWork) {
  for (int round = 0; round < rounds(20); ++round) {
    const auto ran = std::make_shared<Gate>();
    const auto token = std::make_shared<int>(1);
    {
      std::shared_ptr<Device> device = open_another();
      Commands commands = host_work(*device, [device, ran, token] { ran->open(); });
      const std::shared_ptr<Queue> queue = device->create_queue();
      queue->submit(std::move(commands));
    }
    EXPECT_TRUE(ran->wait());
    EXPECT_TRUE(eventually([&] { return token.use_count() == 1; })) << "never closed";
  }
}

TEST_P(LifetimeTest, WorkMayDropTheLastHandleItself) {
  for (int round = 0; round < 20; ++round) {
    const auto done = std::make_shared<Gate>();
    auto holder = std::make_shared<std::shared_ptr<Device>>(open_another());
    std::shared_ptr<Timeline> gate = (*holder)->create_timeline();
    (*holder)->create_queue()->submit(host_work(**holder,
                                                [holder, done] {
                                                  holder->reset();
                                                  done->open();
                                                }),
                                      {{gate, 1}});
    holder.reset();
    gate->signal(1);
    gate.reset();
    EXPECT_TRUE(done->wait());
  }
}

// What is kept alive is let go: a device that keeps it would leak for its whole life.
TEST_P(LifetimeTest, CompletedWorkIsReleased) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const auto token = std::make_shared<int>(1);
  std::weak_ptr<Buffer> buffer;
  std::weak_ptr<Kernel> kernel;
  std::weak_ptr<CommandBuffer> commands;
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  Point point;
  {
    const std::shared_ptr<Buffer> words = make_words(device(), 64);
    const std::shared_ptr<Kernel> count = device().create_kernel(count_kernel());
    const Commands recorded = record(device(), [&](CommandEncoder& encoder) {
      encoder.dispatch(count, {4, 1, 1}, {{words}});
      encoder.host_call({"hold", [token] { return Status(); }});
    });
    buffer = words;
    kernel = count;
    commands = recorded;
    point = queue->submit(recorded, {{gate, 1}});
  }
  EXPECT_FALSE(buffer.expired() || kernel.expired() || commands.expired());
  gate->signal(1);
  EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_TRUE(eventually([&] {
    return buffer.expired() && kernel.expired() && commands.expired() &&
           token.use_count() == 1;
  }));
}

TEST_P(LifetimeTest, AbortedWorkIsReleased) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const auto token = std::make_shared<int>(1);
  queue->submit(failing_work(device(), {StatusCode::internal, "no"}));
  const Point point = queue->submit(host_work(device(), [token] {}));
  EXPECT_FALSE(point.wait().ok());
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
}

}  // namespace
}  // namespace assay::conformance
