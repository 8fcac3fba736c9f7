// SPDX-License-Identifier: MIT
// Caps, limits, clock and counters: what a device says of itself.
#include <bit>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "backends/registry.h"
#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::is_refused;
using testing_support::thrown_code;

class CapsTest : public ConformanceTest {};
RUN_ON_EVERY_DEVICE(CapsTest);

TEST_P(CapsTest, CanonicalUriOpensTheSameKindOfDevice) {
  const std::shared_ptr<Device> again = open_device(caps().uri);
  EXPECT_EQ(again->caps().uri, caps().uri);
  EXPECT_EQ(again->caps().name, caps().name);
  EXPECT_EQ(again->caps().compute_units, caps().compute_units);
  EXPECT_NE(again.get(), &device());
}

TEST_P(CapsTest, TellsWhatItIs) {
  EXPECT_FALSE(caps().name.empty());
  EXPECT_FALSE(caps().description.empty());
  EXPECT_TRUE(caps().host_kernels || caps().device_kernels) << "nothing can run here";
  const std::string& hardware = caps().hardware;
  EXPECT_TRUE(hardware.empty() || hardware.size() == 32) << hardware;
  EXPECT_EQ(hardware.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_TRUE(hardware.empty() || !caps().host_kernels)
      << "host processors have no number";
  const std::uint32_t asked = GetParam().compute_units;
  EXPECT_GE(caps().compute_units, 1U);
  if (asked != 0) {
    EXPECT_EQ(caps().compute_units, asked);
  }
}

// The tests that need concurrency skip where it is denied, so denying it must be rare.
TEST_P(CapsTest, OnlyTheInlineDeviceIsSerial) {
  const bool serial = GetParam().family == "inline";
  EXPECT_EQ(caps().concurrent_queues, !serial);
  EXPECT_EQ(caps().asynchronous, !serial);
}

TEST_P(CapsTest, LimitsAreUsable) {
  const Limits& limits = caps().limits;
  // What Vulkan guarantees at least.
  EXPECT_GE(limits.max_groups_per_dimension, 65535U);
  EXPECT_GE(limits.max_local_bytes, 16384U);
  EXPECT_GE(limits.max_constants_bytes, 128U);
  EXPECT_GE(limits.max_bindings, 4U);
  EXPECT_GE(limits.max_buffer_bytes, std::size_t{1} << 27);
  EXPECT_TRUE(std::has_single_bit(limits.binding_alignment));
  EXPECT_LE(limits.binding_alignment, 256U);
}

TEST_P(CapsTest, StayConstantForTheLifeOfTheDevice) {
  const Caps* address = &caps();
  const Caps before = caps();
  EXPECT_TRUE(
      is_ok(device().create_queue()->submit(host_work(device(), [] {})).wait()));
  EXPECT_EQ(&caps(), address);
  EXPECT_EQ(caps().uri, before.uri);
  EXPECT_EQ(caps().compute_units, before.compute_units);
  EXPECT_EQ(caps().limits.max_buffer_bytes, before.limits.max_buffer_bytes);
}

TEST_P(CapsTest, ClockIsMonotonicAndTheHosts) {
  std::uint64_t last = device().now_ns();
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t now = device().now_ns();
    ASSERT_LE(last, now);
    last = now;
  }
  SKIP_UNLESS(caps().host_kernels, "only a CPU device shares the host's clock");
  const auto host_now = [] {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch())
            .count());
  };
  const std::uint64_t before = host_now();
  const std::uint64_t between = device().now_ns();
  const std::uint64_t after = host_now();
  EXPECT_LE(before, between);
  EXPECT_LE(between, after);
}

TEST_P(CapsTest, CountersCountWhatHappened) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Counters before = device().counters();
  const std::shared_ptr<Buffer> buffer = make_buffer(device(), 4096);
  make_buffer(device(), 100, MemoryKind::host);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(affine_kernel());
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.fill({buffer}, 1);
    encoder.dispatch(kernel, {3, 5, 1}, {{buffer}}, AffineConstants{});
    encoder.dispatch(kernel, {0, 5, 1}, {{buffer}}, AffineConstants{});
  });
  queue->submit(commands);
  EXPECT_TRUE(is_ok(queue->submit(commands).wait()));
  const Counters after = device().counters();
  EXPECT_EQ(after.buffers_allocated - before.buffers_allocated, 2U);
  EXPECT_EQ(after.bytes_allocated - before.bytes_allocated, 4196U);
  EXPECT_EQ(after.kernels_compiled - before.kernels_compiled, 1U);
  EXPECT_EQ(after.command_buffers_encoded - before.command_buffers_encoded, 1U);
  EXPECT_EQ(after.submissions - before.submissions, 2U);
  EXPECT_EQ(after.groups_executed - before.groups_executed, 30U);
}

TEST_P(CapsTest, CountersAreThisDevicesAlone) {
  const Counters before = device().counters();
  const std::shared_ptr<Device> other = open_another();
  EXPECT_TRUE(is_ok(other->create_queue()->submit(host_work(*other, [] {})).wait()));
  make_buffer(*other, 4);
  EXPECT_EQ(device().counters().submissions, before.submissions);
  EXPECT_EQ(device().counters().buffers_allocated, before.buffers_allocated);
}

TEST_P(CapsTest, BuffersAboveTheLimitAreRefused) {
  const std::size_t limit = caps().limits.max_buffer_bytes;
  if (limit == std::numeric_limits<std::size_t>::max()) return;
  const Counters before = device().counters();
  for (const std::size_t bytes : {limit + 1, std::numeric_limits<std::size_t>::max()}) {
    for (const MemoryKind kind :
         {MemoryKind::host, MemoryKind::unified, MemoryKind::device}) {
      EXPECT_EQ(thrown_code([&] { make_buffer(device(), bytes, kind); }),
                StatusCode::invalid_argument)
          << bytes << ' ' << to_string(kind);
    }
  }
  EXPECT_EQ(device().counters().buffers_allocated, before.buffers_allocated);
}

TEST_P(CapsTest, KernelsThatCannotBeAreRefused) {
  const Counters before = device().counters();
  const auto refused = [&](KernelDesc desc) {
    return is_refused([&] { device().create_kernel(desc); });
  };
  EXPECT_TRUE(refused({})) << "neither host function nor device code";

  KernelDesc garbage;
  garbage.device_code = {1, 2, 3, 4, 5, 6};
  EXPECT_TRUE(refused(garbage)) << "no device code";
  // Code of the kind that this device does not run, alone.
  KernelDesc other = garbage;
  if (!caps().host_kernels) other = function_kernel([](const GroupContext&) {});
  EXPECT_EQ(thrown_code([&] { device().create_kernel(other); }),
            caps().host_kernels && caps().device_kernels ? StatusCode::invalid_argument
                                                         : StatusCode::not_supported);

  const Limits& limits = caps().limits;
  KernelDesc desc = affine_kernel();
  desc.local_bytes = limits.max_local_bytes + 1;
  EXPECT_TRUE(refused(desc)) << "too much group-local memory";
  desc = affine_kernel();
  desc.constants_bytes = limits.max_constants_bytes + 1;
  EXPECT_TRUE(refused(desc)) << "too many constants";
  if (limits.max_bindings < 1'000'000) {
    desc = affine_kernel();
    desc.bindings.assign(limits.max_bindings + 1, Access::read);
    EXPECT_TRUE(refused(desc)) << "too many bindings";
  }
  EXPECT_EQ(device().counters().kernels_compiled, before.kernels_compiled);
}

TEST_P(CapsTest, KernelsKeepTheirDescription) {
  const std::shared_ptr<Kernel> kernel = device().create_kernel(affine_kernel());
  EXPECT_EQ(kernel->desc().name, "affine");
  EXPECT_EQ(kernel->desc().bindings, std::vector{Access::read_write});
  EXPECT_EQ(kernel->desc().constants_bytes, sizeof(AffineConstants));
}

}  // namespace
}  // namespace assay::conformance
