// SPDX-License-Identifier: MIT
// Every group exactly once, with the right identity, constants, memory and unit.
#include <algorithm>
#include <array>
#include <atomic>
#include <cfenv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/eventually.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::eventually;
using testing_support::is_ok;

class DispatchTest : public ConformanceTest {
 protected:
  void run(const std::function<void(CommandEncoder&)>& body) {
    const Status status =
        device().create_queue()->submit(record(device(), body)).wait();
    EXPECT_TRUE(is_ok(status));
  }
  // Of a host function.
  void run(const KernelDesc& desc, Dim3 groups) {
    const std::shared_ptr<Kernel> kernel = device().create_kernel(desc);
    run([&](CommandEncoder& encoder) { encoder.dispatch(kernel, groups, {}); });
  }
};
RUN_ON_EVERY_DEVICE(DispatchTest);

TEST_P(DispatchTest, RunsEachGroupExactlyOnceUnderItsOwnName) {
  constexpr std::array<Dim3, 12> kGrids = {{{1, 1, 1},
                                            {2, 1, 1},
                                            {7, 1, 1},
                                            {1, 5, 1},
                                            {1, 1, 3},
                                            {4, 4, 4},
                                            {3, 5, 7},
                                            {13, 1, 11},
                                            {1, 31, 2},
                                            {257, 3, 1},
                                            {65535, 1, 1},
                                            {100, 100, 10}}};
  const std::shared_ptr<Kernel> kernel = device().create_kernel(stamp_kernel());
  for (const Dim3& grid : kGrids) {
    const std::size_t count = std::size_t{grid.x} * grid.y * grid.z;
    const std::shared_ptr<Buffer> runs = make_words(device(), count);
    const std::shared_ptr<Buffer> strangers = make_words(device(), 1);
    run([&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, grid, {{runs}, {strangers}}, grid);
    });
    EXPECT_EQ(read_words(device(), strangers), Words{0});
    EXPECT_TRUE(read_words(device(), runs) == Words(count, 1))
        << "of " << grid.x << " x " << grid.y << " x " << grid.z;
  }
}

// A host thread may execute groups itself, and worker threads inherit from it.
TEST_P(DispatchTest, HowTheCallerRoundsDoesNotReachKernels) {
  SKIP_UNLESS(caps().host_kernels, "runs no host functions");
  KernelDesc desc;
  desc.name = "third";
  desc.bindings = {Access::write};
  desc.host = [](const GroupContext& context) noexcept {
    const volatile float one = 1;
    const volatile float three = 3;
    const float third = one / three;
    std::memcpy(context.bindings[0].data + sizeof third * context.group.x, &third,
                sizeof third);
  };
  constexpr std::uint32_t kGroups = 1000;
  constexpr std::uint32_t kNearestToAThird = 0x3eaaaaab;
  const std::shared_ptr<Buffer> thirds = make_words(device(), kGroups);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(desc);
  ASSERT_EQ(std::fesetround(FE_DOWNWARD), 0);
  run([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {kGroups, 1, 1}, {{thirds}});
  });
  const int mode = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(mode, FE_DOWNWARD);
  EXPECT_TRUE(read_words(device(), thirds) == Words(kGroups, kNearestToAThird));
}

TEST_P(DispatchTest, EmptyGridsDoNothing) {
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
  for (const Dim3& grid : {Dim3{0, 1, 1}, Dim3{1, 0, 1}, Dim3{1, 1, 0}, Dim3{0, 0, 0},
                           Dim3{65535, 65535, 0}}) {
    run([&](CommandEncoder& encoder) { encoder.dispatch(kernel, grid, {{counter}}); });
  }
  EXPECT_EQ(read_words(device(), counter), Words{0});
}

TEST_P(DispatchTest, ManySmallDispatchesAllRun) {
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
  run([&](CommandEncoder& encoder) {
    for (std::uint32_t i = 0; i < 1000; ++i) {
      encoder.dispatch(kernel, {i % 4, 1, 1}, {{counter}});
    }
  });
  EXPECT_EQ(read_words(device(), counter), Words{1500});
}

TEST_P(DispatchTest, ConstantsArriveAsTheyWereWhenRecorded) {
  struct Constants {
    std::uint64_t large;
    float fraction;
    std::array<std::uint8_t, kEchoBytes - 12> bytes;
  };
  static_assert(sizeof(Constants) == kEchoBytes);
  Constants constants = {0x0123456789abcdefU, 0.1F, {1, 2, 3, 254, 255}};
  const Constants original = constants;
  const std::shared_ptr<Kernel> kernel = device().create_kernel(echo_kernel());
  const std::shared_ptr<Buffer> heard = make_words(device(), 9 * kEchoBytes / 4);
  run([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {9, 1, 1}, {{heard}}, constants);
    // They are copied: a later change does not reach the recorded command.
    constants = {};
  });
  const std::vector<std::byte> bytes = read_bytes(device(), heard);
  for (std::size_t i = 0; i < 9; ++i) {
    // Bits, not values: a NaN that changed on the way is a change.
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
    EXPECT_EQ(std::memcmp(&bytes[i * kEchoBytes], &original, kEchoBytes), 0) << i;
  }
}

TEST_P(DispatchTest, EachDispatchHasItsOwnConstants) {
  const std::shared_ptr<Buffer> data = make_words(device(), 64);
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const std::shared_ptr<Kernel> relay = device().create_kernel(relay_kernel());
  run([&](CommandEncoder& encoder) {
    for (std::uint32_t i = 0; i < 300; ++i) {
      encoder.dispatch(relay, {8, 1, 1}, {{data}, {errors}}, i);
    }
  });
  EXPECT_EQ(read_words(device(), data), Words(64, 300));
  EXPECT_EQ(read_words(device(), errors), Words{0});
}

TEST_P(DispatchTest, LargestConstantsArriveWhole) {
  // Device code has the size built in, and it is the least that any device takes.
  const std::size_t bytes =
      caps().host_kernels
          ? std::min<std::size_t>(caps().limits.max_constants_bytes, 65536)
          : kEchoBytes;
  const std::vector<std::byte> sent = pattern_bytes(bytes);
  const std::shared_ptr<Buffer> heard = make_buffer(device(), bytes);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(echo_kernel(bytes));
  const std::vector<BufferSlice> bindings = {{heard}};
  run([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, Dim3{1, 1, 1}, bindings, sent);
  });
  EXPECT_EQ(read_bytes(device(), heard), sent);
}

TEST_P(DispatchTest, SlicesAreBoundAtTheirOffsetAndSize) {
  const std::size_t step = std::max<std::size_t>(caps().limits.binding_alignment, 4);
  const std::shared_ptr<Buffer> data = make_words(device(), step, 0xa5a5a5a5U);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(write_kernel());
  // Bytes [step, step + 8) and [2 * step, 2 * step + 4) of 4 * step; the rest stays.
  run([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {3, 1, 1}, {{data, step, step == 4 ? 4U : 8U}}, 1U);
    encoder.dispatch(kernel, {1, 1, 1}, {{data, 2 * step, 4}}, 2U);
    encoder.dispatch(kernel, {1, 1, 1}, {{data, 3 * step}}, 3U);
  });
  Words expected(step, 0xa5a5a5a5U);
  const std::size_t words = step / 4;
  expected[words] = 1;
  if (words > 1) expected[words + 1] = 1;
  expected[2 * words] = 2;
  std::fill(expected.begin() + static_cast<std::ptrdiff_t>(3 * words), expected.end(),
            3U);
  EXPECT_EQ(read_words(device(), data), expected);
}

TEST_P(DispatchTest, EmptyBindingsAreNull) {
  const std::shared_ptr<Buffer> empty = make_buffer(device(), 0, MemoryKind::device);
  const std::shared_ptr<Buffer> data = make_words(device(), 4);
  const std::shared_ptr<Buffer> sizes = make_words(device(), 6, 99);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(sizes_kernel());
  run([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {2, 1, 1}, {{empty}, {data, 0, 0}, {data}, {sizes}});
  });
  EXPECT_EQ(read_words(device(), sizes), (Words{0, 0, 4, 0, 0, 4}));
}

TEST_P(DispatchTest, LocalMemoryIsOneGroupsOwn) {
  SKIP_UNLESS(caps().host_kernels, "device code declares its local memory itself");
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{100},
                                  caps().limits.max_local_bytes}) {
    std::atomic<int> wrong = 0;
    const auto body = [&](const GroupContext& context) {
      const std::span<std::byte> local = context.local;
      const auto address = reinterpret_cast<std::uintptr_t>(local.data());
      if (local.size() != bytes || (bytes > 0 && address % 64 != 0)) ++wrong;
      const auto mark = static_cast<std::byte>(linear_group(context) + 1);
      std::ranges::fill(local, mark);
      // Lets another group run meanwhile; one that shares this memory would be seen.
      std::this_thread::yield();
      if (!std::ranges::all_of(local, [&](std::byte b) { return b == mark; })) ++wrong;
    };
    // Filling and reading the largest scratch takes its time where it is instrumented.
    run(function_kernel(body, {}, 0, bytes), {bytes > 4096 ? 10U : 200U, 1, 1});
    EXPECT_EQ(wrong, 0) << bytes << " bytes";
  }
}

// Two queues, a host call's submissions and a waiting thread that helps: together they
// still have no more units than the device.
TEST_P(DispatchTest, NoMoreGroupsAtATimeThanUnits) {
  SKIP_UNLESS(caps().host_kernels, "device code does not know its unit");
  const std::uint32_t units = caps().compute_units;
  Occupancy device_occupancy;
  std::vector<std::atomic<int>> unit_users(units);
  std::atomic<int> shared = 0;
  std::atomic<int> outside = 0;
  const auto body = [&](const GroupContext& context) {
    if (context.compute_unit >= units) {
      ++outside;
      return;
    }
    if (unit_users[context.compute_unit].fetch_add(1) != 0) ++shared;
    device_occupancy.visit();
    --unit_users[context.compute_unit];
  };
  const Commands commands = kernel_work(device(), body, {16, 1, 1});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        const std::shared_ptr<Queue> queue = device().create_queue();
        for (int round = 0; round < 50; ++round) {
          EXPECT_TRUE(is_ok(queue->submit(commands).wait()));
        }
      });
    }
  }
  EXPECT_LE(device_occupancy.peak(), units);
  EXPECT_EQ(outside, 0) << "groups with a unit the device does not have";
  EXPECT_EQ(shared, 0) << "two groups at a time on one unit";
}

TEST_P(DispatchTest, UserDataIsPassedAndKeptAsLongAsTheKernel) {
  SKIP_UNLESS(caps().host_kernels, "only host functions take a host's data");
  auto owned = std::make_shared<const int>(7);
  const std::weak_ptr<const int> watch = owned;
  KernelDesc desc;
  desc.name = "user";
  desc.bindings = {Access::write};
  desc.host = [](const GroupContext& context) noexcept {
    *context.bindings[0].as<int>() = *static_cast<const int*>(context.user);
  };
  desc.host_data = std::move(owned);
  std::shared_ptr<Kernel> kernel = device().create_kernel(desc);
  desc.host_data.reset();

  const std::shared_ptr<Buffer> result = make_words(device(), 1);
  Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {1, 1, 1}, {{result}});
  });
  kernel.reset();
  EXPECT_FALSE(watch.expired()) << "recorded commands keep their kernels alive";
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_EQ(read_words(device(), result), Words{7});
  commands.reset();
  EXPECT_TRUE(eventually([&] { return watch.expired(); })) << "nobody uses it any more";
}

}  // namespace
}  // namespace assay::conformance
