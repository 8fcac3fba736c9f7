// SPDX-License-Identifier: MIT
// What a wait covers, told without measuring time: work behind a gate that nobody opens
// separates "waits for its own" from "waits for everything".
//
// What made this suite: runtimes whose event wait was a device wait, or a wait on some
// other queue, or no wait at all, and whose own tests saw nothing.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/gate.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using namespace std::chrono_literals;
using testing_support::failed_as;
using testing_support::Gate;
using testing_support::is_ok;
using testing_support::kPatience;
using testing_support::thrown_code;

constexpr auto kTimeUp = StatusCode::deadline_exceeded;

class SyncScopeTest : public ConformanceTest {
 protected:
  // Keeps at least one submission of `queue` unfinished, from the time this returns
  // until the thread is asked to stop: a device that waits to be idle waits forever.
  std::jthread keep_busy(const std::shared_ptr<Queue>& queue) {
    const std::shared_ptr<Timeline> gate = device().create_timeline();
    queue->submit(nullptr, {{gate, 1}});
    return std::jthread([queue, gate](const std::stop_token& stop) {
      std::uint64_t next = 1;
      while (!stop.stop_requested()) {
        queue->submit(nullptr, {{gate, next + 1}});
        gate->signal(next++);
        // Not so far ahead that the backlog grows faster than it can be waited for.
        const std::shared_ptr<Timeline> done = queue->last().timeline;
        while (done->value() + 32 < next && !stop.stop_requested()) {
          std::this_thread::yield();
        }
      }
      gate->signal(next);
    });
  }
};
RUN_ON_EVERY_DEVICE(SyncScopeTest);

TEST_P(SyncScopeTest, AnEventWaitsForItsOwnPointOnly) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> gated = device().create_queue();
  const std::shared_ptr<Queue> free = device().create_queue();
  const Point held = gated->submit(nullptr, {{gate, 1}});
  std::atomic<bool> ran = false;
  free->submit(host_work(device(), [&] { ran = true; }));
  Event event;
  free->record(event);
  // Later work of the same queue does not extend it either.
  free->submit(nullptr, {{gate, 1}});

  EXPECT_TRUE(is_ok(event.synchronize(kPatience)));
  EXPECT_TRUE(is_ok(event.synchronize()));
  EXPECT_TRUE(ran);
  EXPECT_TRUE(failed_as(device().synchronize(20ms), kTimeUp));
  EXPECT_TRUE(failed_as(gated->synchronize(20ms), kTimeUp));
  EXPECT_TRUE(failed_as(free->synchronize(20ms), kTimeUp));
  EXPECT_FALSE(held.query().has_value());

  gate->signal(1);
  EXPECT_TRUE(is_ok(device().synchronize(kPatience)));
  EXPECT_TRUE(held.query().has_value());
  EXPECT_TRUE(is_ok(gated->synchronize(0ns)));
}

TEST_P(SyncScopeTest, DeviceSynchronizeCoversEveryQueue) {
  for (std::size_t which = 0; which < 5; ++which) {
    const std::shared_ptr<Timeline> gate = device().create_timeline();
    std::vector<std::shared_ptr<Queue>> queues;
    for (std::size_t i = 0; i < 5; ++i) {
      queues.push_back(device().create_queue());
      queues.back()->submit(nullptr, {{gate, i == which ? 2U : 1U}});
    }
    EXPECT_TRUE(failed_as(device().synchronize(5ms), kTimeUp));
    gate->signal(1);
    EXPECT_TRUE(failed_as(device().synchronize(5ms), kTimeUp)) << "queue " << which;
    gate->signal(2);
    EXPECT_TRUE(is_ok(device().synchronize(kPatience)));
  }
}

TEST_P(SyncScopeTest, DeviceSynchronizeCoversQueuesWithoutAHandle) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  std::atomic<bool> ran = false;
  device().create_queue()->submit(host_work(device(), [&] { ran = true; }),
                                  {{gate, 1}});
  EXPECT_TRUE(failed_as(device().synchronize(20ms), kTimeUp));
  gate->signal(1);
  EXPECT_TRUE(is_ok(device().synchronize()));
  EXPECT_TRUE(ran);
}

TEST_P(SyncScopeTest, LaterWorkDoesNotExtendDeviceSynchronize) {
  const std::jthread busy = keep_busy(device().create_queue());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_ok(device().synchronize(kPatience)));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_ok(device().synchronize()));
}

TEST_P(SyncScopeTest, LaterWorkDoesNotExtendQueueSynchronize) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::jthread busy = keep_busy(queue);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_ok(queue->synchronize(kPatience)));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_ok(queue->synchronize()));
}

TEST_P(SyncScopeTest, RecordingAgainMovesTheEventAndNotItsSnapshots) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Queue> other = device().create_queue();
  Event event;
  queue->submit(nullptr);
  queue->record(event);
  const Point snapshot = event.point();
  const Event copy = event;
  queue->submit(nullptr, {{gate, 1}});
  queue->record(event);
  EXPECT_NE(event.point().value, snapshot.value);
  EXPECT_TRUE(is_ok(snapshot.wait(kPatience)));
  EXPECT_TRUE(is_ok(copy.synchronize(kPatience)));
  EXPECT_TRUE(is_ok(other->submit(nullptr, {snapshot}).wait(kPatience)));
  EXPECT_FALSE(event.query().has_value());
  EXPECT_TRUE(failed_as(event.synchronize(5ms), kTimeUp));
  // To another queue as well.
  other->record(event);
  EXPECT_TRUE(is_ok(event.synchronize(kPatience)));
  gate->signal(1);
}

TEST_P(SyncScopeTest, AnEventThatWasNeverRecordedIsRefused) {
  const Event event;
  EXPECT_FALSE(event.recorded());
  EXPECT_EQ(thrown_code([&] { (void)event.synchronize(); }), kRefused);
  EXPECT_EQ(thrown_code([&] { (void)event.synchronize(0ns); }), kRefused);
  EXPECT_EQ(thrown_code([&] { (void)event.query(); }), kRefused);
  EXPECT_EQ(thrown_code([&] { (void)event.point(); }), kRefused);
  const Point null;
  EXPECT_EQ(thrown_code([&] { (void)null.wait(); }), kRefused);
  EXPECT_EQ(thrown_code([&] { (void)null.query(); }), kRefused);
}

// The waiting thread may help only where no deadline binds it: here the only runnable
// work ends when the waiting thread has given up.
TEST_P(SyncScopeTest, AFiniteWaitKeepsItsDeadlineWhateverThereIsToRun) {
  for (int round = 0; round < 9; ++round) {
    Gate started;
    Gate release;
    std::atomic<bool> released = false;
    const auto block = [&] {
      started.open();
      released = release.wait();
    };
    LibraryCall call;
    call.run = [&](std::span<const BoundRange>) {
      block();
      return Status();
    };
    const int kind = caps().host_kernels ? round % 3 : 2;
    const Commands commands = record(device(), [&](CommandEncoder& encoder) {
      if (kind == 0) {
        encoder.dispatch(device().create_kernel(
                             function_kernel([&](const GroupContext&) { block(); })),
                         {1, 1, 1}, {});
      } else if (kind == 1) {
        encoder.library_call(call);
      } else {
        encoder.host_call({"block", [&] {
                             block();
                             return Status();
                           }});
      }
    });
    const std::shared_ptr<Queue> queue = device().create_queue();
    const Point point = {queue->last().timeline, 1};
    std::jthread submitter([&] { queue->submit(commands); });
    // On an asynchronous device nobody may have started it when the waits begin.
    if (caps().asynchronous) {
      submitter.join();
    } else {
      EXPECT_TRUE(started.wait());
    }
    EXPECT_TRUE(failed_as(point.wait(5ms), kTimeUp));
    EXPECT_TRUE(failed_as(queue->synchronize(5ms), kTimeUp));
    EXPECT_TRUE(failed_as(device().synchronize(5ms), kTimeUp));
    EXPECT_TRUE(failed_as(point.wait(0ns), kTimeUp));
    release.open();
    EXPECT_TRUE(is_ok(point.wait(kPatience)));
    EXPECT_TRUE(released) << "the waiting thread was inside the work, round " << round;
  }
}

// Helping is for what the value depends on: here the rest ends after the wait only.
TEST_P(SyncScopeTest, AnEndlessWaitRunsNothingItDoesNotDependOn) {
  SKIP_UNLESS(kernels_overlap(), "a blocked kernel blocks the device");
  for (int round = 0; round < 20; ++round) {
    Gate release;
    std::atomic<bool> released = false;
    const std::shared_ptr<Queue> blocked = device().create_queue();
    const std::shared_ptr<Queue> quick = device().create_queue();
    const Point held = blocked->submit(
        kernel_work(device(), [&](const GroupContext&) { released = release.wait(); }));
    const Point done = quick->submit(kernel_work(device(), [](const GroupContext&) {}));
    EXPECT_TRUE(is_ok(done.wait()));
    release.open();
    EXPECT_TRUE(is_ok(held.wait()));
    ASSERT_TRUE(released) << "the waiting thread was inside the work, round " << round;
  }
}

// Nor what comes later in the queue it waits for: that ends after the wait only.
TEST_P(SyncScopeTest, AnEndlessWaitRunsNothingLaterThanItsPoint) {
  SKIP_UNLESS(caps().asynchronous, "the submitting thread would run it");
  const Commands quick = kernel_work(device(), [](const GroupContext&) {});
  const std::shared_ptr<Queue> queue = device().create_queue();
  for (int round = 0; round < 500; ++round) {
    Gate release;
    std::atomic<int> held_up = 0;
    const Commands blocking = kernel_work(
        device(), [&](const GroupContext&) { held_up += release.wait() ? 0 : 1; },
        {4, 1, 1});
    // A few of them, so that some waits begin in the middle.
    for (int i = 0; i < round % 4; ++i) queue->submit(quick);
    const Point point = queue->submit(quick);
    const Point later = queue->submit(blocking);
    EXPECT_TRUE(is_ok(point.wait()));
    release.open();
    EXPECT_TRUE(is_ok(later.wait()));
    ASSERT_EQ(held_up, 0) << "the waiting thread was inside the work, round " << round;
  }
}

TEST_P(SyncScopeTest, AFiniteWaitTakesAtLeastItsTime) {
  const std::shared_ptr<Timeline> never = device().create_timeline();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(failed_as(never->wait(1, 30ms), kTimeUp));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
}

}  // namespace
}  // namespace assay::conformance
