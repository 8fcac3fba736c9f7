// SPDX-License-Identifier: MIT
// Host calls and library calls: what they are given, and what they take from the
// device.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::failed_as;
using testing_support::is_ok;

constexpr const char* kNoCalls = "it takes no library calls";

class LibraryCallTest : public ConformanceTest {};
RUN_ON_EVERY_DEVICE(LibraryCallTest);

TEST_P(LibraryCallTest, GetsItsOperandsInOrder) {
  SKIP_UNLESS(caps().host_kernels, kNoCalls);
  const std::shared_ptr<Buffer> large = make_words(device(), 1024, 0);
  const std::shared_ptr<Buffer> hidden =
      make_buffer(device(), 4096, MemoryKind::device);
  const std::shared_ptr<Buffer> empty = make_buffer(device(), 0);
  const std::size_t offset = caps().limits.binding_alignment * 4;
  LibraryCall call;
  call.label = "gemm";
  call.operands = {{{large, offset, 8}, Access::write},
                   {{hidden}, Access::read_write},
                   {{empty}, Access::read},
                   {{large}, Access::read}};
  bool right = false;
  call.run = [&](std::span<const BoundRange> operands) {
    right =
        operands.size() == 4 && operands[0].bytes == 8 && operands[1].bytes == 4096 &&
        operands[2].bytes == 0 && operands[2].data == nullptr &&
        operands[3].data + offset == operands[0].data && operands[1].data != nullptr;
    if (right) operands[0].as<std::uint32_t>()[1] = 77;
    return Status();
  };
  const Commands commands =
      record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_TRUE(right);
  EXPECT_EQ(read_words(device(), large)[offset / 4 + 1], 77U);
}

TEST_P(LibraryCallTest, NeedsNoOperands) {
  SKIP_UNLESS(caps().host_kernels, kNoCalls);
  LibraryCall call;
  bool ran = false;
  call.run = [&](std::span<const BoundRange> operands) {
    ran = operands.empty();
    return Status();
  };
  const Commands commands =
      record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_TRUE(ran);
}

TEST_P(LibraryCallTest, FailureIsTheSubmissions) {
  SKIP_UNLESS(caps().host_kernels, kNoCalls);
  LibraryCall call;
  call.run = [](std::span<const BoundRange>) {
    return Status(StatusCode::not_supported, "no such shape");
  };
  const Commands commands =
      record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
  const Status status = device().create_queue()->submit(commands).wait();
  EXPECT_TRUE(failed_as(status, StatusCode::not_supported));
  EXPECT_NE(status.to_string().find("no such shape"), std::string::npos);
}

// Units that are lent are gone: a library with n threads beside the device's own groups
// must never make more running threads than there are units.
TEST_P(LibraryCallTest, LentUnitsRunNoGroups) {
  SKIP_UNLESS(caps().host_kernels, kNoCalls);
  const std::uint32_t units = caps().compute_units;
  for (const std::uint32_t lent : std::set<std::uint32_t>{1, units / 2 + 1, units}) {
    if (lent > units) continue;
    Occupancy occupancy;
    LibraryCall call;
    call.threads = lent;
    call.run = [&](std::span<const BoundRange>) {
      occupancy.visit(lent);
      return Status();
    };
    const Commands library =
        record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
    const Commands groups = kernel_work(
        device(), [&](const GroupContext&) { occupancy.visit(); }, {32, 1, 1});
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
          const std::shared_ptr<Queue> queue = device().create_queue();
          for (int round = 0; round < 30; ++round) {
            queue->submit(i % 2 == 0 ? library : groups);
          }
          EXPECT_TRUE(is_ok(queue->synchronize()));
        });
      }
    }
    EXPECT_LE(occupancy.peak(), units) << lent << " threads lent";
  }
}

TEST_P(LibraryCallTest, LendingEndsWithTheCall) {
  SKIP_UNLESS(caps().host_kernels, kNoCalls);
  // Were units not given back, the second round would not get its own.
  std::atomic<int> runs = 0;
  LibraryCall call;
  call.threads = caps().compute_units;
  call.run = [&](std::span<const BoundRange>) {
    // Failure gives back as well.
    return ++runs % 2 == 0 ? Status() : Status(StatusCode::internal, "every other");
  };
  const Commands commands =
      record(device(), [&](CommandEncoder& encoder) { encoder.library_call(call); });
  for (int round = 0; round < 20; ++round) {
    const Status status = device().create_queue()->submit(commands).wait();
    EXPECT_EQ(status.ok(), round % 2 == 1);
    std::atomic<int> groups = 0;
    const Commands after =
        kernel_work(device(), [&](const GroupContext&) { ++groups; }, {5, 1, 1});
    EXPECT_TRUE(is_ok(device().create_queue()->submit(after).wait()));
    EXPECT_EQ(groups, 5);
  }
}

TEST_P(LibraryCallTest, HostCallsRunOnceForEachSubmission) {
  std::vector<int> order;  // Plain: the queue orders the calls.
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    for (int i = 0; i < 3; ++i) {
      encoder.host_call({"push", [&order, i] {
                           order.push_back(i);
                           return Status();
                         }});
    }
  });
  const std::shared_ptr<Queue> queue = device().create_queue();
  for (int i = 0; i < 3; ++i) queue->submit(commands);
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_EQ(order, (std::vector{0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

// Where nobody else is there to run them.
TEST_P(LibraryCallTest, SerialHostCallsRunOnTheThreadThatSubmitsOrSignals) {
  SKIP_UNLESS(!caps().asynchronous, "a thread of the device runs host calls");
  std::thread::id ran;
  const Commands commands =
      host_work(device(), [&] { ran = std::this_thread::get_id(); });
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  EXPECT_TRUE(queue->submit(commands).query().has_value()) << "nobody runs it later";
  EXPECT_EQ(ran, std::this_thread::get_id());
  ran = {};
  const Point gated = queue->submit(commands, {{gate, 1}});
  EXPECT_EQ(ran, std::thread::id());
  std::jthread([&] {
    gate->signal(1);
    EXPECT_EQ(ran, std::this_thread::get_id());
  }).join();
  EXPECT_TRUE(gated.query().has_value());
}

TEST_P(LibraryCallTest, HostCallsMayUseTheDevice) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  bool right = false;
  const Commands commands = host_work(device(), [&] {
    const std::shared_ptr<Buffer> buffer = make_words(device(), 4, 3);
    const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
    const Commands recorded =
        record(device(), [&](CommandEncoder& encoder) { encoder.fill({buffer}, 1); });
    right = buffer->map().as<std::uint32_t>()[3] == 3 &&
            recorded->command_count() == 1 && device().create_queue() != nullptr &&
            !queue->timestamps(queue->last()).has_value();
  });
  EXPECT_TRUE(is_ok(queue->submit(commands).wait()));
  EXPECT_TRUE(right);
}

}  // namespace
}  // namespace assay::conformance
