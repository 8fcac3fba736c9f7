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
  std::shared_ptr<Device> device = open_device(GetParam());
  std::shared_ptr<Queue> a = device->create_queue({"a"});
  std::shared_ptr<Queue> b = device->create_queue({"b"});
  std::shared_ptr<Buffer> x = make_words(*device, 64);
  std::shared_ptr<Buffer> y = make_words(*device, 64);

  Commands fill(const BufferSlice& slice) {
    return record(*device, [&](CommandEncoder& encoder) { encoder.fill(slice, 1); });
  }
  Commands copy(const std::shared_ptr<Buffer>& from,
                const std::shared_ptr<Buffer>& to) {
    return record(*device,
                  [&](CommandEncoder& encoder) { encoder.copy({from}, {to}); });
  }
  // After everything is over.
  std::uint64_t found() {
    EXPECT_TRUE(is_ok(device->synchronize()));
    const HazardReport report = hazards_of(*device);
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
  const Point first = a->submit(fill({x}));
  // The test waits below the layer's sight, so that even under ThreadSanitizer the race
  // is one of the program and not of the run.
  while (a->timestamps(first) == std::nullopt) std::this_thread::yield();
  b->submit(copy(x, y));
  ASSERT_EQ(found(), 1U);
  const Race race = hazards_of(*device).races[0];
  EXPECT_EQ(race.first.queue, "a");
  EXPECT_EQ(race.first.submission, 1U);
  EXPECT_TRUE(race.first.write);
  EXPECT_EQ(race.second.queue, "b");
  EXPECT_FALSE(race.second.write);
  EXPECT_EQ(race.second.command, "copy");
  EXPECT_EQ(race.end - race.begin, 256U);
}

TEST_P(HazardTest, AnEdgeOrders) {
  const Point written = a->submit(fill({x}));
  const Point read = b->submit(copy(x, y), {written});
  a->submit(fill({x}), {read});
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, ATimelineOrdersAlsoBeforeItsSignal) {
  const auto line = device->create_timeline(0);
  b->submit(copy(x, y), {{line, 1}});
  a->submit(fill({x}), {}, {{line, 1}});
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, SlicesOfOneBufferAreApart) {
  a->submit(fill({x, 0, 128}));
  b->submit(fill({x, 128, 128}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AHostWaitOrders) {
  EXPECT_TRUE(is_ok(a->submit(fill({x})).wait()));
  EXPECT_TRUE(is_ok(b->submit(fill({x})).wait(std::chrono::seconds(5))));
  a->submit(fill({x}));
  EXPECT_TRUE(is_ok(a->synchronize()));
  const Point point = b->submit(fill({x}));
  while (!point.query()) std::this_thread::yield();
  a->submit(fill({x}));
  const Timeline& line = *a->last().timeline;
  while (line.value() < 3) std::this_thread::yield();
  b->submit(fill({x}));
  EXPECT_TRUE(is_ok(device->synchronize()));
  a->submit(fill({x}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AWaitThatTimedOutOrdersNothing) {
  const auto gate = device->create_timeline(0);
  const Point held = a->submit(fill({x}), {{gate, 1}});
  EXPECT_FALSE(held.wait(std::chrono::milliseconds(1)).ok());
  EXPECT_FALSE(device->synchronize(std::chrono::milliseconds(1)).ok());
  // Submitted behind the same gate, or both would run at once under ThreadSanitizer.
  b->submit(fill({x}), {{gate, 2}});
  gate->signal(1);
  while (a->timestamps(held) == std::nullopt) std::this_thread::yield();
  gate->signal(2);
  EXPECT_EQ(found(), 1U);
}

TEST_P(HazardTest, AHostCallOrdersWhatCameBeforeIt) {
  Gate reached;
  a->submit(fill({x}));
  a->submit(host_work(*device, [&] { reached.open(); }));
  EXPECT_TRUE(reached.wait());
  b->submit(fill({x}));
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, AKernelsDeclarationCounts) {
  const auto kernel = device->create_kernel(conformance::copy_kernel());
  const auto run = [&](const std::shared_ptr<Buffer>& from,
                       const std::shared_ptr<Buffer>& to) {
    return record(*device, [&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, {4, 1, 1}, {{from}, {to}});
    });
  };
  const auto z = make_words(*device, 64);
  a->submit(run(x, y));
  b->submit(run(x, z));
  EXPECT_EQ(found(), 0U) << "both only read x";
  const Point reader = a->submit(run(x, y));
  while (a->timestamps(reader) == std::nullopt) std::this_thread::yield();
  b->submit(run(z, x));
  ASSERT_EQ(found(), 1U) << "one reads x and one writes it";
  EXPECT_FALSE(hazards_of(*device).races[0].first.write);
  EXPECT_EQ(hazards_of(*device).races[0].second.command, "dispatch of 'copy'");
}

TEST_P(HazardTest, CommandsOfOneConcurrentSectionRace) {
  const auto section = [&](bool barrier, Ordering ordering) {
    return record(
        *device,
        [&](CommandEncoder& encoder) {
          encoder.copy({x}, {y});
          if (barrier) encoder.barrier();
          encoder.fill({x}, 2);
        },
        ordering);
  };
  section(true, Ordering::concurrent);
  section(false, Ordering::sequential);
  EXPECT_EQ(found(), 0U);
  section(false, Ordering::concurrent);
  ASSERT_EQ(found(), 1U);
  EXPECT_EQ(hazards_of(*device).races[0].first.command, "copy");
  EXPECT_EQ(hazards_of(*device).races[0].second.command, "fill");
}

TEST_P(HazardTest, ARejectedSubmitIsNotCompared) {
  a->submit(fill({x}));
  EXPECT_EQ(thrown_code([&] { b->submit(fill({x}), {Point{}}); }),
            StatusCode::invalid_argument);
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, ANewBufferIsNotTheOldOne) {
  for (int i = 0; i < 300; ++i) {
    const auto buffer = make_words(*device, 16);
    EXPECT_TRUE(is_ok((i % 2 == 0 ? a : b)->submit(fill({buffer})).wait()));
  }
  for (int i = 0; i < 300; ++i) {
    (i % 2 == 0 ? a : b)->submit(fill({make_words(*device, 16)}));
  }
  EXPECT_EQ(found(), 0U);
}

TEST_P(HazardTest, RepetitionsAreCountedAndListedOnce) {
  Point last;
  for (int i = 0; i < 20; ++i) {
    const auto& queue = i % 2 == 0 ? a : b;
    last = queue->submit(fill({x}));
    while (queue->timestamps(last) == std::nullopt) std::this_thread::yield();
  }
  EXPECT_GE(found(), 19U);
  EXPECT_EQ(hazards_of(*device).races.size(), 2U) << "a then b, b then a";
}

TEST(HazardLayerTest, AskingADeviceWithoutTheLayerIsRefused) {
  const auto device = open_device("inline://");
  EXPECT_EQ(thrown_code([&] { hazards_of(*device); }), StatusCode::failed_precondition);
}

}  // namespace
}  // namespace assay::layers
