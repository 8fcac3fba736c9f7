// SPDX-License-Identifier: MIT
// Rejected is nothing: a submit that fails its checks enqueues nothing, consumes no
// value, and makes nobody a producer.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::thrown_code;

class RejectedTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    queue_ = device().create_queue();
    commands_ = host_work(device(), [this] { ++ran_; });
  }
  void TearDown() override {
    queue_.reset();
    commands_.reset();
    ConformanceTest::TearDown();
  }

  std::shared_ptr<Timeline> timeline(std::uint64_t initial_value = 0) {
    return device().create_timeline(initial_value);
  }

  // Submits work that must not run, and checks that nothing remains of the attempt.
  std::optional<StatusCode> rejected(const std::vector<Point>& waits,
                                     const std::vector<Point>& signals) {
    return rejected(commands_, waits, signals);
  }
  std::optional<StatusCode> rejected(const Commands& commands,
                                     const std::vector<Point>& waits,
                                     const std::vector<Point>& signals) {
    // A further timeline, in order: a check that stops half way must undo the first
    // half.
    const std::shared_ptr<Timeline> bystander = timeline();
    std::vector<Point> all_signals = {{bystander, 3}};
    all_signals.insert(all_signals.end(), signals.begin(), signals.end());

    const Counters before = device().counters();
    const Point last = queue_->last();
    const int ran = ran_;
    const std::optional<StatusCode> code =
        thrown_code([&] { queue_->submit(commands, waits, all_signals); });
    EXPECT_EQ(device().counters().submissions, before.submissions);
    EXPECT_EQ(queue_->last().value, last.value);
    EXPECT_EQ(bystander->value(), 0U);
    EXPECT_EQ(thrown_code([&] { bystander->signal(1); }), std::nullopt)
        << "the rejected submit made the queue its producer";
    const Point next = queue_->submit(nullptr);
    EXPECT_EQ(next.value, last.value + 1);
    EXPECT_EQ(ran_, ran);
    return code;
  }

  std::shared_ptr<Queue> queue_;
  Commands commands_;
  int ran_ = 0;
};
RUN_ON_EVERY_DEVICE(RejectedTest);

TEST_P(RejectedTest, NullPoints) {
  EXPECT_EQ(rejected({Point{}}, {}), kInvalid);
  EXPECT_EQ(rejected({}, {Point{}}), kInvalid);
  EXPECT_EQ(rejected({queue_->last(), Point{nullptr, 1}}, {}), kInvalid);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, ObjectsOfAnotherDevice) {
  const std::shared_ptr<Device> another = open_another();
  const std::shared_ptr<Timeline> foreign = another->create_timeline(5);
  EXPECT_EQ(rejected({{foreign, 1}}, {}), kInvalid);
  EXPECT_EQ(rejected({another->create_queue()->last()}, {}), kInvalid);
  EXPECT_EQ(rejected({}, {{foreign, 6}}), kInvalid);
  EXPECT_EQ(rejected(record(*another, [](CommandEncoder&) {}), {}, {}), kInvalid);
  foreign->signal(6);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, SignalsThatDoNotGrow) {
  const std::shared_ptr<Timeline> line = timeline(5);
  EXPECT_EQ(rejected({}, {{line, 5}}), kInvalid);
  EXPECT_EQ(rejected({}, {{line, 4}}), kInvalid);
  EXPECT_EQ(rejected({}, {{line, 0}}), kInvalid);
  // Nobody became its producer, so the host still may.
  line->signal(6);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, TheSameTimelineTwice) {
  const std::shared_ptr<Timeline> line = timeline();
  EXPECT_EQ(rejected({}, {{line, 1}, {line, 2}}), kInvalid);
  EXPECT_EQ(rejected({}, {{line, 1}, {line, 1}}), kInvalid);
  line->signal(1);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, WaitsThatOnlyALaterSubmissionCouldMeet) {
  const std::shared_ptr<Timeline> own = queue_->last().timeline;
  EXPECT_EQ(rejected({{own, queue_->last().value + 1}}, {}), kRefused) << "itself";
  EXPECT_EQ(rejected({{own, queue_->last().value + 2}}, {}), kRefused);
  EXPECT_EQ(rejected({{own, queue_->last().value + 1000}}, {}), kRefused);

  const std::shared_ptr<Timeline> line = timeline();
  queue_->submit(nullptr, {}, {{line, 1}});
  EXPECT_EQ(rejected({{line, 2}}, {}), kRefused) << "this queue is its producer";
  EXPECT_EQ(thrown_code([&] { queue_->submit(nullptr, {{line, 1}}); }), std::nullopt);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, WaitsThatOnlyItselfCouldMeet) {
  const std::shared_ptr<Timeline> line = timeline();
  EXPECT_EQ(rejected({{line, 1}}, {{line, 1}}), kRefused);
  EXPECT_EQ(rejected({{line, 2}}, {{line, 5}}), kRefused);
  line->signal(1);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

TEST_P(RejectedTest, TimelinesOfAnotherProducer) {
  const std::shared_ptr<Queue> other = device().create_queue();
  const std::shared_ptr<Timeline> hosts = timeline();
  const std::shared_ptr<Timeline> failed = timeline();
  const std::shared_ptr<Timeline> others = timeline();
  hosts->signal(1);
  failed->fail({StatusCode::internal, "over"});
  other->submit(nullptr, {}, {{others, 1}});
  EXPECT_EQ(rejected({}, {{hosts, 2}}), kRefused);
  EXPECT_EQ(rejected({}, {{failed, 2}}), kRefused);
  EXPECT_EQ(rejected({}, {{others, 2}}), kRefused);
  EXPECT_EQ(rejected({}, {{other->last().timeline, 2}}), kRefused);
  EXPECT_TRUE(is_ok(queue_->synchronize()));
  EXPECT_EQ(other->submit(nullptr, {}, {{others, 2}}).value, 2U);
}

TEST_P(RejectedTest, SignalsThatAnEarlierSubmissionWaitsFor) {
  const std::shared_ptr<Timeline> line = timeline();
  const Point gated = queue_->submit(nullptr, {{line, 2}});
  EXPECT_EQ(rejected({}, {{line, 2}}), kRefused);
  EXPECT_EQ(rejected({}, {{line, 1}}), kRefused);
  EXPECT_EQ(rejected({}, {{line, 3}}), kRefused);
  EXPECT_FALSE(gated.query().has_value());
  // Another queue may, and so this one goes on.
  device().create_queue()->submit(nullptr, {}, {{line, 2}});
  EXPECT_TRUE(is_ok(gated.wait()));
  EXPECT_TRUE(is_ok(queue_->synchronize()));
}

// Not only with an idle queue: what is pending stays as it was.
TEST_P(RejectedTest, BetweenPendingSubmissions) {
  const std::shared_ptr<Timeline> gate = timeline();
  const std::shared_ptr<Timeline> line = timeline();
  queue_->submit(commands_, {{gate, 1}}, {{line, 1}});
  EXPECT_EQ(rejected({}, {{line, 1}}), kInvalid);
  EXPECT_EQ(rejected({Point{}}, {{line, 2}}), kInvalid);
  EXPECT_EQ(rejected({{line, 2}}, {}), kRefused);
  const Point last = queue_->submit(commands_, {}, {{line, 2}});
  EXPECT_EQ(ran_, 0);
  gate->signal(1);
  EXPECT_TRUE(is_ok(last.wait()));
  EXPECT_EQ(line->value(), 2U);
  EXPECT_EQ(ran_, 2);
}

}  // namespace
}  // namespace assay::conformance
