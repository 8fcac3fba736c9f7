// SPDX-License-Identifier: MIT
// Devices, queues and timelines take calls from any number of threads.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/patience.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::kPatience;
using testing_support::thrown_code;

constexpr int kThreads = 8;
constexpr int kRounds = 200;

class ThreadsTest : public ConformanceTest {
 protected:
  template <typename Body>
  static void on_every_thread(Body&& body) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { body(i); });
  }
};
RUN_ON_EVERY_DEVICE(ThreadsTest);

TEST_P(ThreadsTest, SubmitToOneQueue) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  const std::shared_ptr<Kernel> affine = device().create_kernel(affine_kernel());
  // Plain loads and stores: the one queue orders all that the threads submit.
  const std::shared_ptr<Buffer> data = make_words(device(), 32);
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(affine, {3, 1, 1}, {{data}}, AffineConstants{1, 1});
  });
  std::vector<std::atomic<int>> seen(kThreads * kRounds + 1);
  on_every_thread([&](int i) {
    std::uint64_t last = 0;
    for (int round = 0; round < kRounds; ++round) {
      const Point point = queue->submit(commands);
      EXPECT_GT(point.value, last);
      last = point.value;
      ++seen[point.value];
      if (round % 16 == i) {
        EXPECT_TRUE(is_ok(point.wait()));
      }
    }
  });
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_EQ(read_words(device(), data), Words(32, kThreads * kRounds));
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_EQ(seen[i], 1) << "value " << i;
}

TEST_P(ThreadsTest, SubmitToOwnQueues) {
  const std::shared_ptr<Kernel> count = device().create_kernel(count_kernel());
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  on_every_thread([&](int i) {
    const std::shared_ptr<Queue> queue = device().create_queue();
    const Commands commands = record(device(), [&](CommandEncoder& encoder) {
      encoder.dispatch(count, {static_cast<std::uint32_t>(i) + 1, 1, 1}, {{counter}});
    });
    for (int round = 0; round < kRounds; ++round) {
      const Point point = queue->submit(commands);
      if (round % 2 == 0) {
        EXPECT_TRUE(is_ok(point.wait()));
      }
    }
    EXPECT_TRUE(is_ok(queue->synchronize()));
  });
  EXPECT_EQ(read_words(device(), counter), Words{36 * kRounds});
}

// A driver may have to keep one recording from running on several of its queues.
TEST_P(ThreadsTest, SubmitTheSameCommandsToOwnQueues) {
  const std::shared_ptr<Kernel> count = device().create_kernel(count_kernel());
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(count, {2, 1, 1}, {{counter}});
    encoder.barrier();
    encoder.dispatch(count, {1, 1, 1}, {{counter}});
  });
  on_every_thread([&](int /*thread*/) {
    const std::shared_ptr<Queue> queue = device().create_queue();
    for (int round = 0; round < kRounds; ++round) {
      const Point point = queue->submit(commands);
      if (round % 8 == 0) {
        EXPECT_TRUE(is_ok(point.wait(kPatience)));
      }
    }
    EXPECT_TRUE(is_ok(queue->synchronize(kPatience)));
  });
  EXPECT_EQ(read_words(device(), counter), Words{3 * kThreads * kRounds});
}

TEST_P(ThreadsTest, WaitForTheSamePoints) {
  const std::shared_ptr<Queue> queue = device().create_queue();
  std::vector<int> values(kRounds + 1);  // Plain: the points order the accesses.
  std::vector<Point> points;
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  queue->submit(nullptr, {{gate, 1}});
  for (std::size_t i = 0; i < kRounds; ++i) {
    points.push_back(queue->submit(
        host_work(device(), [&, i] { values[i] = static_cast<int>(i); })));
  }
  std::vector<std::jthread> waiters;
  for (std::size_t start = 0; start < kThreads; ++start) {
    waiters.emplace_back([&, start] {
      for (std::size_t i = start; i < kRounds; i += 1 + start) {
        ASSERT_TRUE(
            is_ok(points[i].wait(start % 2 == 0 ? kForever : Timeout(kPatience))));
        ASSERT_EQ(values[i], static_cast<int>(i));
      }
    });
  }
  gate->signal(1);
}

TEST_P(ThreadsTest, SynchronizeTheDeviceFromAll) {
  std::array<std::atomic<int>, kThreads> counts = {};
  on_every_thread([&](int i) {
    const std::shared_ptr<Queue> queue = device().create_queue();
    auto& mine = counts.at(static_cast<std::size_t>(i));
    const Commands commands = host_work(device(), [&] { ++mine; });
    for (int round = 1; round <= 50; ++round) {
      queue->submit(commands);
      EXPECT_TRUE(
          is_ok(device().synchronize(i % 2 == 0 ? kForever : Timeout(kPatience))));
      EXPECT_EQ(mine, round);
    }
  });
}

TEST_P(ThreadsTest, CreateAndDestroy) {
  on_every_thread([&](int i) {
    for (int round = 0; round < 50; ++round) {
      const auto value = static_cast<std::uint32_t>(i * 1000 + round);
      const std::shared_ptr<Buffer> source = make_words(device(), 16, value);
      const std::shared_ptr<Buffer> target =
          make_buffer(device(), 64, MemoryKind::device);
      const std::shared_ptr<Kernel> kernel = device().create_kernel(affine_kernel());
      const std::shared_ptr<Timeline> line = device().create_timeline();
      const Commands commands = record(device(), [&](CommandEncoder& encoder) {
        encoder.copy({source}, {target});
        encoder.dispatch(kernel, {2, 1, 1}, {{target}}, AffineConstants{2, 1});
      });
      device().create_queue()->submit(commands, {}, {{line, 1}});
      EXPECT_TRUE(is_ok(line->wait(1, kForever)));
      EXPECT_EQ(read_words(device(), target), Words(16, 2 * value + 1));
    }
  });
}

TEST_P(ThreadsTest, RaceToBeTheOneProducer) {
  for (int round = 0; round < 50; ++round) {
    const std::shared_ptr<Timeline> line = device().create_timeline();
    std::atomic<int> accepted = 0;
    on_every_thread([&](int i) {
      const std::shared_ptr<Queue> queue = device().create_queue();
      const std::optional<StatusCode> refusal = thrown_code([&] {
        if (i == 0) {
          line->signal(1);
        } else {
          queue->submit(nullptr, {}, {{line, 1}});
        }
      });
      if (!refusal) ++accepted;
      EXPECT_EQ(refusal.value_or(StatusCode::failed_precondition),
                StatusCode::failed_precondition);
      EXPECT_TRUE(is_ok(line->wait(1, kForever)));
    });
    EXPECT_EQ(accepted, 1);
  }
}

// A ring of threads, each with its queue, each waiting on the device for the one
// before.
TEST_P(ThreadsTest, DependOnEachOthersQueues) {
  constexpr std::uint64_t kLaps = 40;
  std::vector<std::shared_ptr<Timeline>> lines;
  for (int i = 0; i < kThreads; ++i) lines.push_back(device().create_timeline());
  std::uint64_t count = 0;  // Plain: the ring orders the accesses.
  on_every_thread([&](int i) {
    const auto mine = static_cast<std::size_t>(i);
    const std::size_t before = (mine + kThreads - 1) % kThreads;
    const std::shared_ptr<Queue> queue = device().create_queue();
    const Commands commands = host_work(device(), [&] { ++count; });
    for (std::uint64_t lap = 1; lap <= kLaps; ++lap) {
      queue->submit(commands, {{lines[before], i == 0 ? lap - 1 : lap}},
                    {{lines[mine], lap}});
    }
    EXPECT_TRUE(is_ok(queue->synchronize()));
  });
  EXPECT_EQ(count, kThreads * kLaps);
}

// A graph is everybody's: each replay counts all its groups in the one buffer or in the
// other, whoever rebinds it meanwhile.
TEST_P(ThreadsTest, ReplayAGraphThatAnotherOneRebinds) {
  SKIP_UNLESS(caps().host_kernels, "the nodes are host functions");
  constexpr std::uint32_t kReplayers = 3;
  constexpr std::uint32_t kReplays = 200;
  constexpr std::uint32_t kGroups = 5;
  const std::array<std::shared_ptr<Buffer>, 2> counts = {make_words(device(), 1),
                                                         make_words(device(), 1)};
  const auto builder = device().create_graph_builder();
  const GraphNode node = builder->dispatch(device().create_kernel(count_kernel()),
                                           {kGroups, 1, 1}, {{counts[0]}});
  const std::shared_ptr<Graph> graph = builder->instantiate();
  {
    std::latch start(kReplayers + 1);
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < kReplayers; ++i) {
      threads.emplace_back([&] {
        const std::shared_ptr<Queue> own = device().create_queue();
        start.arrive_and_wait();
        for (std::uint32_t j = 0; j < kReplays; ++j) graph->replay(*own);
        EXPECT_TRUE(is_ok(own->synchronize()));
      });
    }
    start.arrive_and_wait();
    for (std::size_t i = 1; i <= 500; ++i) graph->rebind(node, {{counts.at(i % 2)}});
  }
  const std::uint32_t first = read_words(device(), counts[0])[0];
  const std::uint32_t second = read_words(device(), counts[1])[0];
  EXPECT_EQ(first + second, kReplayers * kReplays * kGroups);
  EXPECT_EQ(first % kGroups, 0U) << "a replay was half rebound";
}

}  // namespace
}  // namespace assay::conformance
