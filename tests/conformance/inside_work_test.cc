// SPDX-License-Identifier: MIT
// What work may do with its own device: everything but wait for it.
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using namespace std::chrono_literals;
using testing_support::is_ok;
using testing_support::kPatience;
using testing_support::outcome_of;

class InsideWorkTest : public ConformanceTest {
 protected:
  using Body = std::function<void()>;

  // The kinds of command that run code of the user: three groups of a kernel, a host
  // call and, where there are any, a library call.
  std::size_t runs_of_every_kind() const { return caps().host_kernels ? 5 : 4; }
  std::vector<Commands> every_kind_of_work(const Body& body) {
    LibraryCall call;
    call.run = [body](std::span<const BoundRange>) {
      body();
      return Status();
    };
    std::vector<Commands> all = {
        kernel_work(device(), [body](const GroupContext&) { body(); }, {3, 1, 1}),
        host_work(device(), body)};
    if (caps().host_kernels) {
      all.push_back(record(device(), [&](CommandEncoder& e) { e.library_call(call); }));
    }
    return all;
  }
};
RUN_ON_EVERY_DEVICE(InsideWorkTest);

TEST_P(InsideWorkTest, EveryWaitForTheOwnDeviceIsRefused) {
  const std::shared_ptr<Timeline> never = device().create_timeline();
  const std::shared_ptr<Queue> other = device().create_queue();
  const Point reached = other->submit(nullptr);
  const Point held = other->submit(nullptr, {{never, 1}});
  Event event;
  other->record(event);
  EXPECT_TRUE(is_ok(reached.wait()));
  const std::array<std::pair<std::string, std::function<Status(Timeout)>>, 6> waits = {{
      {"timeline", [&](Timeout t) { return never->wait(1, t); }},
      {"point", [&](Timeout t) { return held.wait(t); }},
      {"reached point", [&](Timeout t) { return reached.wait(t); }},
      {"event", [&](Timeout t) { return event.synchronize(t); }},
      {"queue", [&](Timeout t) { return other->synchronize(t); }},
      {"device", [&](Timeout t) { return device().synchronize(t); }},
  }};
  std::atomic<std::size_t> refused = 0;
  std::atomic<std::size_t> tried = 0;
  const auto try_all = [&] {
    for (const auto& [what, wait] : waits) {
      for (const Timeout timeout : {kForever, Timeout(1ms)}) {
        ++tried;
        const StatusCode code = outcome_of([&, &wait = wait] { return wait(timeout); });
        if (code == StatusCode::failed_precondition) ++refused;
        EXPECT_EQ(code, StatusCode::failed_precondition)
            << what << ' ' << timeout.count();
      }
    }
  };
  for (const Commands& commands : every_kind_of_work(try_all)) {
    // Once run by the device's own threads if it has any, and several times by whoever
    // wins, which may be this thread as it helps.
    EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait(kPatience)));
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
    }
  }
  EXPECT_EQ(tried, runs_of_every_kind() * 6 * 12);
  EXPECT_EQ(refused, tried);
  never->signal(1);
}

// A thread that ran work, even work that threw, is outside again.
TEST_P(InsideWorkTest, WaitingIsAllowedAgainAfterwards) {
  for (int i = 0; i < 5; ++i) {
    const Commands throwing =
        host_work(device(), [] { throw std::runtime_error("x"); });
    EXPECT_FALSE(device().create_queue()->submit(throwing).wait().ok());
    EXPECT_NE(outcome_of([&] { return device().synchronize(kPatience); }),
              StatusCode::failed_precondition);
    EXPECT_TRUE(
        is_ok(device().create_queue()->submit(host_work(device(), [] {})).wait()));
  }
}

TEST_P(InsideWorkTest, QueriesAreNoWaits) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Point done = queue->submit(nullptr);
  EXPECT_TRUE(is_ok(done.wait()));
  for (const Commands& commands : every_kind_of_work([&] {
         EXPECT_TRUE(done.query().has_value());
         EXPECT_GE(done.timeline->value(), 1U);
         EXPECT_GE(device().counters().submissions, 1U);
         EXPECT_GT(device().now_ns(), 0U);
       })) {
    EXPECT_TRUE(is_ok(queue->submit(commands).wait()));
  }
}

TEST_P(InsideWorkTest, WaitingForAnotherDeviceIsAllowed) {
  const std::shared_ptr<Device> another = open_another();
  std::atomic<std::size_t> right = 0;
  for (const Commands& commands : every_kind_of_work([&] {
         const std::shared_ptr<Queue> queue = another->create_queue();
         bool ran = false;
         const Point point = queue->submit(host_work(*another, [&] { ran = true; }));
         if (outcome_of([&] { return point.wait(); }) == StatusCode::ok && ran) ++right;
         // Back from the other device's work, and still inside this one's.
         EXPECT_EQ(outcome_of([&] { return device().synchronize(1ms); }),
                   StatusCode::failed_precondition);
       })) {
    EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  }
  EXPECT_EQ(right, runs_of_every_kind());
}

TEST_P(InsideWorkTest, SubmitsToItsOwnAndToOtherQueues) {
  const std::shared_ptr<Queue> own = device().create_queue();
  const std::shared_ptr<Queue> other = device().create_queue();
  std::vector<int> order;  // Plain: edges and queue order order the accesses.
  Point on_own;
  Point on_other;
  const Point outer = own->submit(host_work(device(), [&] {
    order.push_back(1);
    on_own = own->submit(host_work(device(), [&] { order.push_back(3); }));
    on_other =
        other->submit(host_work(device(), [&] { order.push_back(4); }), {on_own});
    // Whatever runs it, it does not run inside this one.
    order.push_back(2);
  }));
  EXPECT_TRUE(is_ok(outer.wait()));
  EXPECT_EQ(on_own.value, outer.value + 1);
  EXPECT_TRUE(is_ok(on_own.wait()));
  EXPECT_TRUE(is_ok(on_other.wait()));
  EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
}

// Work that resubmits itself: no recursion, no lock held while work runs.
TEST_P(InsideWorkTest, AChainThatFeedsItselfDoesNotNest) {
  constexpr int kLength = 5000;
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Timeline> done = device().create_timeline();
  int count = 0;
  Commands again;
  const Commands commands = host_work(device(), [&] {
    if (++count == kLength) {
      done->signal(1);
    } else {
      queue->submit(again);
    }
  });
  again = commands;
  queue->submit(commands);
  EXPECT_TRUE(is_ok(done->wait(1, kForever)));
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_EQ(count, kLength);
}

}  // namespace
}  // namespace assay::conformance
