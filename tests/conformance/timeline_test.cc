// SPDX-License-Identifier: MIT
// The value that only grows: host side, producers, waiters.
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using namespace std::chrono_literals;
using testing_support::failed_as;
using testing_support::is_ok;
using testing_support::kPatience;
using testing_support::thrown_code;

class TimelineTest : public ConformanceTest {
 protected:
  std::shared_ptr<Timeline> timeline(std::uint64_t initial_value = 0) {
    return device().create_timeline(initial_value);
  }
  static std::optional<StatusCode> signal(const std::shared_ptr<Timeline>& timeline,
                                          std::uint64_t value) {
    return thrown_code([&] { timeline->signal(value); });
  }
};
RUN_ON_EVERY_DEVICE(TimelineTest);

TEST_P(TimelineTest, StartsAtItsInitialValue) {
  const std::shared_ptr<Timeline> line = timeline(10);
  EXPECT_EQ(line->value(), 10U);
  EXPECT_TRUE(is_ok(line->wait(10, 0ns)));
  EXPECT_TRUE(is_ok(line->wait(0, kForever)));
  ASSERT_TRUE(line->query(10).has_value());
  EXPECT_TRUE(is_ok(*line->query(10)));
  EXPECT_EQ(line->query(11), std::nullopt);
  EXPECT_EQ(timeline()->value(), 0U);
}

TEST_P(TimelineTest, OnlyGrows) {
  const std::shared_ptr<Timeline> line = timeline(5);
  EXPECT_EQ(signal(line, 5), kInvalid);
  EXPECT_EQ(signal(line, 4), kInvalid);
  EXPECT_EQ(signal(line, 0), kInvalid);
  EXPECT_EQ(line->value(), 5U);
  EXPECT_EQ(signal(line, 6), std::nullopt);
  EXPECT_EQ(signal(line, 6), kInvalid);
  EXPECT_EQ(signal(line, 1000), std::nullopt);
  EXPECT_EQ(signal(line, 999), kInvalid);
  EXPECT_EQ(line->value(), 1000U);
}

TEST_P(TimelineTest, ReachesTheLargestValue) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  const std::shared_ptr<Timeline> line = timeline(kLargest - 2);
  const Point waiter = device().create_queue()->submit(nullptr, {{line, kLargest}});
  EXPECT_EQ(signal(line, kLargest - 1), std::nullopt);
  EXPECT_FALSE(waiter.query().has_value());
  EXPECT_EQ(signal(line, kLargest), std::nullopt);
  EXPECT_TRUE(is_ok(waiter.wait()));
  EXPECT_EQ(signal(line, kLargest), kInvalid);
}

TEST_P(TimelineTest, AJumpMeetsEveryValueUnderIt) {
  const std::shared_ptr<Timeline> line = timeline();
  std::vector<std::jthread> waiters;
  for (const std::uint64_t value : {1ULL, 17ULL, 999'999'999'999ULL}) {
    waiters.emplace_back(
        [line, value] { EXPECT_TRUE(is_ok(line->wait(value, kForever))); });
  }
  line->signal(1'000'000'000'000ULL);
  waiters.clear();
  EXPECT_EQ(line->query(1'000'000'000'001ULL), std::nullopt);
}

TEST_P(TimelineTest, ZeroTimeoutPolls) {
  const std::shared_ptr<Timeline> line = timeline();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(failed_as(line->wait(1, 0ns), StatusCode::deadline_exceeded));
  }
  line->signal(1);
  EXPECT_TRUE(is_ok(line->wait(1, 0ns)));
}

// Almost forever: now plus this overflows any clock.
TEST_P(TimelineTest, HugeTimeoutsDoNotWrapAround) {
  for (const Timeout timeout :
       {kForever - 1ns, Timeout(kForever / 2), Timeout(24h * 365)}) {
    const std::shared_ptr<Timeline> line = timeline();
    const std::jthread signaller([line] {
      std::this_thread::sleep_for(5ms);
      line->signal(1);
    });
    EXPECT_TRUE(is_ok(line->wait(1, timeout))) << timeout.count();
  }
}

TEST_P(TimelineTest, FailureIsForGood) {
  const Status first(StatusCode::internal, "first");
  const std::shared_ptr<Timeline> line = timeline();
  line->signal(3);
  line->fail(first);
  EXPECT_EQ(line->value(), 3U);
  EXPECT_TRUE(is_ok(line->wait(3, kPatience))) << "what was reached stays reached";
  EXPECT_TRUE(failed_as(line->wait(4, kPatience), StatusCode::internal));
  EXPECT_TRUE(failed_as(line->wait(1000, kForever), StatusCode::internal));
  ASSERT_TRUE(line->query(4).has_value());
  EXPECT_EQ(line->query(4)->root().message(), "first");
  EXPECT_EQ(signal(line, 4), kRefused);
  EXPECT_EQ(thrown_code([&] {
              line->fail({StatusCode::aborted, "second"});
            }),
            kRefused);
  EXPECT_EQ(line->query(4)->root().message(), "first");
}

TEST_P(TimelineTest, OkIsNoFailure) {
  const std::shared_ptr<Timeline> line = timeline();
  EXPECT_EQ(thrown_code([&] { line->fail(Status()); }), kInvalid);
  EXPECT_EQ(line->query(1), std::nullopt);
  EXPECT_EQ(signal(line, 1), std::nullopt);
}

TEST_P(TimelineTest, FailureWakesEveryWaiter) {
  for (int round = 0; round < 10; ++round) {
    const std::shared_ptr<Timeline> line = timeline();
    std::vector<std::jthread> waiters;
    for (std::uint64_t i = 1; i <= 6; ++i) {
      waiters.emplace_back([line, i] {
        const Status status = line->wait(i, i % 2 == 0 ? kForever : Timeout(kPatience));
        EXPECT_EQ(status.ok(), i == 1) << status.to_string();
      });
    }
    line->signal(1);
    line->fail({StatusCode::internal, "the end"});
  }
}

// The host is one producer, from however many threads: whichever call comes first, the
// other one sees it whole.
TEST_P(TimelineTest, FailingMayRaceWithSignalling) {
  for (int round = 0; round < 300; ++round) {
    const std::shared_ptr<Timeline> line = timeline();
    std::uint64_t accepted = 0;
    std::jthread signaller([&] {
      for (std::uint64_t i = 1; i <= 50; ++i) {
        const std::optional<StatusCode> refusal = signal(line, i);
        if (refusal) {
          EXPECT_EQ(refusal, kRefused);
          return;
        }
        accepted = i;
      }
    });
    const std::optional<StatusCode> refusal = thrown_code([&] {
      line->fail({StatusCode::internal, "over"});
    });
    signaller.join();
    ASSERT_EQ(refusal, std::nullopt) << "round " << round;
    // What was accepted is reached, and the rest failed.
    ASSERT_EQ(line->value(), accepted) << "round " << round;
    EXPECT_TRUE(is_ok(line->wait(accepted, kPatience)));
    EXPECT_TRUE(failed_as(line->wait(accepted + 1, kPatience), StatusCode::internal));
  }
}

TEST_P(TimelineTest, TheFirstProducerIsTheOnlyOne) {
  const std::shared_ptr<Queue> first = device().create_queue();
  const std::shared_ptr<Queue> second = device().create_queue();
  const auto submit = [](const std::shared_ptr<Queue>& queue, const Point& signal) {
    return thrown_code([&] { queue->submit(nullptr, {}, {signal}); });
  };
  const std::shared_ptr<Timeline> hosts = timeline();
  hosts->signal(1);
  EXPECT_EQ(submit(first, {hosts, 2}), kRefused);
  EXPECT_EQ(signal(hosts, 2), std::nullopt);

  const std::shared_ptr<Timeline> queues = timeline();
  EXPECT_EQ(submit(first, {queues, 1}), std::nullopt);
  EXPECT_EQ(signal(queues, 2), kRefused);
  EXPECT_EQ(thrown_code([&] { queues->fail({StatusCode::internal, "no"}); }), kRefused);
  EXPECT_EQ(submit(second, {queues, 2}), kRefused);
  EXPECT_EQ(submit(first, {queues, 2}), std::nullopt);
  EXPECT_TRUE(is_ok(queues->wait(2, kForever)));
}

TEST_P(TimelineTest, ASubmissionThatWaitsIsAProducerAlready) {
  const std::shared_ptr<Timeline> gate = timeline();
  const std::shared_ptr<Timeline> line = timeline();
  device().create_queue()->submit(nullptr, {{gate, 1}}, {{line, 1}});
  EXPECT_EQ(signal(line, 5), kRefused);
  EXPECT_EQ(line->value(), 0U);
  gate->signal(1);
  EXPECT_TRUE(is_ok(line->wait(1, kForever)));
}

TEST_P(TimelineTest, AQueuesTimelineBelongsToTheQueue) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Timeline> line = queue->last().timeline;
  EXPECT_EQ(signal(line, 1), kRefused);
  EXPECT_EQ(thrown_code([&] { line->fail({StatusCode::internal, "no"}); }), kRefused);
  EXPECT_EQ(thrown_code([&] {
              device().create_queue()->submit(nullptr, {}, {{line, 1}});
            }),
            kRefused);
  EXPECT_EQ(queue->submit(nullptr).value, 1U);
  EXPECT_TRUE(is_ok(queue->synchronize()));
}

TEST_P(TimelineTest, PingPongBetweenTwoThreads) {
  constexpr std::uint64_t kRounds = 1000;
  const std::shared_ptr<Timeline> ping = timeline();
  const std::shared_ptr<Timeline> pong = timeline();
  std::uint64_t shared = 0;  // Plain: the timelines order the accesses.
  std::jthread other([&] {
    for (std::uint64_t i = 1; i <= kRounds; ++i) {
      ASSERT_TRUE(is_ok(ping->wait(i, i % 2 == 0 ? kForever : Timeout(kPatience))));
      ++shared;
      pong->signal(i);
    }
  });
  for (std::uint64_t i = 1; i <= kRounds; ++i) {
    ++shared;
    ping->signal(i);
    ASSERT_TRUE(is_ok(pong->wait(i, kForever)));
    ASSERT_EQ(shared, 2 * i);
  }
}

TEST_P(TimelineTest, ManyWaitersOnManyValues) {
  constexpr std::uint64_t kValues = 200;
  const std::shared_ptr<Timeline> line = timeline();
  std::array<std::uint64_t, kValues + 1> published = {};
  std::vector<std::jthread> waiters;
  for (std::uint64_t start = 1; start <= 6; ++start) {
    waiters.emplace_back([&, start] {
      for (std::uint64_t value = start; value <= kValues; value += start) {
        ASSERT_TRUE(is_ok(line->wait(value, kForever)));
        ASSERT_EQ(published[value], value);
        ASSERT_GE(line->value(), value);
      }
    });
  }
  for (std::uint64_t value = 1; value <= kValues; ++value) {
    published[value] = value;
    line->signal(value);
  }
}

// Also with several timelines of a pending submission: their growth is checked against
// what is promised, not only against what is reached.
TEST_P(TimelineTest, QueueSignalsGrowBeyondPendingOnes) {
  const std::shared_ptr<Timeline> gate = timeline();
  const std::shared_ptr<Timeline> line = timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  queue->submit(nullptr, {{gate, 1}}, {{line, 5}});
  for (const std::uint64_t value : {0U, 4U, 5U}) {
    EXPECT_EQ(thrown_code([&] {
                queue->submit(nullptr, {}, {{line, value}});
              }),
              kInvalid)
        << value;
  }
  const Point point = queue->submit(nullptr, {}, {{line, 6}});
  EXPECT_EQ(line->value(), 0U);
  gate->signal(1);
  EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(line->value(), 6U);
}

}  // namespace
}  // namespace assay::conformance
