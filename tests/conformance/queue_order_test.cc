// SPDX-License-Identifier: MIT
// Submission n of a queue completes, and is visible, before n+1 starts; and how points
// and submit() itself behave.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
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

class QueueOrderTest : public ConformanceTest {
 protected:
  // `count` submissions; each checks, in every word, that it is the `i`th.
  void relay(Queue& queue, const std::shared_ptr<Kernel>& kernel,
             const std::shared_ptr<Buffer>& data, const std::shared_ptr<Buffer>& errors,
             std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      queue.submit(record(device(), [&](CommandEncoder& encoder) {
        encoder.dispatch(kernel, {1 + i % 5, 1, 1}, {{data}, {errors}}, i);
      }));
    }
  }
};
RUN_ON_EVERY_DEVICE(QueueOrderTest);

TEST_P(QueueOrderTest, EachSubmissionSeesItsPredecessor) {
  constexpr std::uint32_t kCount = 2000;
  const std::shared_ptr<Kernel> kernel = device().create_kernel(relay_kernel());
  const std::shared_ptr<Buffer> data = make_words(device(), 64);
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const std::shared_ptr<Queue> queue = device().create_queue();
  relay(*queue, kernel, data, errors, kCount);
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_EQ(read_words(device(), errors), Words{0});
  EXPECT_EQ(read_words(device(), data), Words(64, kCount));
}

TEST_P(QueueOrderTest, SeveralQueuesKeepTheirOwnOrder) {
  constexpr std::uint32_t kCount = 1000;
  const std::shared_ptr<Kernel> kernel = device().create_kernel(relay_kernel());
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  std::vector<std::shared_ptr<Buffer>> data;
  for (int i = 0; i < 4; ++i) data.push_back(make_words(device(), 64));
  {
    std::vector<std::jthread> threads;
    for (const std::shared_ptr<Buffer>& mine : data) {
      threads.emplace_back([&] {
        const std::shared_ptr<Queue> queue = device().create_queue();
        relay(*queue, kernel, mine, errors, kCount);
        EXPECT_TRUE(is_ok(queue->synchronize()));
      });
    }
  }
  EXPECT_EQ(read_words(device(), errors), Words{0});
  for (const auto& words : data) {
    EXPECT_EQ(read_words(device(), words), Words(64, kCount));
  }
}

TEST_P(QueueOrderTest, HostCallsRunFirstInFirstOut) {
  std::vector<int> order;  // Plain: the queue orders the calls.
  const std::shared_ptr<Queue> queue = device().create_queue();
  for (int i = 0; i < 1000; ++i) {
    queue->submit(host_work(device(), [&order, i] { order.push_back(i); }));
  }
  EXPECT_TRUE(is_ok(queue->synchronize()));
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

// A submission whose waits are met does not overtake one whose waits are not.
TEST_P(QueueOrderTest, NothingOvertakesAGatedSubmission) {
  std::vector<int> order;
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  queue->submit(host_work(device(), [&] { order.push_back(0); }), {{gate, 1}});
  for (int i = 1; i < 20; ++i) {
    queue->submit(host_work(device(), [&, i] { order.push_back(i); }));
  }
  const Point later = queue->submit(nullptr);
  // A finite wait, so that a device which overtakes has the time to.
  EXPECT_EQ(later.wait(std::chrono::milliseconds(20)).code(),
            StatusCode::deadline_exceeded);
  EXPECT_EQ(later.query(), std::nullopt);
  gate->signal(1);
  EXPECT_TRUE(is_ok(later.wait()));
  std::vector<int> expected(20);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST_P(QueueOrderTest, EmptySubmissionsKeepTheOrderToo) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  std::atomic<bool> ran = false;
  queue->submit(nullptr, {{gate, 1}});
  const Point last = queue->submit(host_work(device(), [&] { ran = true; }));
  const Point empty = queue->submit(nullptr);
  EXPECT_FALSE(empty.query().has_value());
  EXPECT_FALSE(ran);
  gate->signal(1);
  EXPECT_TRUE(is_ok(empty.wait()));
  EXPECT_TRUE(ran);
  EXPECT_TRUE(last.query().has_value());
}

TEST_P(QueueOrderTest, PointsCountTheSubmissionsOfTheirQueue) {
  const std::shared_ptr<Queue> first = device().create_queue();
  const std::shared_ptr<Queue> second = device().create_queue();
  const std::shared_ptr<Timeline> timeline = first->last().timeline;
  EXPECT_NE(timeline, nullptr);
  EXPECT_NE(timeline, second->last().timeline);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    const Point point = first->submit(nullptr);
    EXPECT_EQ(point.timeline, timeline);
    EXPECT_EQ(point.value, i);
    EXPECT_EQ(first->last().value, i);
    EXPECT_TRUE(is_ok(point.wait()));
    EXPECT_GE(timeline->value(), i);
  }
  EXPECT_EQ(second->last().value, 0U);
}

TEST_P(QueueOrderTest, AnUnusedQueueIsComplete) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  EXPECT_EQ(queue->last().value, 0U);
  ASSERT_TRUE(queue->last().query().has_value());
  EXPECT_TRUE(is_ok(*queue->last().query()));
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_TRUE(is_ok(queue->synchronize(Timeout::zero())));
  Event event;
  queue->record(event);
  EXPECT_TRUE(event.recorded());
  EXPECT_TRUE(is_ok(event.synchronize()));
  EXPECT_TRUE(is_ok(device().create_queue()->submit(nullptr, {queue->last()}).wait()));
}

TEST_P(QueueOrderTest, ACompletedPointStaysComplete) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  std::vector<Point> points;
  for (int i = 0; i < 50; ++i) points.push_back(queue->submit(nullptr));
  EXPECT_TRUE(is_ok(points.back().wait()));
  for (const Point& point : points) {
    ASSERT_TRUE(point.query().has_value());
    EXPECT_TRUE(is_ok(*point.query()));
    EXPECT_TRUE(is_ok(point.wait(Timeout::zero())));
  }
}

TEST_P(QueueOrderTest, SubmitDoesNotWaitForTheDevice) {
  SKIP_UNLESS(caps().asynchronous, "the submitting thread does the work");
  Gate entered;
  Gate leave;
  std::atomic<int> ran = 0;
  const std::shared_ptr<Queue> queue = device().create_queue();
  queue->submit(kernel_work(device(), [&](const GroupContext&) {
    entered.open();
    if (leave.wait()) ++ran;
  }));
  EXPECT_TRUE(entered.wait());
  const Commands commands = host_work(device(), [&] { ++ran; });
  for (int i = 0; i < 2000; ++i) queue->submit(commands);
  const std::shared_ptr<Queue> other = device().create_queue();
  for (int i = 0; i < 2000; ++i) other->submit(commands);
  // All units may be busy; submit() returned all the same.
  leave.open();
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_TRUE(is_ok(other->synchronize()));
  EXPECT_EQ(ran, 4001);
}

TEST_P(QueueOrderTest, WorkProceedsWithoutAnybodyWaiting) {
  SKIP_UNLESS(caps().asynchronous, "it works only inside calls");
  const std::shared_ptr<Queue> queue = device().create_queue();
  for (int i = 0; i < 20; ++i) {
    Gate done;
    queue->submit(kernel_work(device(), [&](const GroupContext&) { done.open(); }));
    // No call of the device from here on.
    EXPECT_TRUE(done.wait());
    EXPECT_TRUE(is_ok(queue->synchronize()));
    // Long enough for idle workers to park: the next submission must wake one.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace
}  // namespace assay::conformance
