// SPDX-License-Identifier: MIT
#include "backends/layers/perturb.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "backends/layers/layer.h"
#include "backends/registry.h"
#include "tests/conformance/recipes.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"

namespace assay::layers {
namespace {

using conformance::host_work;
using testing_support::Gate;
using testing_support::is_ok;
using testing_support::thrown_code;

TEST(PerturbTest, DisturbsTheNamedCallAndNoOther) {
  const auto device = open_device("perturb(call=signal)+inline://");
  const auto line = device->create_timeline(0);
  const auto queue = device->create_queue();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_ok(queue->submit(nullptr).wait()));
  EXPECT_EQ(disturbances(*device), 0U);
  line->signal(1);
  line->signal(2);
  EXPECT_EQ(disturbances(*device), 2U);
}

TEST(PerturbTest, EveryNamedCallIsSeen) {
  for (std::size_t i = 0; i < kCalls; ++i) {
    const std::string name(to_string(static_cast<Call>(i)));
    const auto device = open_device("perturb(call=" + name + ")+inline://");
    conformance::make_words(*device, 4);
    const auto from = conformance::make_words(*device, 4);
    const auto to = conformance::make_words(*device, 4);
    const auto encoder = device->create_encoder();
    encoder->dispatch(device->create_kernel(conformance::write_kernel()), {1, 1, 1},
                      {{from}}, 1U);
    encoder->copy({from}, {to});
    encoder->fill({from}, 2);
    encoder->barrier();
    encoder->host_call({"nothing", [] { return Status(); }});
    LibraryCall call;
    call.run = [](std::span<const BoundRange>) { return Status(); };
    encoder->library_call(call);
    const auto point = device->create_queue()->submit(encoder->finish());
    EXPECT_TRUE(is_ok(point.wait()));
    EXPECT_TRUE(point.query().has_value());
    device->create_timeline(0)->signal(1);
    device->create_timeline(0)->fail({StatusCode::internal, "on purpose"});
    EXPECT_TRUE(is_ok(device->synchronize()));
    EXPECT_GE(disturbances(*device), 1U) << name;
    EXPECT_EQ(conformance::read_words(*device, to), conformance::Words(4, 1));
  }
}

// A lower bound only: nothing bounds how long a call may take on a busy machine.
TEST(PerturbTest, ADelayTakesItsTime) {
  const auto device = open_device("perturb(call=submit,delay_us=300)+inline://");
  const auto queue = device->create_queue();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) queue->submit(nullptr);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(3));
}

// A layer whose submit() waits a moment for a second thread to come in as well.
struct Meeting {
  std::atomic<int> inside{0};
  Gate both;
};
class MeetingQueue final : public LayerQueue {
 public:
  MeetingQueue(const std::shared_ptr<Queue>& inner, Meeting& meeting)
      : LayerQueue(inner, std::make_shared<LayerTimeline>(inner->last().timeline)),
        meeting_(meeting) {}
  using Queue::submit;
  Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
               std::span<const Point> signals) override {
    if (++meeting_.inside == 2) meeting_.both.open();
    // Long only for who is alone, which is the outcome with a lock.
    meeting_.both.wait(std::chrono::milliseconds(100));
    --meeting_.inside;
    return LayerQueue::submit(std::move(commands), waits, signals);
  }

 private:
  Meeting& meeting_;
};
class MeetingDevice final : public LayerDevice {
 public:
  explicit MeetingDevice(Meeting& meeting)
      : LayerDevice(open_device("inline://"), "meeting"), meeting_(meeting) {}
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    return std::make_shared<MeetingQueue>(inner()->create_queue(desc), meeting_);
  }

 private:
  Meeting& meeting_;
};

bool two_threads_meet(const char* layer) {
  Meeting meeting;
  const auto device = wrap_in_perturb(std::make_shared<MeetingDevice>(meeting),
                                      runtime::parse_stack(layer).layers.at(0));
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] { device->create_queue()->submit(nullptr); });
    }
  }
  return meeting.both.is_open();
}

TEST(PerturbTest, AMutexLetsOneThreadIn) {
  EXPECT_FALSE(two_threads_meet("perturb(call=submit,mutex=1)+inline://"));
  EXPECT_TRUE(two_threads_meet("perturb(call=signal,mutex=1)+inline://"));
}

// Work that the inline device runs inside submit() may submit again.
TEST(PerturbTest, AMutexMayBeTakenAgainFromInside) {
  const auto device = open_device("perturb(call=submit,mutex=1)+inline://");
  const auto queue = device->create_queue();
  const auto other = device->create_queue();
  bool ran = false;
  const auto inner = host_work(*device, [&] { ran = true; });
  EXPECT_TRUE(
      is_ok(queue->submit(host_work(*device, [&] { other->submit(inner); })).wait()));
  EXPECT_TRUE(is_ok(device->synchronize()));
  EXPECT_TRUE(ran);
}

TEST(PerturbTest, AskingADeviceWithoutTheLayerIsRefused) {
  const auto device = open_device("inline://");
  EXPECT_EQ(thrown_code([&] { disturbances(*device); }),
            StatusCode::failed_precondition);
}

}  // namespace
}  // namespace assay::layers
