// SPDX-License-Identifier: MIT
// Queues are unordered unless a wait orders them; then they are, in every shape, also
// when the wait comes before the signal.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::Gate;
using testing_support::is_ok;

class CrossQueueTest : public ConformanceTest {
 protected:
  // Plain integers: only the edges under test order the accesses.
  Commands store(int& place, int value) {
    return host_work(device(), [&place, value] { place = value; });
  }
  Commands sum(int& place, const int& left, const int& right) {
    return host_work(device(), [&] { place = left + right; });
  }
};
RUN_ON_EVERY_DEVICE(CrossQueueTest);

TEST_P(CrossQueueTest, ForkJoinAndDiamond) {
  const std::shared_ptr<Queue> a = device().create_queue();
  const std::shared_ptr<Queue> b = device().create_queue();
  const std::shared_ptr<Queue> c = device().create_queue();
  const std::shared_ptr<Queue> d = device().create_queue();
  int top = 0;
  int left = 0;
  int right = 0;
  int bottom = 0;
  const int zero = 0;
  for (int round = 1; round <= 100; ++round) {
    // The next round's top overwrites what this round's sides read.
    const Point t = a->submit(store(top, round), {b->last(), c->last()});
    const Point l = b->submit(sum(left, top, top), {t, d->last()});
    const Point r = c->submit(sum(right, top, zero), {t, d->last()});
    const Point end = d->submit(sum(bottom, left, right), {l, r});
    ASSERT_TRUE(is_ok(end.wait()));
    ASSERT_EQ(bottom, 3 * round);
  }
}

TEST_P(CrossQueueTest, KernelsOnTwoQueuesTakeTurns) {
  const std::shared_ptr<Buffer> data = make_words(device(), 64);
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(relay_kernel());
  const std::array queues = {device().create_queue(), device().create_queue(),
                             device().create_queue()};
  Point last = queues[0]->last();
  constexpr std::uint32_t kCount = 900;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    last = queues[i % 3]->submit(
        record(device(),
               [&](CommandEncoder& encoder) {
                 encoder.dispatch(kernel, {4, 1, 1}, {{data}, {errors}}, i);
               }),
        {last});
  }
  EXPECT_TRUE(is_ok(last.wait()));
  EXPECT_EQ(read_words(device(), errors), Words{0});
  EXPECT_EQ(read_words(device(), data), Words(64, kCount));
}

TEST_P(CrossQueueTest, WaitBeforeSignal) {
  const std::shared_ptr<Queue> early = device().create_queue();
  const std::shared_ptr<Queue> late = device().create_queue();
  const std::shared_ptr<Timeline> timeline = device().create_timeline();
  std::vector<int> order;
  const Point waiter =
      early->submit(host_work(device(), [&] { order.push_back(2); }), {{timeline, 1}});
  EXPECT_FALSE(waiter.query().has_value());
  late->submit(host_work(device(), [&] { order.push_back(1); }), {}, {{timeline, 1}});
  EXPECT_TRUE(is_ok(waiter.wait()));
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(timeline->value(), 1U);
}

TEST_P(CrossQueueTest, AQueuesOwnTimelineCanBeWaitedForAhead) {
  const std::shared_ptr<Queue> early = device().create_queue();
  const std::shared_ptr<Queue> late = device().create_queue();
  std::vector<int> order;
  const Point third = {late->last().timeline, 3};
  const Point waiter =
      early->submit(host_work(device(), [&] { order.push_back(9); }), {third});
  for (int i = 1; i <= 2; ++i) {
    late->submit(host_work(device(), [&, i] { order.push_back(i); }));
  }
  EXPECT_TRUE(is_ok(late->synchronize()));
  EXPECT_FALSE(waiter.query().has_value());
  late->submit(host_work(device(), [&] { order.push_back(3); }));
  EXPECT_TRUE(is_ok(waiter.wait()));
  EXPECT_EQ(order, (std::vector{1, 2, 3, 9}));
}

TEST_P(CrossQueueTest, TheHostHoldsTheGate) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  std::atomic<int> ran = 0;
  std::vector<Point> points;
  for (int i = 0; i < 30; ++i) {
    points.push_back(device().create_queue()->submit(
        host_work(device(), [&] { ++ran; }),
        {{gate, static_cast<std::uint64_t>(i % 3 + 1)}}));
  }
  EXPECT_EQ(ran, 0);
  gate->signal(1);
  for (std::size_t i = 0; i < points.size(); i += 3) {
    EXPECT_TRUE(is_ok(points[i].wait()));
    EXPECT_FALSE(points[i + 1].query().has_value());
  }
  EXPECT_EQ(ran, 10);
  // A larger value meets all smaller ones.
  gate->signal(1000);
  for (const Point& point : points) EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(ran, 30);
}

TEST_P(CrossQueueTest, AllWaitsMustBeMet) {
  std::vector<std::shared_ptr<Timeline>> gates;
  std::vector<Point> waits;
  for (int i = 0; i < 5; ++i) {
    gates.push_back(device().create_timeline());
    waits.push_back({gates.back(), 1});
  }
  // The same point twice, a smaller value of the same timeline, one that is reached, an
  // own earlier point: all legal.
  const std::shared_ptr<Timeline> reached = device().create_timeline(10);
  const std::shared_ptr<Queue> queue = device().create_queue();
  waits.push_back({gates[0], 1});
  waits.push_back({gates[1], 0});
  waits.push_back({reached, 10});
  waits.push_back({reached, 3});
  waits.push_back(queue->submit(nullptr));
  std::atomic<bool> ran = false;
  const Point point =
      queue->submit(host_work(device(), [&] { ran = true; }), waits, {});
  for (const std::size_t i : {3U, 0U, 4U, 1U, 2U}) {
    EXPECT_EQ(point.wait(std::chrono::milliseconds(2)).code(),
              StatusCode::deadline_exceeded);
    EXPECT_FALSE(ran);
    gates[i]->signal(1);
  }
  EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_TRUE(ran);
}

TEST_P(CrossQueueTest, OneSubmissionSignalsSeveralTimelines) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  std::vector<Point> signals;
  std::vector<Point> waiters;
  int value = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    signals.push_back({device().create_timeline(), 5 * i + 1});
    waiters.push_back(device().create_queue()->submit(
        host_work(device(), [&] { EXPECT_EQ(value, 1); }), {signals.back()}));
  }
  const Point point = queue->submit(store(value, 1), {}, signals);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    EXPECT_TRUE(is_ok(waiters[i].wait()));
    EXPECT_EQ(signals[i].timeline->value(), signals[i].value);
  }
  EXPECT_TRUE(is_ok(point.wait()));
}

TEST_P(CrossQueueTest, TheHostSignalsFromInsideWork) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> waiting = device().create_queue();
  std::atomic<int> ran = 0;
  const Point woken = waiting->submit(host_work(device(), [&] { ++ran; }), {{gate, 1}});
  const Point waker = device().create_queue()->submit(host_work(device(), [&] {
    gate->signal(1);
    ++ran;
  }));
  EXPECT_TRUE(is_ok(woken.wait()));
  EXPECT_TRUE(is_ok(waker.wait()));
  EXPECT_EQ(ran, 2);
}

// Each completion makes the next submission ready, on the other queue. A device that
// recurses from one into the next runs out of stack.
TEST_P(CrossQueueTest, LongChainsDoNotNest) {
  constexpr std::uint64_t kLength = 5000;
  const std::array queues = {device().create_queue(), device().create_queue()};
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  std::uint64_t count = 0;
  const Commands commands = host_work(device(), [&] { ++count; });
  Point last = {gate, 1};
  for (std::uint64_t i = 0; i < kLength; ++i) {
    last = queues[i % 2]->submit(commands, {last});
  }
  gate->signal(1);
  EXPECT_TRUE(is_ok(last.wait()));
  EXPECT_EQ(count, kLength);
}

// The same chain, submitted from its end: every wait comes before its signal.
TEST_P(CrossQueueTest, LongChainsMayBeSubmittedBackwards) {
  constexpr int kLength = 500;
  std::vector<std::shared_ptr<Queue>> queues;
  for (int i = 0; i < kLength; ++i) queues.push_back(device().create_queue());
  int count = 0;
  for (int i = kLength - 1; i > 0; --i) {
    const Point before = {queues[static_cast<std::size_t>(i) - 1]->last().timeline, 1};
    queues[static_cast<std::size_t>(i)]->submit(
        host_work(device(), [&, i] { count += count == i ? 1 : 0; }), {before});
  }
  queues[0]->submit(store(count, 1));
  EXPECT_TRUE(is_ok(queues.back()->synchronize()));
  EXPECT_EQ(count, kLength);
}

TEST_P(CrossQueueTest, OnePointWakesManyQueues) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  std::atomic<int> ran = 0;
  const Commands commands = host_work(device(), [&] { ++ran; });
  std::vector<Point> points;
  for (int i = 0; i < 500; ++i) {
    points.push_back(device().create_queue()->submit(commands, {{gate, 1}}));
  }
  gate->signal(1);
  for (const Point& point : points) ASSERT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(ran, 500);
}

// Each kernel waits, for a bounded time, until the other one has started.
TEST_P(CrossQueueTest, QueuesOverlapOnTheDevice) {
  SKIP_UNLESS(kernels_overlap(), "two kernels never run at the same time");
  for (int round = 0; round < 10; ++round) {
    std::array<Gate, 2> started;
    std::atomic<int> met = 0;
    const auto meet = [&](std::size_t mine) {
      return kernel_work(device(), [&, mine](const GroupContext&) {
        started[mine].open();
        if (started[1 - mine].wait()) ++met;
      });
    };
    const Point first = device().create_queue()->submit(meet(0));
    const Point second = device().create_queue()->submit(meet(1));
    EXPECT_TRUE(is_ok(first.wait()));
    EXPECT_TRUE(is_ok(second.wait()));
    ASSERT_EQ(met, 2) << "round " << round;
  }
}

}  // namespace
}  // namespace assay::conformance
