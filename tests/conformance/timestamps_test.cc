// SPDX-License-Identifier: MIT
// enqueued <= ready <= started <= ended, from the executing side.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;

class TimestampsTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    SKIP_UNLESS(caps().timestamps, "it takes no timestamps");
    queue_ = device().create_queue();
  }
  void TearDown() override {
    queue_.reset();
    ConformanceTest::TearDown();
  }

  // Those of `point`, which has been waited for.
  Timestamps of(const Point& point) const {
    const std::optional<Timestamps> stages = queue_->timestamps(point);
    EXPECT_TRUE(stages.has_value()) << "submission " << point.value;
    return stages.value_or(Timestamps());
  }

  std::shared_ptr<Queue> queue_;
};
RUN_ON_EVERY_DEVICE(TimestampsTest);

TEST_P(TimestampsTest, StagesFollowEachOther) {
  std::vector<Point> points;
  for (int i = 0; i < 300; ++i) {
    points.push_back(
        queue_->submit(kernel_work(device(), [](const GroupContext&) {}, {4, 1, 1})));
  }
  EXPECT_TRUE(is_ok(queue_->synchronize()));
  Timestamps before = {};
  for (const Point& point : points) {
    const Timestamps stages = of(point);
    EXPECT_LE(stages.enqueued_ns, stages.ready_ns);
    EXPECT_LE(stages.ready_ns, stages.started_ns);
    EXPECT_LE(stages.started_ns, stages.ended_ns);
    EXPECT_LE(before.enqueued_ns, stages.enqueued_ns);
    // At the head of the queue only when its predecessor is gone.
    EXPECT_LE(before.ended_ns, stages.ready_ns);
    before = stages;
  }
}

TEST_P(TimestampsTest, EncloseTheWorkItself) {
  const std::uint64_t before = device().now_ns();
  std::uint64_t inside = 0;
  const Point point =
      queue_->submit(host_work(device(), [&] { inside = device().now_ns(); }));
  EXPECT_TRUE(is_ok(point.wait()));
  const std::uint64_t after = device().now_ns();
  const Timestamps stages = of(point);
  EXPECT_LE(before, stages.enqueued_ns);
  EXPECT_LE(stages.started_ns, inside);
  EXPECT_LE(inside, stages.ended_ns);
  EXPECT_LE(stages.ended_ns, after);
}

TEST_P(TimestampsTest, AGatedSubmissionIsReadyWhenTheGateOpens) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const Point first = queue_->submit(nullptr, {{gate, 1}});
  const Point second = queue_->submit(host_work(device(), [] {}));
  const std::uint64_t submitted = device().now_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const std::uint64_t opened = device().now_ns();
  gate->signal(1);
  EXPECT_TRUE(is_ok(second.wait()));
  for (const Point& point : {first, second}) {
    const Timestamps stages = of(point);
    EXPECT_LE(stages.enqueued_ns, submitted);
    EXPECT_LE(opened, stages.ready_ns);
  }
}

TEST_P(TimestampsTest, AWaitedSubmissionStartsAfterTheOtherEnded) {
  const std::shared_ptr<Queue> other = device().create_queue();
  for (int i = 0; i < 50; ++i) {
    const Point cause = other->submit(host_work(device(), [] {}));
    const Point effect = queue_->submit(host_work(device(), [] {}), {cause});
    EXPECT_TRUE(is_ok(effect.wait()));
    const std::optional<Timestamps> stages = other->timestamps(cause);
    ASSERT_TRUE(stages.has_value());
    EXPECT_LE(stages->ended_ns, of(effect).ready_ns);
  }
}

TEST_P(TimestampsTest, OnlyCompletedSubmissionsOfThisQueueHaveThem) {
  const std::shared_ptr<Queue> other = device().create_queue();
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const Point done = queue_->submit(nullptr);
  const Point open = queue_->submit(nullptr, {{gate, 1}});
  EXPECT_TRUE(is_ok(done.wait()));
  EXPECT_TRUE(queue_->timestamps(done).has_value());
  EXPECT_FALSE(queue_->timestamps(open).has_value()) << "not completed";
  EXPECT_FALSE(queue_->timestamps({done.timeline, 0}).has_value()) << "no submission";
  EXPECT_FALSE(queue_->timestamps({done.timeline, 99}).has_value())
      << "not yet submitted";
  EXPECT_FALSE(queue_->timestamps({gate, 1}).has_value()) << "no queue's timeline";
  EXPECT_FALSE(other->timestamps(done).has_value()) << "another queue's";
  gate->signal(1);
  EXPECT_TRUE(is_ok(open.wait()));
  EXPECT_TRUE(queue_->timestamps(open).has_value());
}

TEST_P(TimestampsTest, TheLatestAreKept) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < Queue::kTimestampHistory + 10; ++i) {
    points.push_back(queue_->submit(nullptr));
  }
  EXPECT_TRUE(is_ok(queue_->synchronize()));
  for (std::size_t i = 0; i < points.size(); ++i) {
    ASSERT_EQ(queue_->timestamps(points[i]).has_value(), i >= 10) << i;
  }
}

TEST_P(TimestampsTest, AreThereAsSoonAsThePointIs) {
  for (int i = 0; i < 300; ++i) {
    const Point point = queue_->submit(nullptr);
    while (!point.query().has_value()) std::this_thread::yield();
    ASSERT_TRUE(queue_->timestamps(point).has_value()) << i;
  }
}

}  // namespace
}  // namespace assay::conformance
