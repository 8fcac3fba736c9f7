// SPDX-License-Identifier: MIT
// The happens-before rules one by one, and then against a search for paths on random
// programs.
#include "backends/layers/race_detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace assay::layers {
namespace {

using Races = std::vector<Race>;

DeclaredAccesses touches(std::uint64_t buffer, bool write, std::size_t begin = 0,
                         std::size_t end = 64) {
  return std::make_shared<const std::vector<DeclaredAccess>>(
      std::vector<DeclaredAccess>{{buffer, "x", begin, end, write, "command"}});
}
DeclaredAccesses writes(std::uint64_t buffer) { return touches(buffer, true); }
DeclaredAccesses reads(std::uint64_t buffer) { return touches(buffer, false); }

class RaceDetectorTest : public testing::Test {
 protected:
  RaceDetector detector_;
  RaceDetector::QueueIds a_ = detector_.add_queue("a");
  RaceDetector::QueueIds b_ = detector_.add_queue("b");
  std::uint32_t line_ = detector_.add_line(0);

  std::size_t submit(const RaceDetector::QueueIds& queue, std::uint64_t value,
                     DeclaredAccesses accesses, std::vector<LinePoint> waits = {},
                     std::vector<LinePoint> signals = {}) {
    return detector_
        .submit(queue.queue, value, "", std::move(accesses), std::move(waits),
                std::move(signals))
        .size();
  }
};

TEST_F(RaceDetectorTest, WritesOfTwoQueuesRaceWithoutAnEdge) {
  EXPECT_EQ(submit(a_, 1, writes(7)), 0U);
  EXPECT_EQ(submit(b_, 1, writes(7)), 1U);
}

TEST_F(RaceDetectorTest, AReadAndAWriteRaceInEitherOrder) {
  EXPECT_EQ(submit(a_, 1, reads(7)), 0U);
  EXPECT_EQ(submit(b_, 1, writes(7)), 1U);
  EXPECT_EQ(submit(b_, 2, writes(8)), 0U);
  EXPECT_EQ(submit(a_, 2, reads(8)), 1U);
}

TEST_F(RaceDetectorTest, ReadsDoNotRace) {
  EXPECT_EQ(submit(a_, 1, reads(7)), 0U);
  EXPECT_EQ(submit(b_, 1, reads(7)), 0U);
}

TEST_F(RaceDetectorTest, OtherBytesAndOtherBuffersDoNotRace) {
  EXPECT_EQ(submit(a_, 1, touches(7, true, 0, 64)), 0U);
  EXPECT_EQ(submit(b_, 1, touches(7, true, 64, 128)), 0U);
  EXPECT_EQ(submit(b_, 2, touches(8, true, 0, 64)), 0U);
  EXPECT_EQ(submit(b_, 3, touches(7, true, 63, 64)), 1U);
}

TEST_F(RaceDetectorTest, AQueueOrdersItself) {
  for (std::uint64_t i = 1; i <= 10; ++i) EXPECT_EQ(submit(a_, i, writes(7)), 0U);
}

TEST_F(RaceDetectorTest, APointOrders) {
  submit(a_, 1, writes(7));
  EXPECT_EQ(submit(b_, 1, writes(7), {{a_.line, 1}}), 0U);
}

TEST_F(RaceDetectorTest, AnEarlierPointDoesNot) {
  submit(a_, 1, nullptr);
  submit(a_, 2, writes(7));
  EXPECT_EQ(submit(b_, 1, writes(7), {{a_.line, 1}}), 1U);
}

TEST_F(RaceDetectorTest, OrderIsTransitive) {
  const RaceDetector::QueueIds c = detector_.add_queue("c");
  submit(a_, 1, writes(7));
  submit(c, 1, nullptr, {{a_.line, 1}}, {{line_, 5}});
  EXPECT_EQ(submit(b_, 1, nullptr, {{line_, 4}}), 0U) << "a larger value meets it";
  EXPECT_EQ(submit(b_, 2, writes(7)), 0U) << "and what follows in the queue";
}

TEST_F(RaceDetectorTest, AWaitBeforeItsSignalIsComparedWhenTheSignalComes) {
  EXPECT_EQ(submit(b_, 1, writes(7), {{line_, 1}}), 0U);
  EXPECT_EQ(submit(b_, 2, writes(8)), 0U) << "behind it in its queue";
  EXPECT_EQ(detector_.pending(), 2U);
  EXPECT_EQ(submit(a_, 1, writes(7), {}, {{line_, 1}}), 0U);
  EXPECT_EQ(detector_.pending(), 0U);
  EXPECT_EQ(submit(a_, 2, writes(8)), 1U);
}

TEST_F(RaceDetectorTest, TheHostOrdersWhatItWaitedFor) {
  submit(a_, 1, writes(7));
  detector_.host_observes({a_.line, 1});
  EXPECT_EQ(submit(b_, 1, writes(7)), 0U);
}

TEST_F(RaceDetectorTest, WhatTheHostSawLaterOrdersNothingSubmittedBefore) {
  submit(a_, 1, writes(7));
  submit(b_, 1, writes(7), {{line_, 1}});
  detector_.host_observes({a_.line, 1});
  // The signal carries what the host knows: b waits for it.
  Races races;
  EXPECT_TRUE(detector_.host_signal({line_, 1}, races));
  EXPECT_TRUE(races.empty());
}

TEST_F(RaceDetectorTest, AHostSignalCarriesOnlyWhatTheHostKnows) {
  submit(a_, 1, writes(7));
  submit(b_, 1, writes(7), {{line_, 1}});
  Races races;
  EXPECT_TRUE(detector_.host_signal({line_, 1}, races));
  EXPECT_EQ(races.size(), 1U);
}

TEST_F(RaceDetectorTest, ARefusedSignalLeavesNothingBehind) {
  Races races;
  EXPECT_TRUE(detector_.host_signal({line_, 3}, races));
  EXPECT_FALSE(detector_.host_signal({line_, 2}, races)) << "it is there already";
  EXPECT_TRUE(detector_.host_signal({line_, 9}, races));
  detector_.retract_host_signal({line_, 9});
  submit(b_, 1, writes(7), {{line_, 9}});
  EXPECT_EQ(detector_.pending(), 1U);
}

TEST_F(RaceDetectorTest, SubmissionsToldOutOfOrderKeepTheirOrder) {
  EXPECT_EQ(submit(a_, 2, writes(7)), 0U);
  EXPECT_EQ(detector_.pending(), 1U) << "its predecessor is not known yet";
  EXPECT_EQ(submit(a_, 1, writes(7)), 0U);
  EXPECT_EQ(detector_.pending(), 0U);
  EXPECT_EQ(submit(b_, 1, writes(7), {{a_.line, 2}}), 0U);
}

TEST_F(RaceDetectorTest, AForgottenBufferIsNotCompared) {
  submit(a_, 1, writes(7));
  detector_.forget(7);
  EXPECT_EQ(submit(b_, 1, writes(7)), 0U);
}

TEST_F(RaceDetectorTest, TheMessageNamesBothSidesAndTheCure) {
  detector_.submit(a_.queue, 1, "producer", writes(7), {}, {});
  const Races races = detector_.submit(b_.queue, 1, "consumer", reads(7), {}, {});
  ASSERT_EQ(races.size(), 1U);
  EXPECT_EQ(
      races[0].to_string(),
      "race for bytes [0, 64) of buffer 'x': write by submission 1 of queue 'a' "
      "('producer'), command; read by submission 1 of queue 'b' ('consumer'), "
      "command; nothing orders them: let the second wait for point 1 of queue 'a'");
}

// A random program, some of whose edges may be missing, told in a random interleaving.
struct Program {
  static constexpr std::size_t kQueues = 4;
  struct Step {
    std::size_t queue = 0;
    std::uint64_t value = 0;
    std::uint64_t buffer = 0;
    bool write = false;
    std::vector<std::size_t> after;
    bool by_line = false;
  };
  std::vector<Step> steps;
  std::vector<std::vector<bool>> before;  // before[i][j]: step i precedes step j

  Program(unsigned seed, unsigned drop_one_in) {
    std::mt19937 random(seed);
    std::array<std::uint64_t, kQueues> values = {};
    for (std::size_t i = 0; i < 30; ++i) {
      Step step;
      step.queue = random() % kQueues;
      step.value = ++values.at(step.queue);
      step.buffer = 1 + random() % 4;
      step.write = random() % 3 == 0;
      step.by_line = random() % 3 == 0;
      before.emplace_back(30, false);
      for (std::size_t j = 0; j < i; ++j) {
        const bool conflict =
            steps[j].buffer == step.buffer && (steps[j].write || step.write);
        const bool same_queue = steps[j].queue == step.queue;
        if (conflict && !same_queue && (drop_one_in == 0 || random() % drop_one_in)) {
          step.after.push_back(j);
        }
        if (!same_queue && (step.after.empty() || step.after.back() != j)) continue;
        before[j][i] = true;
        for (std::size_t k = 0; k < j; ++k) {
          if (before[k][j]) before[k][i] = true;
        }
      }
      steps.push_back(step);
    }
  }
  bool has_race() const {
    for (std::size_t j = 0; j < steps.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        if (steps[i].buffer == steps[j].buffer && (steps[i].write || steps[j].write) &&
            !before[i][j]) {
          return true;
        }
      }
    }
    return false;
  }
  std::size_t races_found(unsigned seed) const {
    std::mt19937 random(seed);
    RaceDetector detector;
    std::vector<RaceDetector::QueueIds> queues;
    for (std::size_t q = 0; q < kQueues; ++q) queues.push_back(detector.add_queue(""));
    std::vector<LinePoint> points;
    for (const Step& step : steps) {
      points.push_back({step.by_line ? detector.add_line(0) : queues[step.queue].line,
                        step.by_line ? 1 : step.value});
    }
    std::array<std::size_t, kQueues> next = {};
    std::size_t found = 0;
    for (std::size_t told = 0; told < steps.size();) {
      const std::size_t q = random() % kQueues;
      std::size_t& i = next.at(q);
      while (i < steps.size() && steps[i].queue != q) ++i;
      if (i == steps.size()) continue;
      const Step& step = steps[i];
      std::vector<LinePoint> waits;
      for (const std::size_t other : step.after) waits.push_back(points[other]);
      std::vector<LinePoint> signals;
      if (step.by_line) signals.push_back(points[i]);
      found += detector
                   .submit(queues[q].queue, step.value, "",
                           touches(step.buffer, step.write), waits, signals)
                   .size();
      ++i;
      ++told;
    }
    EXPECT_EQ(detector.pending(), 0U);
    return found;
  }
};

TEST(RaceDetectorFuzzTest, FindsARaceExactlyWhereNoPathOrders) {
  int racing = 0;
  int silent = 0;
  for (unsigned seed = 1; seed <= 600; ++seed) {
    const Program program(seed, seed % 2 == 0 ? 0 : 2 + seed % 12);
    const bool expected = program.has_race();
    ++(expected ? racing : silent);
    ASSERT_EQ(program.races_found(seed) != 0, expected) << "seed " << seed;
  }
  // Both kinds were there.
  EXPECT_GT(racing, 100);
  EXPECT_GT(silent, 300);
}

}  // namespace
}  // namespace assay::layers
