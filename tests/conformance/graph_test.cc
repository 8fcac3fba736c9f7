// SPDX-License-Identifier: MIT
// Graphs: what edges order and what they leave open, replay, rebinding, failure.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/eventually.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::aborted_by;
using testing_support::eventually;
using testing_support::failed_as;
using testing_support::Gate;
using testing_support::is_ok;
using testing_support::is_refused;
using testing_support::thrown_code;

class GraphTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    try {
      builder_ = device().create_graph_builder({"under test"});
    } catch (const Error& error) {
      if (error.code() != StatusCode::not_supported) throw;
      GTEST_SKIP() << error.what();
    }
    queue_ = device().create_queue();
  }
  void TearDown() override {
    builder_.reset();
    queue_.reset();
    ConformanceTest::TearDown();
  }

  GraphBuilder& builder() { return *builder_; }
  Queue& queue() { return *queue_; }
  GraphNode call(std::function<void()> body) {
    return builder_->host_call({"call", [body = std::move(body)] {
                                  body();
                                  return Status();
                                }});
  }

  std::unique_ptr<GraphBuilder> builder_;
  std::shared_ptr<Queue> queue_;
};
RUN_ON_EVERY_DEVICE(GraphTest);

TEST_P(GraphTest, AnEmptyGraphIsASubmission) {
  const std::shared_ptr<Graph> graph = builder().instantiate();
  EXPECT_EQ(graph->node_count(), 0U);
  EXPECT_EQ(graph->replay(queue()).value, 1U);
  EXPECT_TRUE(is_ok(queue().synchronize()));
}

TEST_P(GraphTest, AChainRunsInOrderInEveryReplay) {
  constexpr std::uint32_t kNodes = 50;
  constexpr std::uint32_t kReplays = 20;
  const std::shared_ptr<Buffer> data = make_words(device(), 64);
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const auto relay = device().create_kernel(relay_kernel());
  const auto restart = device().create_kernel(write_kernel());
  // Added last to first, so that the order of the calls is the wrong one.
  std::vector<GraphNode> nodes;
  for (std::uint32_t i = kNodes; i-- > 0;) {
    nodes.push_back(builder().dispatch(relay, {4, 1, 1}, {{data}, {errors}}, i));
    if (nodes.size() > 1) builder().depend(nodes.back(), nodes[nodes.size() - 2]);
  }
  builder().depend(builder().dispatch(restart, {1, 1, 1}, {{data}}, 0U), nodes.back());

  const std::shared_ptr<Graph> graph = builder().instantiate();
  EXPECT_EQ(graph->node_count(), kNodes + 1);
  const Counters before = device().counters();
  for (std::uint32_t i = 0; i < kReplays; ++i) graph->replay(queue());
  ASSERT_TRUE(is_ok(queue().synchronize()));
  EXPECT_EQ(device().counters().submissions - before.submissions, kReplays);
  EXPECT_EQ(device().counters().groups_executed - before.groups_executed,
            kReplays * (4 * kNodes + 1));
  EXPECT_EQ(read_words(device(), errors), Words{0});
  EXPECT_EQ(read_words(device(), data), Words(64, kNodes));
}

// --- random graphs

constexpr std::size_t kGraphBuffers = 5;
constexpr std::size_t kGraphWords = 96;
using GraphContents = std::array<Words, kGraphBuffers>;

struct GraphStep {
  std::size_t kind = 0;
  std::size_t source = 0;
  std::size_t target = 0;
  std::uint32_t constant = 0;
};

void run_step(const GraphStep& step, GraphContents& contents) {
  Words& target = contents.at(step.target);
  if (step.kind == 0) target = contents.at(step.source);
  if (step.kind == 1) std::ranges::fill(target, step.constant);
  if (step.kind > 1) mix_words(target, contents.at(step.source), step.constant);
}

// Each node depends on those whose data it touches, and on nothing else: whatever else
// overlaps must not show, and ThreadSanitizer sees an edge that was lost.
TEST_P(GraphTest, RandomGraphsEqualTheirNodesRunInOrder) {
  const auto kernel = device().create_kernel(mix_kernel());
  for (unsigned seed = 1; seed <= 25; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return random() % bound; };
    const auto graph_builder = device().create_graph_builder();
    std::vector<std::shared_ptr<Buffer>> buffers;
    GraphContents expected;
    for (std::size_t b = 0; b < kGraphBuffers; ++b) {
      expected.at(b) = Words(kGraphWords, static_cast<std::uint32_t>(b + 1));
      buffers.push_back(make_words(device(), kGraphWords, expected.at(b)[0]));
    }
    std::vector<GraphStep> steps(60);
    std::array<std::vector<GraphNode>, kGraphBuffers>
        touched;  // since and with a write
    for (GraphStep& step : steps) {
      step = {below(4), below(kGraphBuffers), 0, static_cast<std::uint32_t>(random())};
      step.target = (step.source + 1 + below(kGraphBuffers - 1)) % kGraphBuffers;
      const BufferSlice source{buffers[step.source]};
      const BufferSlice target{buffers[step.target]};
      const auto groups = static_cast<std::uint32_t>(1 + below(6));
      const GraphNode node =
          step.kind == 0   ? graph_builder->copy(source, target)
          : step.kind == 1 ? graph_builder->fill(target, step.constant)
                           : graph_builder->dispatch(kernel, {groups, 1, 1},
                                                     {source, target}, step.constant);
      std::vector<GraphNode>& readers = touched.at(step.source);
      if (!readers.empty()) graph_builder->depend(readers.front(), node);
      for (const GraphNode other : touched.at(step.target)) {
        graph_builder->depend(other, node);
      }
      readers.push_back(node);
      touched.at(step.target) = {node};
    }
    const std::shared_ptr<Graph> graph = graph_builder->instantiate();
    for (int replay = 0; replay < 3; ++replay) {
      graph->replay(queue());
      for (const GraphStep& step : steps) run_step(step, expected);
    }
    ASSERT_TRUE(is_ok(queue().synchronize()));
    for (std::size_t b = 0; b < kGraphBuffers; ++b) {
      ASSERT_EQ(read_words(device(), buffers[b]), expected.at(b)) << "seed " << seed;
    }
  }
}

// --- overlap

// Not level by level: the first node of one branch meets the second one of the other.
TEST_P(GraphTest, BranchesRunAtTheSameTime) {
  SKIP_UNLESS(kernels_overlap() && caps().host_kernels,
              "one group at a time, or host calls in turn");
  Gate started;
  Gate answered;
  std::atomic<int> met = 0;
  call([&] {
    started.open();
    met += answered.wait() ? 1 : 0;
  });
  const GraphNode first = call([&] { met += started.wait() ? 1 : 0; });
  const GraphNode second = call([&] { answered.open(); });
  builder().depend(first, second);
  EXPECT_TRUE(is_ok(builder().instantiate()->replay(queue()).wait()));
  EXPECT_EQ(met, 2);
}

// A branch for each unit, and each meets all others; whoever runs them sleeps before,
// and no host thread that waits takes one.
TEST_P(GraphTest, BranchesWakeTheUnitsTheyNeed) {
  SKIP_UNLESS(kernels_overlap() && caps().host_kernels,
              "one group at a time, or no units of ours");
  constexpr std::uint32_t kReplays = 3;
  const std::uint32_t units = std::min(caps().compute_units, 4U);
  std::atomic<std::uint32_t> inside = 0;
  std::atomic<std::uint32_t> met = 0;
  for (std::uint32_t i = 0; i < units; ++i) {
    call([&] {
      ++inside;
      met += eventually([&] { return inside >= units; }) ? 1 : 0;
    });
  }
  const std::shared_ptr<Graph> graph = builder().instantiate();
  for (std::uint32_t replay = 0; replay < kReplays; ++replay) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    inside = 0;
    const Point point = graph->replay(queue());
    EXPECT_TRUE(eventually([&] { return point.query().has_value(); }));
  }
  EXPECT_EQ(met, units * kReplays);
}

TEST_P(GraphTest, NeverRunsMoreGroupsThanUnits) {
  SKIP_UNLESS(caps().host_kernels, "nobody can look at its groups");
  Occupancy occupancy;
  std::atomic<std::uint32_t> groups = 0;
  const auto kernel = device().create_kernel(function_kernel([&](const GroupContext&) {
    occupancy.enter();
    ++groups;
    occupancy.leave();
  }));
  const GraphNode root = call([] {});
  const GraphNode leaf = call([] {});
  for (std::uint32_t i = 0; i < 40; ++i) {
    // Narrow and wide nodes, and one that has nothing to do.
    const GraphNode node = builder().dispatch(kernel, {i % 8, 1 + i % 3, 1}, {});
    builder().depend(root, node);
    builder().depend(node, leaf);
  }
  const std::shared_ptr<Graph> graph = builder().instantiate();
  for (int i = 0; i < 50; ++i) graph->replay(queue());
  ASSERT_TRUE(is_ok(queue().synchronize()));
  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < 40; ++i) expected += (i % 8) * (1 + i % 3);
  EXPECT_EQ(groups, 50 * expected);
  EXPECT_LE(occupancy.peak(), caps().compute_units);
}

TEST_P(GraphTest, ALibraryCallIsLentItsUnits) {
  SKIP_UNLESS(caps().host_kernels, "no library calls");
  Occupancy occupancy;
  const std::uint32_t units = caps().compute_units;
  for (int i = 0; i < 6; ++i) {
    LibraryCall library;
    library.threads = units;
    library.run = [&occupancy, units](std::span<const BoundRange>) {
      occupancy.visit(units);
      return Status();
    };
    builder().library_call(library);
    call([&occupancy] { occupancy.visit(); });
  }
  const std::shared_ptr<Graph> graph = builder().instantiate();
  const std::shared_ptr<Queue> other = device().create_queue();
  for (int i = 0; i < 20; ++i) {
    graph->replay(queue());
    graph->replay(*other);
  }
  EXPECT_TRUE(is_ok(device().synchronize()));
  EXPECT_LE(occupancy.peak(), units);
}

TEST_P(GraphTest, ReplaysOnSeveralQueuesAreIndependent) {
  const std::shared_ptr<Buffer> count = make_words(device(), 1);
  const auto kernel = device().create_kernel(count_kernel());
  const GraphNode root = builder().dispatch(kernel, {1, 1, 1}, {{count}});
  for (int i = 0; i < 12; ++i) {
    builder().depend(root, builder().dispatch(kernel, {3, 1, 1}, {{count}}));
  }
  const std::shared_ptr<Graph> graph = builder().instantiate();
  std::vector<std::shared_ptr<Queue>> queues;
  for (int i = 0; i < 4; ++i) queues.push_back(device().create_queue());
  for (int i = 0; i < 25; ++i) {
    for (const std::shared_ptr<Queue>& each : queues) graph->replay(*each);
  }
  ASSERT_TRUE(is_ok(device().synchronize()));
  EXPECT_EQ(read_words(device(), count), Words{4 * 25 * 37});
}

// --- submission

TEST_P(GraphTest, AReplayWaitsAndSignalsAsOneSubmission) {
  const std::shared_ptr<Timeline> start = device().create_timeline();
  const std::shared_ptr<Timeline> end = device().create_timeline();
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) call([&] { ++ran; });
  const std::array<Point, 1> waits = {{{start, 1}}};
  const std::array<Point, 1> signals = {{{end, 7}}};
  const Point point = builder().instantiate()->replay(queue(), waits, signals);
  EXPECT_EQ(point.value, 1U);
  EXPECT_EQ(ran, 0);
  start->signal(1);
  EXPECT_TRUE(is_ok(end->wait(7, kForever)));
  EXPECT_EQ(ran, 3);
}

TEST_P(GraphTest, AFailureIsTheReplaysAndDependentsDoNotRun) {
  std::atomic<bool> dependent_ran = false;
  std::atomic<bool> before_ran = false;
  const Status failure(StatusCode::internal, "the middle broke");
  const GraphNode before = call([&] { before_ran = true; });
  const GraphNode broken =
      builder().host_call({"middle", [&] { return Status(failure); }});
  const GraphNode after = call([&] { dependent_ran = true; });
  const GraphNode join = call([&] { dependent_ran = true; });
  const GraphNode beside = call([] {});
  builder().depend(before, broken);
  builder().depend(broken, after);
  builder().depend(after, join);
  builder().depend(beside, join);
  const std::shared_ptr<Graph> graph = builder().instantiate();
  const Status status = graph->replay(queue()).wait();
  EXPECT_TRUE(failed_as(status, StatusCode::internal));
  EXPECT_TRUE(testing_support::comes_from(status, failure));
  EXPECT_TRUE(before_ran);
  EXPECT_FALSE(dependent_ran);
  EXPECT_TRUE(aborted_by(graph->replay(queue()).wait(), failure));
  // The graph is as good as before: it is the queue that failed.
  EXPECT_TRUE(
      failed_as(graph->replay(*device().create_queue()).wait(), StatusCode::internal));
}

TEST_P(GraphTest, EverythingMayBeDroppedAfterReplay) {
  const auto ran = std::make_shared<std::atomic<int>>(0);
  Point point;
  {
    const std::shared_ptr<Device> device = open_another();
    const auto graph_builder = device->create_graph_builder();
    const bool host = caps().host_kernels;
    const auto kernel =
        device->create_kernel(host ? function_kernel(
                                         [ran](const GroupContext& context) {
                                           *ran += my_words(context, 0).empty() ? 0 : 1;
                                         },
                                         {Access::read})
                                   : count_kernel());
    for (int i = 0; i < 8; ++i) {
      const GraphNode node =
          graph_builder->dispatch(kernel, {2, 1, 1}, {{make_words(*device, 8)}});
      if (host) continue;
      graph_builder->depend(node, graph_builder->host_call({"count", [ran] {
                                                              *ran += 2;
                                                              return Status();
                                                            }}));
    }
    point = graph_builder->instantiate()->replay(*device->create_queue());
  }
  EXPECT_TRUE(is_ok(point.wait()));
  EXPECT_EQ(*ran, 16);
}

// --- rebinding

TEST_P(GraphTest, ReplaysInFlightKeepWhatTheyWereSubmittedWith) {
  const std::shared_ptr<Timeline> gate = device().create_timeline();
  const std::shared_ptr<Buffer> first = make_words(device(), 16);
  const std::shared_ptr<Buffer> second = make_words(device(), 16);
  const GraphNode node = builder().dispatch(device().create_kernel(write_kernel()),
                                            {2, 1, 1}, {{first}}, 1U);
  const std::shared_ptr<Graph> graph = builder().instantiate();
  const std::array<Point, 1> opened = {{{gate, 1}}};
  graph->replay(queue(), opened);
  const Commands taken = graph->commands();
  graph->rebind(node, {{second}});
  graph->set_constants(node, 2U);
  graph->replay(queue());
  gate->signal(1);
  ASSERT_TRUE(is_ok(queue().synchronize()));
  EXPECT_EQ(read_words(device(), first), Words(16, 1));
  EXPECT_EQ(read_words(device(), second), Words(16, 2));
  // Nor does it matter that what was taken is submitted later.
  write_bytes(device(), first, std::vector<std::byte>(64));
  ASSERT_TRUE(is_ok(queue().submit(taken).wait()));
  EXPECT_EQ(read_words(device(), first), Words(16, 1));
  EXPECT_EQ(read_words(device(), second), Words(16, 2));
}

TEST_P(GraphTest, CopiesFillsAndLibraryCallsAreRebound) {
  const std::shared_ptr<Buffer> a = make_words(device(), 16, 1);
  const std::shared_ptr<Buffer> b = make_words(device(), 16, 2);
  const std::shared_ptr<Buffer> c = make_words(device(), 16, 3);
  std::uint32_t seen = 0;
  const GraphNode copy = builder().copy({a}, {b});
  const GraphNode fill = builder().fill({a, 0, 8}, 9);
  LibraryCall library;
  library.operands = {{{a}, Access::read}};
  library.run = [&seen, calls = 0U](std::span<const BoundRange> operands) mutable {
    seen = operands[0].as<std::uint32_t>()[0] + 100 * ++calls;
    return Status();
  };
  builder().depend(copy, fill);
  const bool libraries = caps().host_kernels;
  GraphNode look{};
  if (libraries) builder().depend(fill, look = builder().library_call(library));
  const std::shared_ptr<Graph> graph = builder().instantiate();
  ASSERT_TRUE(is_ok(graph->replay(queue()).wait()));
  EXPECT_EQ(read_words(device(), a)[0], 9U);
  if (libraries) {
    EXPECT_EQ(seen, 109U);
    graph->rebind(look, {{c}});
  }
  graph->rebind(copy, {{b}, {c}});
  graph->rebind(fill, {{b, 8, 8}});
  ASSERT_TRUE(is_ok(graph->replay(queue()).wait()));
  // 200: the function is still the one object that counted the first call.
  if (libraries) {
    EXPECT_EQ(seen, 201U);
  }
  EXPECT_EQ(read_words(device(), c), Words(16, 1));
  EXPECT_EQ(read_words(device(), b)[3], 9U);
}

TEST_P(GraphTest, ARefusedRebindChangesNothing) {
  const std::shared_ptr<Buffer> data = make_words(device(), 16);
  const std::shared_ptr<Buffer> small = make_words(device(), 8);
  const std::shared_ptr<Device> another = open_another();
  const GraphNode node = builder().dispatch(device().create_kernel(write_kernel()),
                                            {2, 1, 1}, {{data}}, 4U);
  const GraphNode fill = builder().fill({make_words(device(), 16)}, 1);
  const GraphNode host = call([] {});
  const std::shared_ptr<Graph> graph = builder().instantiate();
  EXPECT_TRUE(is_refused([&] { graph->rebind(node, {{make_words(*another, 16)}}); }));
  EXPECT_TRUE(is_refused([&] { graph->rebind(node, {{data}, {data}}); }));
  EXPECT_TRUE(is_refused([&] { graph->rebind(node, {{data, 0, 100}}); }));
  EXPECT_TRUE(is_refused([&] { graph->rebind(fill, {{small}}); }));
  EXPECT_TRUE(is_refused([&] { graph->rebind(host, {{data}}); }));
  EXPECT_TRUE(is_refused([&] { graph->rebind(GraphNode{3}, {{data}}); }));
  EXPECT_TRUE(is_refused([&] { graph->set_constants(node, std::uint64_t{1}); }));
  EXPECT_TRUE(is_refused([&] { graph->set_constants(fill, 1U); }));
  ASSERT_TRUE(is_ok(graph->replay(queue()).wait()));
  EXPECT_EQ(read_words(device(), data), Words(16, 4));
}

TEST_P(GraphTest, EdgesMayComeTwiceAndInAnyOrderButNotLater) {
  std::vector<int> order;  // Plain: the edges order the calls.
  std::vector<GraphNode> nodes;
  for (int i = 0; i < 5; ++i) {
    nodes.push_back(call([&order, i] { order.push_back(i); }));
  }
  for (int again = 0; again < 2; ++again) {
    builder().depend(nodes[2], nodes[0]);
    builder().depend(nodes[1], nodes[2]);
    builder().depend(nodes[3], nodes[1]);
    builder().depend(nodes[3], nodes[0]);
    builder().depend(nodes[0], nodes[4]);
  }
  const std::shared_ptr<Graph> graph = builder().instantiate();
  builder().depend(nodes[4], call([&order] { order.push_back(5); }));
  graph->replay(queue());
  builder().instantiate()->replay(queue());
  ASSERT_TRUE(is_ok(graph->replay(queue()).wait()));
  EXPECT_EQ(graph->node_count(), 5U);
  EXPECT_EQ(order, (std::vector{3, 1, 2, 0, 4, 3, 1, 2, 0, 4, 5, 3, 1, 2, 0, 4}));
}

// --- refusals

TEST_P(GraphTest, ACycleIsRefusedByName) {
  std::vector<GraphNode> nodes;
  for (int i = 0; i < 6; ++i) nodes.push_back(call([] {}));
  builder().depend(nodes[0], nodes[2]);
  builder().depend(nodes[2], nodes[3]);
  builder().depend(nodes[3], nodes[4]);
  EXPECT_EQ(builder().instantiate()->node_count(), 6U);
  builder().depend(nodes[4], nodes[2]);
  builder().depend(nodes[4], nodes[5]);
  try {
    builder().instantiate();
    FAIL() << "accepted a cycle";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::invalid_argument);
    const std::string message = error.what();
    EXPECT_TRUE(message.find("2 -> 3 -> 4 -> 2") != std::string::npos ||
                message.find("3 -> 4 -> 2 -> 3") != std::string::npos ||
                message.find("4 -> 2 -> 3 -> 4") != std::string::npos)
        << message;
    EXPECT_NE(message.find("under test"), std::string::npos) << message;
  }
}

TEST_P(GraphTest, MisuseIsRefusedAndAddsNothing) {
  const std::shared_ptr<Buffer> data = make_words(device(), 16);
  const auto kernel = device().create_kernel(write_kernel());
  const GraphNode node = builder().fill({data}, 1);
  EXPECT_EQ(thrown_code([&] { builder().depend(node, node); }),
            StatusCode::invalid_argument);
  EXPECT_EQ(thrown_code([&] { builder().depend(node, GraphNode{1}); }),
            StatusCode::invalid_argument);
  EXPECT_TRUE(is_refused([&] { builder().dispatch(kernel, {1, 1, 1}, {}, 1U); }));
  EXPECT_TRUE(is_refused([&] { builder().dispatch(nullptr, {1, 1, 1}, {}); }));
  EXPECT_TRUE(is_refused([&] { builder().copy({data, 0, 8}, {data, 4, 8}); }));
  EXPECT_TRUE(is_refused([&] { builder().fill({data, 1, 4}, 1); }));
  EXPECT_TRUE(is_refused([&] { builder().host_call({}); }));
  EXPECT_TRUE(is_refused([&] { builder().library_call({}); }));
  EXPECT_EQ(builder().instantiate()->node_count(), 1U);
}

}  // namespace
}  // namespace assay::conformance
