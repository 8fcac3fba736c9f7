// SPDX-License-Identifier: MIT
// Failure travels: to what comes later, to what waits elsewhere, to every waiter, and
// no further.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::aborted_by;
using testing_support::comes_from;
using testing_support::failed_as;
using testing_support::is_ok;
using testing_support::kPatience;

// A code and a text that no device makes up by itself.
const Status& boom() {
  static const Status status(StatusCode::bad_file, "boom");
  return status;
}

class ErrorsTest : public ConformanceTest {
 protected:
  Commands counting(std::atomic<int>& counter) {
    return host_work(device(), [&] { ++counter; });
  }
};
RUN_ON_EVERY_DEVICE(ErrorsTest);

TEST_P(ErrorsTest, ThePointFailsWithWhatTheWorkSaid) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Point before = queue->submit(nullptr);
  const Point point = queue->submit(failing_work(device(), boom()));
  const Status status = point.wait();
  EXPECT_TRUE(failed_as(status, StatusCode::bad_file));
  EXPECT_TRUE(comes_from(status, boom())) << status.to_string();
  EXPECT_TRUE(failed_as(point.wait(kPatience), StatusCode::bad_file)) << "and again";
  ASSERT_TRUE(point.query().has_value());
  EXPECT_TRUE(failed_as(*point.query(), StatusCode::bad_file));
  EXPECT_TRUE(is_ok(before.wait())) << "what was reached stays reached";
}

TEST_P(ErrorsTest, ExceptionsAreFailures) {
  const Commands throwing =
      host_work(device(), [] { throw std::runtime_error("thrown by the test"); });
  const Status status = device().create_queue()->submit(throwing).wait();
  EXPECT_TRUE(failed_as(status, StatusCode::internal));
  EXPECT_NE(status.to_string().find("thrown by the test"), std::string::npos)
      << status.to_string();

  const Commands erring = host_work(
      device(), [] { throw Error(StatusCode::resource_exhausted, "also thrown"); });
  const Status error = device().create_queue()->submit(erring).wait();
  EXPECT_TRUE(failed_as(error, StatusCode::resource_exhausted));
  EXPECT_NE(error.to_string().find("also thrown"), std::string::npos);

  const Commands greedy = host_work(device(), [] { throw std::bad_alloc(); });
  EXPECT_TRUE(failed_as(device().create_queue()->submit(greedy).wait(),
                        StatusCode::out_of_memory));

  if (!caps().host_kernels) return;
  LibraryCall call;
  call.run = [](std::span<const BoundRange>) -> Status {
    throw std::out_of_range("thrown by a library");
  };
  const Commands library =
      record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
  EXPECT_TRUE(
      failed_as(device().create_queue()->submit(library).wait(), StatusCode::internal));
}

TEST_P(ErrorsTest, TheRestOfTheSubmissionDoesNotRun) {
  std::atomic<int> ran = 0;
  const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.host_call({"before", [&] {
                         ++ran;
                         return Status();
                       }});
    encoder.host_call({"failing", [] { return boom(); }});
    encoder.dispatch(kernel, {1, 1, 1}, {{counter}});
    encoder.host_call({"after", [&] {
                         ran += 100;
                         return Status();
                       }});
  });
  EXPECT_FALSE(device().create_queue()->submit(commands).wait().ok());
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(read_words(device(), counter), Words{0});
}

// Whichever of them it is, and whoever runs it.
TEST_P(ErrorsTest, AFailureAmongConcurrentCommandsIsTheSubmissions) {
  constexpr int kCalls = 4;
  for (int failing = 0; failing < kCalls; ++failing) {
    const Commands commands = record(
        device(),
        [&](CommandEncoder& encoder) {
          for (int i = 0; i < kCalls; ++i) {
            encoder.host_call(
                {"call", [=] { return i == failing ? boom() : Status(); }});
          }
        },
        Ordering::concurrent);
    const Status status = device().create_queue()->submit(commands).wait();
    EXPECT_EQ(status.code(), boom().code()) << failing << ": " << status.to_string();
  }
}

TEST_P(ErrorsTest, LaterSubmissionsAreAborted) {
  std::atomic<int> ran = 0;
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  queue->submit(failing_work(device(), boom()), {{gate, 1}});
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) points.push_back(queue->submit(counting(ran)));
  gate->signal(1);
  for (const Point& point : points) EXPECT_TRUE(aborted_by(point.wait(), boom()));
  EXPECT_EQ(ran, 0);
}

TEST_P(ErrorsTest, AFailedQueueStaysFailed) {
  std::atomic<int> ran = 0;
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Point failing = queue->submit(failing_work(device(), boom()));
  EXPECT_FALSE(failing.wait().ok());
  const std::shared_ptr<Timeline> signalled = device().create_timeline();
  const Point late = queue->submit(counting(ran), {}, {{signalled, 1}});
  EXPECT_EQ(late.value, failing.value + 1);
  EXPECT_TRUE(aborted_by(late.wait(kPatience), boom()));
  EXPECT_TRUE(aborted_by(late.wait(), boom()));
  EXPECT_TRUE(aborted_by(queue->synchronize(), boom()));
  EXPECT_FALSE(signalled->wait(1, kPatience).ok());
  EXPECT_EQ(signalled->value(), 0U);
  // A wait that nobody meets does not hold up what will not run.
  const std::shared_ptr<Timeline> never = device().create_timeline();
  EXPECT_TRUE(
      aborted_by(queue->submit(counting(ran), {{never, 1}}).wait(kPatience), boom()));
  EXPECT_EQ(ran, 0);
  // And a new queue goes on.
  EXPECT_TRUE(is_ok(device().create_queue()->submit(counting(ran)).wait()));
  EXPECT_EQ(ran, 1);
}

// Over queue points, over signalled timelines, from a failure already there or to come,
// and on through queues that never saw the failing one.
TEST_P(ErrorsTest, DependentsOnOtherQueuesAreAborted) {
  for (const bool failed_before : {false, true}) {
    std::atomic<int> ran = 0;
    const std::shared_ptr<Timeline> gate = device().create_timeline();
    const std::shared_ptr<Timeline> line = device().create_timeline();
    const std::shared_ptr<Queue> source = device().create_queue();
    const Point failing =
        source->submit(failing_work(device(), boom()), {{gate, 1}}, {{line, 7}});
    if (failed_before) {
      gate->signal(1);
      EXPECT_FALSE(failing.wait().ok());
    }
    const std::shared_ptr<Queue> by_point = device().create_queue();
    const std::shared_ptr<Queue> by_line = device().create_queue();
    const std::shared_ptr<Queue> join = device().create_queue();
    const std::shared_ptr<Queue> third = device().create_queue();
    std::vector<Point> points;
    points.push_back(by_point->submit(counting(ran), {failing}));
    points.push_back(by_line->submit(counting(ran), {{line, 7}}));
    points.push_back(by_point->submit(counting(ran)));
    points.push_back(by_line->submit(counting(ran)));
    points.push_back(join->submit(counting(ran), {points[2], points[3]}));
    points.push_back(third->submit(counting(ran), {points[4]}));
    if (!failed_before) gate->signal(1);
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_TRUE(aborted_by(points[i].wait(), boom())) << "point " << i;
    }
    EXPECT_TRUE(comes_from(line->wait(7, kPatience), boom()));
    EXPECT_EQ(ran, 0);
  }
}

TEST_P(ErrorsTest, AFailedWaitDoesNotWaitForTheOthers) {
  const std::shared_ptr<Timeline> never = device().create_timeline();
  const std::shared_ptr<Timeline> failing = device().create_timeline();
  std::atomic<int> ran = 0;
  const Point point =
      device().create_queue()->submit(counting(ran), {{never, 1}, {failing, 1}});
  failing->fail(boom());
  EXPECT_TRUE(aborted_by(point.wait(kPatience), boom()));
  EXPECT_EQ(ran, 0);
}

TEST_P(ErrorsTest, TheHostCanFailATimeline) {
  std::atomic<int> ran = 0;
  const std::shared_ptr<Timeline> line = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Point first = queue->submit(counting(ran), {{line, 1}});
  const Point second = queue->submit(counting(ran), {{line, 2}});
  line->signal(1);
  EXPECT_TRUE(is_ok(first.wait()));
  line->fail(boom());
  EXPECT_TRUE(aborted_by(second.wait(), boom()));
  // Values that were reached before the failure still count.
  EXPECT_TRUE(
      is_ok(device().create_queue()->submit(counting(ran), {{line, 1}}).wait()));
  EXPECT_TRUE(aborted_by(
      device().create_queue()->submit(counting(ran), {{line, 2}}).wait(), boom()));
  EXPECT_EQ(ran, 2);
}

TEST_P(ErrorsTest, IndependentWorkIsUntouched) {
  std::atomic<int> ran = 0;
  const std::shared_ptr<Queue> healthy = device().create_queue();
  for (int i = 0; i < 50; ++i) {
    device().create_queue()->submit(failing_work(device(), boom()));
    healthy->submit(counting(ran));
  }
  EXPECT_TRUE(is_ok(healthy->synchronize()));
  EXPECT_EQ(ran, 50);
}

TEST_P(ErrorsTest, EveryWaiterWakes) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Timeline> line = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Point failing =
      queue->submit(failing_work(device(), boom()), {{gate, 1}}, {{line, 1}});
  const Point later = queue->submit(nullptr);
  std::vector<std::jthread> waiters;
  for (const Point& point :
       {failing, later, Point{line, 1}, Point{line, 100}, Point{later.timeline, 100}}) {
    for (const Timeout timeout : {kForever, Timeout(kPatience)}) {
      waiters.emplace_back([point, timeout] {
        EXPECT_TRUE(comes_from(point.wait(timeout), boom())) << point.value;
      });
    }
  }
  waiters.emplace_back(
      [&] { EXPECT_TRUE(comes_from(device().synchronize(), boom())); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  gate->signal(1);
}

TEST_P(ErrorsTest, DeviceSynchronizeTellsTheFirstFailure) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Queue> healthy = device().create_queue();
  queue->submit(failing_work(device(), boom()), {{gate, 1}});
  queue->submit(nullptr);
  std::atomic<int> ran = 0;
  healthy->submit(counting(ran), {{gate, 2}});
  const std::jthread opener([&] {
    gate->signal(1);
    EXPECT_FALSE(queue->synchronize().ok());
    gate->signal(2);
  });
  const Status status = device().synchronize();
  EXPECT_TRUE(comes_from(status, boom())) << status.to_string();
  EXPECT_EQ(ran, 1) << "a failure does not end the wait for the rest";
}

// A failure is the answer when all is over. Where some is not, that is.
TEST_P(ErrorsTest, DeviceSynchronizeOutOfTimeSaysSoWhateverFailed) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Queue> failed = device().create_queue();
  const std::shared_ptr<Queue> waiting = device().create_queue();
  failed->submit(failing_work(device(), boom()));
  EXPECT_FALSE(failed->synchronize().ok());
  waiting->submit(nullptr, {{gate, 1}});
  EXPECT_TRUE(failed_as(device().synchronize(std::chrono::milliseconds(5)),
                        StatusCode::deadline_exceeded));
  gate->signal(1);
  EXPECT_TRUE(comes_from(device().synchronize(), boom()));
}

}  // namespace
}  // namespace assay::conformance
