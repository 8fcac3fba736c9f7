// SPDX-License-Identifier: MIT
#include "backends/layers/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::layers {
namespace {

using conformance::host_work;
using conformance::kernel_work;
using testing_support::is_ok;
using testing_support::thrown_code;

constexpr const char* kDevices[] = {"trace+inline://",
                                    "trace+vgpu://?cus=2&executor=std"};

std::size_t count(const Trace& trace, Call call) {
  return static_cast<std::size_t>(
      std::ranges::count(trace.calls, call, &TracedCall::call));
}

std::uint64_t groups_of(const Trace& trace, const std::string& kernel) {
  std::uint64_t groups = 0;
  for (const TracedWork& work : trace.work) {
    if (work.kind == WorkKind::groups && trace.names.at(work.name) == kernel) {
      groups += work.groups;
    }
  }
  return groups;
}

TEST(TraceTest, CountsCallsSubmissionsAndGroupsExactly) {
  for (const char* uri : kDevices) {
    const auto device = open_device(uri);
    const auto queue = device->create_queue({"mine"});
    const auto commands = kernel_work(*device, [](const GroupContext&) {}, {5, 2, 1});
    for (int i = 0; i < 200; ++i) queue->submit(commands);
    EXPECT_TRUE(is_ok(queue->synchronize()));
    const Trace trace = trace_of(*device);
    EXPECT_EQ(count(trace, Call::submit), 200U) << uri;
    EXPECT_EQ(count(trace, Call::create_queue), 1U);
    EXPECT_EQ(count(trace, Call::create_kernel), 1U);
    EXPECT_EQ(count(trace, Call::dispatch), 1U);
    EXPECT_EQ(count(trace, Call::finish), 1U);
    EXPECT_EQ(count(trace, Call::wait), 1U);
    EXPECT_EQ(trace.submissions.size(), 200U);
    EXPECT_EQ(groups_of(trace, "function"), 2000U);
    ASSERT_EQ(trace.queues.size(), 1U);
    EXPECT_EQ(trace.queues[0].label, "mine");
    EXPECT_EQ(trace.dropped, 0U);
  }
}

TEST(TraceTest, TimesFollowEachOther) {
  for (const char* uri : kDevices) {
    const auto device = open_device(uri);
    const auto queue = device->create_queue();
    for (int i = 0; i < 300; ++i) {
      queue->submit(kernel_work(*device, [](const GroupContext&) {}));
    }
    EXPECT_TRUE(is_ok(queue->synchronize()));
    const Trace trace = trace_of(*device);
    std::map<std::uint64_t, const TracedCall*> submits;
    for (const TracedCall& call : trace.calls) {
      EXPECT_LE(trace.begin_ns, call.begin_ns);
      EXPECT_LE(call.begin_ns, call.end_ns);
      EXPECT_LE(call.end_ns, trace.end_ns);
      EXPECT_LE(call.self_ns, call.end_ns - call.begin_ns);
      if (call.call == Call::submit) submits[call.value] = &call;
    }
    std::uint64_t value = 0;
    for (const TracedSubmission& submission : trace.submissions) {
      ASSERT_EQ(submission.value, ++value);
      ASSERT_TRUE(submission.timed) << submission.value;
      const TracedCall& call = *submits.at(submission.value);
      EXPECT_EQ(call.thread, submission.thread);
      EXPECT_LE(call.begin_ns, submission.times.enqueued_ns);
      EXPECT_LE(submission.times.enqueued_ns, call.end_ns);
      EXPECT_LE(submission.times.enqueued_ns, submission.times.started_ns);
      EXPECT_LE(submission.times.started_ns, submission.times.ended_ns);
    }
    EXPECT_EQ(value, 300U);
    for (const TracedWork& work : trace.work) {
      EXPECT_LT(work.where, trace.compute_units);
      EXPECT_LE(work.begin_ns, work.end_ns);
    }
  }
}

// On the inline device the submit that runs the work contains what the work calls.
TEST(TraceTest, ACallInsideACallIsNotCountedTwice) {
  const auto device = open_device("trace+inline://");
  const auto queue = device->create_queue();
  const auto other = device->create_queue();
  const auto inner = host_work(
      *device, [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  queue->submit(host_work(*device, [&] { other->submit(inner); }));
  const Trace trace = trace_of(*device);
  std::uint64_t outer_whole = 0;
  std::uint64_t self = 0;
  int nested = 0;
  for (const TracedCall& call : trace.calls) {
    if (call.call != Call::submit) continue;
    self += call.self_ns;
    if (call.outermost) outer_whole += call.end_ns - call.begin_ns;
    if (!call.outermost) ++nested;
  }
  EXPECT_EQ(nested, 1);
  EXPECT_EQ(self, outer_whole);
  EXPECT_GE(outer_whole, 2'000'000U);
}

TEST(TraceTest, SubmissionsThatAreNotOverAreListedWithoutTimes) {
  const auto device = open_device("trace+vgpu://?cus=1&executor=std");
  const auto gate = device->create_timeline(0);
  const auto queue = device->create_queue();
  queue->submit(nullptr, {{gate, 1}});
  Trace trace = trace_of(*device);
  ASSERT_EQ(trace.submissions.size(), 1U);
  EXPECT_FALSE(trace.submissions[0].timed);
  gate->signal(1);
  EXPECT_TRUE(is_ok(queue->synchronize()));
  trace = trace_of(*device);
  ASSERT_EQ(trace.submissions.size(), 1U);
  EXPECT_TRUE(trace.submissions[0].timed);
}

TEST(TraceTest, ADroppedQueueKeepsItsTimes) {
  const auto device = open_device("trace+vgpu://?cus=1&executor=std");
  const auto gate = device->create_timeline(0);
  for (int i = 0; i < 200; ++i) {
    device->create_queue()->submit(host_work(*device, [] {}), {{gate, 1}});
  }
  gate->signal(1);
  EXPECT_TRUE(is_ok(device->synchronize()));
  const Trace trace = trace_of(*device);
  EXPECT_EQ(trace.submissions.size(), 200U);
  EXPECT_TRUE(std::ranges::all_of(trace.submissions, &TracedSubmission::timed));
}

TEST(TraceTest, ThreadsHaveNumbersOfTheirOwn) {
  const auto device = open_device("trace+vgpu://?cus=2&executor=std");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto queue = device->create_queue();
        for (int j = 0; j < 50; ++j) queue->submit(nullptr);
        EXPECT_TRUE(is_ok(queue->synchronize()));
      });
    }
  }
  std::map<std::uint32_t, int> by_thread;
  for (const TracedSubmission& submission : trace_of(*device).submissions) {
    ++by_thread[submission.thread];
  }
  EXPECT_EQ(by_thread.size(), 4U);
  for (const auto& [thread, submissions] : by_thread) EXPECT_EQ(submissions, 50);
}

TEST(TraceTest, HostAndLibraryCallsAreWork) {
  const auto device = open_device("trace+inline://");
  const auto commands = conformance::record(*device, [&](CommandEncoder& encoder) {
    encoder.host_call({"look", [] { return Status(); }});
    LibraryCall call;
    call.label = "sgemm";
    call.run = [](std::span<const BoundRange>) { return Status(); };
    encoder.library_call(call);
  });
  EXPECT_TRUE(is_ok(device->create_queue()->submit(commands).wait()));
  const Trace trace = trace_of(*device);
  ASSERT_EQ(trace.work.size(), 2U);
  EXPECT_EQ(trace.work[0].kind, WorkKind::host_call);
  EXPECT_EQ(trace.names.at(trace.work[0].name), "look");
  EXPECT_EQ(trace.work[1].kind, WorkKind::library_call);
  EXPECT_EQ(trace.names.at(trace.work[1].name), "sgemm");
}

TEST(TraceTest, PollsAreCountedAndNotListed) {
  const auto device = open_device("trace+inline://");
  const Point point = device->create_queue()->submit(nullptr);
  for (int i = 0; i < 1000; ++i) (void)point.query();
  const Trace trace = trace_of(*device);
  EXPECT_EQ(trace.queries, 1000U);
  EXPECT_EQ(count(trace, Call::query), 0U);
}

TEST(RecorderTest, WhatDoesNotFitIsCounted) {
  Recorder recorder(1);
  for (std::size_t i = 0; i < kMaxRecords + 7; ++i) {
    TracedWork work;
    work.begin_ns = i;
    recorder.add(work);
  }
  EXPECT_EQ(recorder.snapshot().work.size(), kMaxRecords);
  EXPECT_EQ(recorder.snapshot().dropped, 7U);
}

TEST(RecorderTest, NeighbouringGroupsAreOnePieceOfWork) {
  Recorder recorder(2);
  const std::uint32_t a = recorder.name("a");
  const std::uint32_t b = recorder.name("b");
  recorder.add_groups(0, a, 100, 200);
  recorder.add_groups(0, a, 210, 300);      // follows at once
  recorder.add_groups(1, a, 300, 400);      // another unit
  recorder.add_groups(0, b, 310, 400);      // another kernel
  recorder.add_groups(0, b, 90000, 90010);  // much later
  const Trace trace = recorder.snapshot();
  ASSERT_EQ(trace.work.size(), 4U);
  EXPECT_EQ(trace.work[0].groups, 2U);
  EXPECT_EQ(trace.work[0].begin_ns, 100U);
  EXPECT_EQ(trace.work[0].end_ns, 300U);
  EXPECT_EQ(trace.names, (std::vector<std::string>{"a", "b"}));
}

TEST(TraceTest, AskingADeviceWithoutTheLayerIsRefused) {
  const auto device = open_device("inline://");
  EXPECT_EQ(thrown_code([&] { trace_of(*device); }), StatusCode::failed_precondition);
}

}  // namespace
}  // namespace assay::layers
