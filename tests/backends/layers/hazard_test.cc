// SPDX-License-Identifier: MIT
// The hazard layer on devices: seeded races are found, also where the device happens to
// run them in order; correct programs are silent.
#include "backends/layers/hazard.h"

#include <gtest/gtest.h>

#include <thread>

#include "backends/registry.h"
#include "tests/conformance/recipes.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"

namespace assay::layers {
namespace {

using conformance::Commands;
using conformance::host_work;
using conformance::make_words;
using conformance::record;
using testing_support::Gate;
using testing_support::is_ok;
using testing_support::thrown_code;

// The inline device runs everything in order, so no value ever comes out wrong.
class HazardTest : public testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<Device> device_ = open_device(GetParam());
  std::shared_ptr<Queue> a_ = device_->create_queue({"a"});
  std::shared_ptr<Queue> b_ = device_->create_queue({"b"});
  std::shared_ptr<Buffer> x_ = make_words(*device_, 64);
  std::shared_ptr<Buffer> y_ = make_words(*device_, 64);

  Commands fill(const BufferSlice& slice) {
    return record(*device_, [&](CommandEncoder& encoder) { encoder.fill(slice, 1); });
  }
  Commands copy(const std::shared_ptr<Buffer>& from,
                const std::shared_ptr<Buffer>& to) {
    return record(*device_,
                  [&](CommandEncoder& encoder) { encoder.copy({from}, {to}); });
  }
  // After everything is over.
  std::uint64_t found() {
    EXPECT_TRUE(is_ok(device_->synchronize()));
    const HazardReport report = hazards_of(*device_);
    EXPECT_EQ(report.pending, 0U);
    EXPECT_EQ(report.found == 0, report.races.empty());
    return report.found;
  }
};
INSTANTIATE_TEST_SUITE_P(Device, HazardTest,
                         testing::Values("hazard(quiet=1)+inline://",
                                         "hazard(quiet=1)+trace+vgpu://?cus=1&"
                                         "executor=std"));

TEST_P(HazardTest, TwoQueuesWithoutAnEdgeRace) {
  const Point first = a_->submit(fill({x_}));
  // The test waits below the layer's sight, so that even under ThreadSanitizer the race
  // is one of the program and not of the run.
  while (a_->timestamps(first) == std::nullopt) std::this_thread::yield();
  b_->submit(copy(x_, y_));
  ASSERT_EQ(found(), 1U);
  const Race race = hazards_of(*device_).races[0];
  EXPECT_EQ(race.first.queue, "a");
  EXPECT_EQ(race.first.submission, 1U);
  EXPECT_TRUE(race.first.write);
  EXPECT_EQ(race.second.queue, "b");
  EXPECT_FALSE(race.second.write);
  EXPECT_EQ(race.second.command, "copy");
  EXPECT_EQ(race.end - race.begin, 256U);
}

TEST_P(HazardTest, AnEdgeOrders) {
  const Point written = a_->submit(fill({x_}));
  const Point read = b_->submit(copy(x_, y_), {written});
  a_->submit(fill({x_}), {read});
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, ATimelineOrdersAlsoBeforeItsSignal) {
  const auto line = device_->create_timeline(0);
  b_->submit(copy(x_, y_), {{line, 1}});
  a_->submit(fill({x_}), {}, {{line, 1}});
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, SlicesOfOneBufferAreApart) {
  a_->submit(fill({x_, 0, 128}));
  b_->submit(fill({x_, 128, 128}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AHostWaitOrders) {
  EXPECT_TRUE(is_ok(a_->submit(fill({x_})).wait()));
  EXPECT_TRUE(is_ok(b_->submit(fill({x_})).wait(std::chrono::seconds(5))));
  a_->submit(fill({x_}));
  EXPECT_TRUE(is_ok(a_->synchronize()));
  const Point point = b_->submit(fill({x_}));
  while (!point.query()) std::this_thread::yield();
  a_->submit(fill({x_}));
  const Timeline& line = *a_->last().timeline;
  while (line.value() < 3) std::this_thread::yield();
  b_->submit(fill({x_}));
  EXPECT_TRUE(is_ok(device_->synchronize()));
  a_->submit(fill({x_}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AWaitThatTimedOutOrdersNothing) {
  const auto gate = device_->create_timeline(0);
  const Point held = a_->submit(fill({x_}), {{gate, 1}});
  EXPECT_FALSE(held.wait(std::chrono::milliseconds(1)).ok());
  EXPECT_FALSE(device_->synchronize(std::chrono::milliseconds(1)).ok());
  // Submitted behind the same gate, or both would run at once under ThreadSanitizer.
  b_->submit(fill({x_}), {{gate, 2}});
  gate->signal(1);
  while (a_->timestamps(held) == std::nullopt) std::this_thread::yield();
  gate->signal(2);
  EXPECT_EQ(found(), 1U);
}

TEST_P(HazardTest, AHostCallOrdersWhatCameBeforeIt) {
  Gate reached;
  a_->submit(fill({x_}));
  a_->submit(host_work(*device_, [&] { reached.open(); }));
  EXPECT_TRUE(reached.wait());
  b_->submit(fill({x_}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AKernelsDeclarationCounts) {
  const auto kernel = device_->create_kernel(conformance::copy_kernel());
  const auto run = [&](const std::shared_ptr<Buffer>& from,
                       const std::shared_ptr<Buffer>& to) {
    return record(*device_, [&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, {4, 1, 1}, {{from}, {to}});
    });
  };
  const auto z = make_words(*device_, 64);
  a_->submit(run(x_, y_));
  b_->submit(run(x_, z));
  EXPECT_EQ(found(), 0U) << "both only read x";
  const Point reader = a_->submit(run(x_, y_));
  while (a_->timestamps(reader) == std::nullopt) std::this_thread::yield();
  b_->submit(run(z, x_));
  ASSERT_EQ(found(), 1U) << "one reads x and one writes it";
  EXPECT_FALSE(hazards_of(*device_).races[0].first.write);
  EXPECT_EQ(hazards_of(*device_).races[0].second.command, "dispatch of 'copy'");
}

TEST_P(HazardTest, CommandsOfOneConcurrentSectionRace) {
  const auto section = [&](bool barrier, Ordering ordering) {
    return record(
        *device_,
        [&](CommandEncoder& encoder) {
          encoder.copy({x_}, {y_});
          if (barrier) encoder.barrier();
          encoder.fill({x_}, 2);
        },
        ordering);
  };
  section(true, Ordering::concurrent);
  section(false, Ordering::sequential);
  EXPECT_EQ(found(), 0U);
  section(false, Ordering::concurrent);
  ASSERT_EQ(found(), 1U);
  EXPECT_EQ(hazards_of(*device_).races[0].first.command, "copy");
  EXPECT_EQ(hazards_of(*device_).races[0].second.command, "fill");
}

TEST_P(HazardTest, NodesWithoutAPathRace) {
  const auto graph = [&](bool edges) {
    const auto builder = device_->create_graph_builder({"g"});
    const GraphNode copy = builder->copy({x_}, {y_});
    const GraphNode between = builder->host_call({"", [] { return Status(); }});
    const GraphNode fill = builder->fill({x_}, 2);
    if (edges) builder->depend(copy, between);
    builder->depend(between, fill);
    return builder->instantiate();
  };
  EXPECT_TRUE(is_ok(graph(true)->replay(*a_).wait()));
  EXPECT_EQ(found(), 0U);
  graph(false);
  ASSERT_EQ(found(), 1U);
  EXPECT_EQ(hazards_of(*device_).races[0].first.command, "copy");
  EXPECT_EQ(hazards_of(*device_).races[0].second.command, "fill");
}

TEST_P(HazardTest, AReplayTouchesWhatItsNodesDo) {
  const auto builder = device_->create_graph_builder();
  const GraphNode node = builder->fill({x_}, 2);
  const std::shared_ptr<Graph> graph = builder->instantiate();
  Point last = a_->submit(fill({x_}));
  while (a_->timestamps(last) == std::nullopt) std::this_thread::yield();
  last = graph->replay(*b_);
  while (b_->timestamps(last) == std::nullopt) std::this_thread::yield();
  EXPECT_EQ(found(), 1U);
  graph->rebind(node, {{y_}});
  a_->submit(fill({x_}));
  graph->replay(*b_);
  EXPECT_EQ(found(), 1U) << "bound to other memory";
}

TEST_P(HazardTest, ANodeThatIsBoundAnewIsComparedAnew) {
  const auto builder = device_->create_graph_builder();
  const GraphNode first = builder->fill({x_, 0, 64}, 1);
  builder->fill({x_, 64, 64}, 2);
  const std::shared_ptr<Graph> graph = builder->instantiate();
  EXPECT_EQ(found(), 0U);
  graph->rebind(first, {{x_, 32, 64}});
  EXPECT_EQ(found(), 1U);
}

TEST_P(HazardTest, ARejectedSubmitIsNotCompared) {
  a_->submit(fill({x_}));
  EXPECT_EQ(thrown_code([&] { b_->submit(fill({x_}), {Point{}}); }),
            StatusCode::invalid_argument);
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, ANewBufferIsNotTheOldOne) {
  for (int i = 0; i < 300; ++i) {
    const auto buffer = make_words(*device_, 16);
    EXPECT_TRUE(is_ok((i % 2 == 0 ? a_ : b_)->submit(fill({buffer})).wait()));
  }
  for (int i = 0; i < 300; ++i) {
    (i % 2 == 0 ? a_ : b_)->submit(fill({make_words(*device_, 16)}));
  }
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, RepetitionsAreCountedAndListedOnce) {
  Point last;
  for (int i = 0; i < 20; ++i) {
    const auto& queue = i % 2 == 0 ? a_ : b_;
    last = queue->submit(fill({x_}));
    while (queue->timestamps(last) == std::nullopt) std::this_thread::yield();
  }
  EXPECT_GE(found(), 19U);
  EXPECT_EQ(hazards_of(*device_).races.size(), 2U) << "a then b, b then a";
}

TEST(HazardLayerTest, AskingADeviceWithoutTheLayerIsRefused) {
  const auto device = open_device("inline://");
  EXPECT_EQ(thrown_code([&] { hazards_of(*device); }), StatusCode::failed_precondition);
}

}  // namespace
}  // namespace assay::layers
