// SPDX-License-Identifier: MIT
#include "backends/runtime/timeline_core.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace assay::runtime {
namespace {

using std::chrono::milliseconds;

struct Counter final : TimelineListener {
  void on_timeline() override { ++calls; }
  int calls = 0;
};

TEST(TimelineCoreTest, OnlyGrows) {
  TimelineCore timeline(3);
  timeline.advance(7);
  timeline.advance(5);
  EXPECT_EQ(timeline.value(), 7U);
}

TEST(TimelineCoreTest, FailureLeavesReachedValuesReached) {
  TimelineCore timeline(0);
  timeline.advance(2);
  timeline.fail(Status(StatusCode::internal, "boom"), 3);
  timeline.advance(9);
  EXPECT_TRUE(timeline.query(2)->ok());
  EXPECT_EQ(timeline.query(3)->code(), StatusCode::internal);
  EXPECT_EQ(timeline.query(4)->code(), StatusCode::aborted);
  EXPECT_EQ(timeline.query(4)->root().code(), StatusCode::internal);
}

TEST(TimelineCoreTest, FirstFailureStays) {
  TimelineCore timeline(0);
  timeline.fail(Status(StatusCode::internal, "first"), 1);
  timeline.fail(Status(StatusCode::device_lost, "second"), 1);
  EXPECT_EQ(timeline.query(1)->message(), "first");
}

TEST(TimelineCoreTest, WaitTimesOut) {
  TimelineCore timeline(0);
  EXPECT_EQ(timeline.wait(1, Deadline(milliseconds(5))).code(),
            StatusCode::deadline_exceeded);
  EXPECT_EQ(timeline.wait(1, Deadline(milliseconds(-5))).code(),
            StatusCode::deadline_exceeded);
}

TEST(TimelineCoreTest, WaiterWakesForALargerValueAndForFailure) {
  for (const bool fails : {false, true}) {
    TimelineCore timeline(0);
    Status outcome;
    std::thread waiter([&] { outcome = timeline.wait(5, Deadline(kForever)); });
    if (fails) {
      timeline.fail(Status(StatusCode::internal, "boom"), UINT64_MAX);
    } else {
      timeline.advance(100);
    }
    waiter.join();
    EXPECT_EQ(outcome.ok(), !fails);
  }
}

TEST(TimelineCoreTest, ListenersAreToldOnceAndOnlyWhenDue) {
  TimelineCore timeline(0);
  const auto early = std::make_shared<Counter>();
  const auto late = std::make_shared<Counter>();
  EXPECT_TRUE(timeline.subscribe(2, early));
  EXPECT_TRUE(timeline.subscribe(4, late));
  timeline.advance(1);
  EXPECT_EQ(early->calls, 0);
  timeline.advance(3);
  timeline.advance(3);
  EXPECT_EQ(early->calls, 1);
  EXPECT_EQ(late->calls, 0);
  timeline.fail(Status(StatusCode::internal, "boom"), UINT64_MAX);
  EXPECT_EQ(late->calls, 1);
}

TEST(TimelineCoreTest, SubscribingToASettledValueIsRefused) {
  TimelineCore timeline(4);
  EXPECT_FALSE(timeline.subscribe(4, std::make_shared<Counter>()));
}

TEST(TimelineCoreTest, AnEndlessTimeoutDoesNotOverflowTheClock) {
  EXPECT_TRUE(Deadline(kForever).forever());
  // The clock counts from the machine's start, which may be a minute ago.
  EXPECT_TRUE(Deadline(kForever - std::chrono::nanoseconds(1)).forever());
  EXPECT_FALSE(Deadline(std::chrono::hours(1)).forever());
}

}  // namespace
}  // namespace assay::runtime
