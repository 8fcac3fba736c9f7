// SPDX-License-Identifier: MIT
// What submitting, replaying and pooled memory allocate: nothing when warm; and when an
// allocation fails, whichever it is, a status, and a device that goes on.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/counting_new.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::allocations;
using testing_support::FailingAllocation;
using testing_support::is_ok;
using testing_support::living_allocations;

// Longer than what a std::string holds without memory.
constexpr const char* kLongName = "a label that is too long for the string itself";

void nothing(const GroupContext& /*context*/) noexcept {}

KernelDesc nothing_kernel() {
  KernelDesc desc;
  desc.name = "nothing";
  desc.host = nothing;
  desc.local_bytes = 64;
  return desc;
}

// Forks, joins, chains, narrow and wide nodes.
std::shared_ptr<Graph> make_graph(Device& device,
                                  const std::shared_ptr<Kernel>& kernel) {
  const auto builder = device.create_graph_builder();
  GraphNode last = builder->dispatch(kernel, {1, 1, 1}, {});
  for (std::uint32_t i = 0; i < 6; ++i) {
    const GraphNode left = builder->dispatch(kernel, {1 + i, 1, 1}, {});
    const GraphNode right = builder->dispatch(kernel, {1, 1, 1}, {});
    const GraphNode join = builder->dispatch(kernel, {1, 1, 1}, {});
    for (const GraphNode side : {left, right}) {
      builder->depend(last, side);
      builder->depend(side, join);
    }
    last = join;
  }
  return builder->instantiate();
}

class AllocationsTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    SKIP_UNLESS(caps().host_kernels, "a driver's own allocations are not ours");
  }
  // Allocations of `rounds` calls, after as many to warm up. A compute unit may get its
  // group-local memory at its first work, whenever that is, and a submission a new
  // record when more are under way than ever before: the least of more tries than
  // either takes.
  std::uint64_t allocations_of(int rounds, const std::function<void()>& call) const {
    for (int i = 0; i < rounds; ++i) call();
    std::uint64_t least = UINT64_MAX;
    const std::uint32_t tries = caps().compute_units + 10;
    for (std::uint32_t i = 0; least != 0 && i < tries; ++i) {
      const std::uint64_t before = allocations();
      for (int round = 0; round < rounds; ++round) call();
      least = std::min(least, allocations() - before);
    }
    return least;
  }
};
RUN_ON_EVERY_DEVICE(AllocationsTest);

TEST_P(AllocationsTest, TheCounterCounts) {
  EXPECT_EQ(allocations_of(10, [] { ::operator delete(::operator new(8)); }), 10U);
  EXPECT_EQ(allocations_of(10, [&] { make_buffer(device(), 64); }), 20U)
      << "a buffer: its object and its memory";
}

TEST_P(AllocationsTest, ACommandBufferOfOneDispatchAllocatesTwice) {
  const auto kernel = device().create_kernel(nothing_kernel());
  const auto encode = [&] {
    record(device(), [&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, {8, 1, 1}, {});
    });
  };
  EXPECT_EQ(allocations_of(10, encode), 20U) << "the encoder, and what it records into";
}

TEST_P(AllocationsTest, AWarmSubmitAllocatesNothing) {
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(device().create_kernel(nothing_kernel()), {8, 1, 1}, {});
  });
  const std::shared_ptr<Queue> queue = device().create_queue();
  bool ok = true;
  const auto alone = [&] { ok = queue->submit(commands).wait().ok() && ok; };
  EXPECT_EQ(allocations_of(300, alone), 0U);
  const auto in_a_row = [&] {
    for (int i = 0; i < 8; ++i) queue->submit(commands);
    ok = queue->synchronize().ok() && ok;
  };
  EXPECT_EQ(allocations_of(100, in_a_row), 0U);
  EXPECT_TRUE(ok);
}

TEST_P(AllocationsTest, AWarmReplayAllocatesNothing) {
  const std::shared_ptr<Graph> graph =
      make_graph(device(), device().create_kernel(nothing_kernel()));
  const std::shared_ptr<Queue> queue = device().create_queue();
  bool ok = true;
  EXPECT_EQ(allocations_of(300, [&] { ok = graph->replay(*queue).wait().ok() && ok; }),
            0U);
  EXPECT_TRUE(ok);
}

TEST_P(AllocationsTest, AWarmPoolAllocatesNothing) {
  const auto pool = device().create_memory_pool();
  const std::shared_ptr<Queue> queue = device().create_queue();
  bool ok = true;
  const auto use = [&] {
    PoolBlock block;
    ok = pool->allocate(1000, block, *queue).ok() && ok;
    const Point point = queue->submit(nullptr);
    block.used_at(point);
    ok = point.wait().ok() && ok;
  };
  EXPECT_EQ(allocations_of(300, use), 0U);
  EXPECT_TRUE(ok);
}

// --- failures

// What a scenario works on, made while memory is plenty.
struct Rig {
  explicit Rig(std::shared_ptr<Device> on) : device(std::move(on)) {
    kernel = device->create_kernel(nothing_kernel());
    wide = record(*device, [&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, {40, 1, 1}, {});
    });
    call = record(*device, [&](CommandEncoder& encoder) {
      encoder.host_call({kLongName, [] { return Status(); }});
    });
    failing = record(*device, [&](CommandEncoder& encoder) {
      encoder.host_call(
          {kLongName, [] { return Status(StatusCode::internal, kLongName); }});
    });
    throwing = record(*device, [&](CommandEncoder& encoder) {
      encoder.host_call(
          {kLongName, []() -> Status { throw std::runtime_error(kLongName); }});
    });
    library = record(*device, [&](CommandEncoder& encoder) {
      LibraryCall library_call;
      library_call.threads = device->caps().compute_units;
      library_call.run = [](std::span<const BoundRange>) { return Status(); };
      encoder.library_call(library_call);
    });
    for (std::shared_ptr<Queue>& queue : queues) queue = device->create_queue();
    gate = device->create_timeline();
    done = device->create_timeline();
    pool = device->create_memory_pool({MemoryKind::unified, 64 * 1024, kLongName});
    buffer = make_words(*device, 16);
    kernel_desc = nothing_kernel();
    kernel_desc.name = kLongName;
    kernel_desc.bindings = {Access::read_write};
    kernel_desc.constants_bytes = 200;
    buffer_desc.bytes = 256;
    buffer_desc.kind = MemoryKind::unified;
    buffer_desc.label = kLongName;
    encoder_desc.label = kLongName;
    queue_desc.label = kLongName;
    host_call.label = kLongName;
    host_call.run = [] { return Status(); };
    library_call.label = kLongName;
    library_call.operands = {{{buffer}, Access::read}};
    library_call.run = [](std::span<const BoundRange>) { return Status(); };
    outcomes.reserve(64);
  }

  // Runs `step`, which may be refused.
  template <typename Step>
  bool attempt(const Step& step) {
    try {
      step();
      return true;
    } catch (const Error& error) {
      outcomes.push_back(error.code());
    } catch (const std::bad_alloc&) {
      escaped = true;
    }
    return false;
  }
  void note(const Status& status) { outcomes.push_back(status.root().code()); }

  std::shared_ptr<Device> device;
  std::shared_ptr<Kernel> kernel;
  Commands wide;
  Commands call;
  Commands failing;
  Commands throwing;
  Commands library;
  std::array<std::shared_ptr<Queue>, 6> queues;
  std::shared_ptr<Timeline> gate;
  std::shared_ptr<Timeline> done;
  std::shared_ptr<MemoryPool> pool;
  std::shared_ptr<Buffer> buffer;
  KernelDesc kernel_desc;
  BufferDesc buffer_desc;
  EncoderDesc encoder_desc;
  QueueDesc queue_desc;
  HostCall host_call;
  LibraryCall library_call;
  std::vector<StatusCode> outcomes;
  bool escaped = false;  // std::bad_alloc is not how the interface says it
};

void submit_across_queues(Rig& rig) {
  Point first;
  Point second;
  Point third;
  rig.attempt([&] { first = rig.queues[0]->submit(rig.wide); });
  rig.attempt([&] {
    second = rig.queues[1]->submit(rig.call, {{rig.gate, 1}}, {{rig.done, 1}});
  });
  if (second.timeline) {
    rig.attempt([&] { third = rig.queues[2]->submit(rig.library, {second}); });
  }
  rig.gate->signal(1);
  for (const Point& point : {first, second, third}) {
    if (point.timeline) rig.note(point.wait());
  }
  if (second.timeline) rig.note(rig.done->wait(1, kForever));
  rig.note(rig.device->synchronize());
}

void submit_what_fails(Rig& rig) {
  for (const Commands& commands : {rig.failing, rig.throwing}) {
    const std::size_t queue = commands == rig.failing ? 0 : 1;
    for (int i = 0; i < 2; ++i) {
      rig.attempt([&] { rig.note(rig.queues.at(queue)->submit(commands).wait()); });
    }
  }
}

void build_and_replay(Rig& rig) {
  rig.attempt([&] {
    const auto builder = rig.device->create_graph_builder();
    const BufferSlice slice{rig.buffer, 0, 32};
    const GraphNode root = builder->fill(slice, 1);
    const GraphNode copy = builder->copy(slice, {rig.buffer, 32, 32});
    const GraphNode other = builder->dispatch(rig.kernel, {9, 1, 1}, {});
    builder->depend(root, copy);
    builder->depend(root, other);
    const std::shared_ptr<Graph> graph = builder->instantiate();
    rig.note(graph->replay(*rig.queues[0]).wait());
    graph->rebind(root, {{rig.buffer, 32, 32}});
    rig.note(graph->replay(*rig.queues[1]).wait());
  });
  rig.attempt([&] {
    const std::shared_ptr<Graph> graph = make_graph(*rig.device, rig.kernel);
    // At the same time: a second state of execution is needed.
    const Point first = graph->replay(*rig.queues[2]);
    Point second;
    rig.attempt([&] { second = graph->replay(*rig.queues[3]); });
    rig.note(first.wait());
    if (second.timeline) rig.note(second.wait());
  });
}

void use_a_pool(Rig& rig) {
  for (int round = 0; round < 2; ++round) {
    std::array<PoolBlock, 3> blocks;
    for (PoolBlock& block : blocks) {
      rig.note(rig.pool->allocate(4096, block, *rig.queues[0]));
      // More death points than a block has room for from the start.
      for (const std::shared_ptr<Queue>& queue : rig.queues) {
        rig.attempt([&] {
          if (block) block.used_at(queue->submit(nullptr, block.waits(), {}));
        });
      }
    }
  }
  rig.pool->trim();
}

// What it gives away is made before: what fails is the device's own.
void create_and_record(Rig& rig) {
  Device& device = *rig.device;
  rig.attempt([&] {
    const std::shared_ptr<Kernel> kernel = device.create_kernel(rig.kernel_desc);
    const std::shared_ptr<Buffer> buffer = device.create_buffer(rig.buffer_desc);
    const auto encoder = device.create_encoder(rig.encoder_desc);
    const std::array<std::byte, 200> constants{};
    const BufferSlice whole{buffer};
    encoder->dispatch(kernel, {3, 1, 1}, std::span(&whole, 1), constants);
    encoder->copy({buffer, 0, 64}, {buffer, 64, 64});
    encoder->fill(whole, 1);
    encoder->host_call(std::move(rig.host_call));
    encoder->library_call(std::move(rig.library_call));
    const std::shared_ptr<Queue> queue = device.create_queue(rig.queue_desc);
    rig.note(queue->submit(encoder->finish()).wait());
    rig.note(device.create_timeline(1)->wait(1, kForever));
  });
}

struct Scenario {
  const char* name;
  void (*run)(Rig& rig);
  bool fails_anyway;  // other codes than out_of_memory are right too
};
constexpr Scenario kScenarios[] = {
    {"submit_across_queues", submit_across_queues, false},
    {"submit_what_fails", submit_what_fails, true},
    {"build_and_replay", build_and_replay, false},
    {"use_a_pool", use_a_pool, false},
    {"create_and_record", create_and_record, false},
};

TEST_P(AllocationsTest, AnyAllocationMayFailOnce) {
  for (const Scenario& scenario : kScenarios) {
    std::int64_t living = 0;
    std::uint64_t failures = 0;
    bool happened = true;
    // Round -1 warms up what is allocated once in a process, and sets the balance.
    for (std::int64_t which = -1; happened; ++which) {
      const std::string where =
          std::string(scenario.name) + ", allocation " + std::to_string(which);
      const std::int64_t before = living_allocations();
      {
        Rig rig(open_another());
        if (which < 0) {
          scenario.run(rig);
        } else {
          const FailingAllocation failing(static_cast<std::uint64_t>(which));
          scenario.run(rig);
          happened = failing.happened();
        }
        EXPECT_FALSE(rig.escaped) << where;
        failures += happened && which >= 0 ? 1 : 0;
        for (const StatusCode code : rig.outcomes) {
          const bool right = code == StatusCode::ok || scenario.fails_anyway ||
                             (happened && code == StatusCode::out_of_memory);
          EXPECT_TRUE(right) << where << ": " << to_string(code);
        }
        EXPECT_TRUE(is_ok(rig.device->create_queue()->submit(rig.wide).wait()))
            << where;
        EXPECT_TRUE(is_ok(make_graph(*rig.device, rig.kernel)
                              ->replay(*rig.device->create_queue())
                              .wait()))
            << where;
        PoolBlock block;
        EXPECT_TRUE(is_ok(rig.pool->allocate(4096, block))) << where;
      }
      const std::int64_t left = living_allocations() - before;
      if (which < 0) {
        living = left;
      } else if (which == 0) {
        living = std::min(living, left);
      } else {
        EXPECT_LE(left, living) << where << ": leaks";
      }
    }
    // Each scenario allocates more often than it has steps: none went by unmet.
    EXPECT_GT(failures, 5U) << scenario.name;
  }
}

}  // namespace
}  // namespace assay::conformance
