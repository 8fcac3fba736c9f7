// SPDX-License-Identifier: MIT
// A device may learn from how it is called: a program that waits for each submission at
// once can be served by its own thread. Each test waits so for a while, then does
// something else, and must not be let down.
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/eventually.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::eventually;
using testing_support::is_ok;
using testing_support::kPatience;

class HabitsTest : public ConformanceTest {
 protected:
  // A queue whose every submission was waited for, at once and without a time-out.
  static std::shared_ptr<Queue> used_queue(Device& device) {
    std::shared_ptr<Queue> queue = device.create_queue();
    std::uint32_t runs = 0;  // plain: each wait orders what comes after it
    const Commands commands = host_work(device, [&runs] { ++runs; });
    for (std::uint32_t round = 1; round <= 200; ++round) {
      EXPECT_TRUE(is_ok(queue->submit(commands).wait()));
      EXPECT_EQ(runs, round);
    }
    return queue;
  }
};
RUN_ON_EVERY_DEVICE(HabitsTest);

TEST_P(HabitsTest, WorkThatNobodyWaitsForRuns) {
  const std::shared_ptr<Queue> queue = used_queue(device());
  const Point point = queue->submit(host_work(device(), [] {}));
  EXPECT_TRUE(eventually([&] { return point.query().has_value(); }));
}

TEST_P(HabitsTest, ATimedWaitIsEnough) {
  const std::shared_ptr<Queue> queue = used_queue(device());
  EXPECT_TRUE(is_ok(queue->submit(host_work(device(), [] {})).wait(kPatience)));
}

TEST_P(HabitsTest, AStreamOfWorkRuns) {
  const std::shared_ptr<Queue> queue = used_queue(device());
  int runs = 0;
  const Commands commands = host_work(device(), [&] { ++runs; });
  for (int i = 0; i < 100; ++i) queue->submit(commands);
  EXPECT_TRUE(eventually([&] { return queue->last().query().has_value(); }));
  EXPECT_EQ(runs, 100);
}

TEST_P(HabitsTest, AWaitForItsSignalIsEnough) {
  const std::shared_ptr<Queue> queue = used_queue(device());
  const std::shared_ptr<Timeline> line = device().create_timeline();
  queue->submit(host_work(device(), [] {}), {}, {{line, 1}});
  EXPECT_TRUE(is_ok(line->wait(1, kForever)));
}

TEST_P(HabitsTest, AnotherQueueMayNeedIt) {
  const std::shared_ptr<Queue> first = used_queue(device());
  const std::shared_ptr<Queue> second = used_queue(device());
  int value = 0;
  const Point made = first->submit(host_work(device(), [&] { value = 1; }));
  const Commands read = host_work(device(), [&] { value += value; });
  EXPECT_TRUE(is_ok(second->submit(read, {made}).wait()));
  EXPECT_EQ(value, 2);
}

TEST_P(HabitsTest, TheQueueMayGo) {
  std::atomic<bool> ran{false};
  used_queue(device())->submit(host_work(device(), [&] { ran = true; }));
  EXPECT_TRUE(eventually([&] { return ran.load(); }));
}

TEST_P(HabitsTest, TheDeviceMayGo) {
  std::atomic<bool> ran{false};
  {
    const std::shared_ptr<Device> other = open_another();
    used_queue(*other)->submit(host_work(*other, [&] { ran = true; }));
  }
  EXPECT_TRUE(ran);
}

TEST_P(HabitsTest, WorkMaySubmitToTheQueue) {
  const std::shared_ptr<Queue> queue = used_queue(device());
  const std::shared_ptr<Queue> other = device().create_queue();
  std::atomic<bool> ran{false};
  const Commands last = host_work(device(), [&] { ran = true; });
  EXPECT_TRUE(
      is_ok(other->submit(host_work(device(), [&] { queue->submit(last); })).wait()));
  EXPECT_TRUE(eventually([&] { return ran.load(); }));
}

// Other queues that are never empty keep every unit busy.
TEST_P(HabitsTest, WorkThatNobodyWaitsForRunsOnABusyDevice) {
  SKIP_UNLESS(caps().asynchronous, "runs work on the thread that submits");
  const std::shared_ptr<Queue> queue = used_queue(device());
  std::atomic<bool> stop{false};
  std::vector<std::jthread> feeders;
  for (std::uint32_t i = 0; i < caps().compute_units && i < 4; ++i) {
    feeders.emplace_back([&] {
      const std::shared_ptr<Queue> own = device().create_queue();
      const Commands commands = host_work(device(), [] {});
      std::vector<Point> points;
      while (!stop) {
        points.push_back(own->submit(commands));
        if (points.size() < 64) continue;
        // With a time-out: a thread that waits without one would help.
        EXPECT_TRUE(is_ok(points[points.size() - 32].wait(kPatience)));
        points.erase(points.begin(), points.end() - 32);
      }
      EXPECT_TRUE(is_ok(own->synchronize()));
    });
  }
  for (int round = 0; round < 3; ++round) {
    const Point point = queue->submit(host_work(device(), [] {}));
    EXPECT_TRUE(eventually([&] { return point.query().has_value(); }));
  }
  stop = true;
}

// A queue that is never empty: each submission makes the next one before it ends.
struct Endless {
  std::shared_ptr<Queue> queue;
  Commands commands;
  std::atomic<bool> started{false};
};

// One for each unit, so that whoever executes never comes to an end, nor to sleep: only
// between two submissions can anybody see what was left to a thread that does not come.
TEST_P(HabitsTest, WorkThatNobodyWaitsForRunsBetweenEndlessOnes) {
  SKIP_UNLESS(caps().asynchronous && caps().host_kernels,
              "runs work on the thread that submits, or has no units to take");
  const std::shared_ptr<Queue> queue = used_queue(device());
  std::atomic<bool> stop{false};
  std::vector<Endless> busy(caps().compute_units);
  for (Endless& endless : busy) {
    endless.queue = device().create_queue();
    endless.commands = host_work(device(), [&endless, &stop] {
      endless.started = true;
      if (!stop) endless.queue->submit(endless.commands);
    });
    endless.queue->submit(endless.commands);
  }
  for (const Endless& endless : busy) {
    EXPECT_TRUE(eventually([&] { return endless.started.load(); }));
  }
  const Point point = queue->submit(host_work(device(), [] {}));
  EXPECT_TRUE(eventually([&] { return point.query().has_value(); }));
  stop = true;
  // What saw no stop has made one more.
  for (const Endless& endless : busy) {
    EXPECT_TRUE(is_ok(endless.queue->synchronize(kPatience)));
    EXPECT_TRUE(is_ok(endless.queue->synchronize(kPatience)));
  }
}

// More waiting threads than units, each fit to run its own work.
TEST_P(HabitsTest, ThreadsThatWaitShareTheUnits) {
  constexpr std::size_t kThreads = 8;
  constexpr int kRounds = 150;
  Occupancy occupancy;
  std::atomic<int> outside{0};
  std::vector<int> runs(kThreads);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::shared_ptr<Queue> queue = device().create_queue();
      const Commands commands = kernel_work(device(), [&, i](const GroupContext& at) {
        occupancy.enter();
        if (at.compute_unit >= caps().compute_units) ++outside;
        ++runs[i];
        occupancy.leave();
      });
      for (int round = 1; round <= kRounds; ++round) {
        ASSERT_TRUE(is_ok(queue->submit(commands).wait()));
        ASSERT_EQ(runs[i], round);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(outside, 0);
  if (caps().host_kernels) {
    EXPECT_LE(occupancy.peak(), caps().compute_units);
  }
}

}  // namespace
}  // namespace assay::conformance
