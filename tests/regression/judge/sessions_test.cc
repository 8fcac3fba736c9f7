// SPDX-License-Identifier: MIT
// Whole sessions with a known truth: drift, order effects, noise between processes,
// spoiled blocks. Seeded, so each is the same on every run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "regression/judge/arms.h"
#include "regression/judge/distributions.h"
#include "regression/judge/verdict.h"
#include "tests/regression/judge/made_up.h"

namespace assay::judge {
namespace {

using measure::Block;
using measure::Comparison;
using testing::HasSubstr;

// splitmix64 (Vigna, public domain): the standard's distributions differ between
// libraries.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  double uniform() {  // in (0, 1)
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    z ^= z >> 31U;
    return (static_cast<double>(z >> 11U) + 0.5) * 0x1p-53;
  }
  double normal() { return normal_quantile(uniform()); }

 private:
  std::uint64_t state_;
};

// The four epochs of a block in the order they ran: A B B A or B A A B.
template <class Time>
void fill(Block& block, const Time& time) {
  auto& first = block.custom_first ? block.custom_ns : block.library_ns;
  auto& second = block.custom_first ? block.library_ns : block.custom_ns;
  first[0] = time(0, block.custom_first);
  second[0] = time(1, !block.custom_first);
  second[1] = time(2, !block.custom_first);
  first[1] = time(3, block.custom_first);
}

TEST(SessionTest, DriftOfTheMachineIsNoDifference) {
  Comparison comparison = steady();
  double clock = 1e6;
  for_each_block(comparison, [&](std::size_t, std::size_t, Block& block) {
    // The machine slows down by 0.2 % from each epoch to the next: 37 % over the
    // session.
    fill(block, [&](int, bool) { return clock *= 1.002; });
  });
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.speed, Speed::equal);
  EXPECT_NEAR(judged.ratio, 1, 1e-9);
}

TEST(SessionTest, AFirstPositionPenaltyCancelsOverBothOrders) {
  Comparison comparison = steady();
  const auto penalty = [](int position, bool) { return position == 0 ? 1.02e6 : 1e6; };
  for_each_block(comparison,
                 [&](std::size_t, std::size_t, Block& block) { fill(block, penalty); });
  EXPECT_NEAR(judge(comparison).ratio, 1, 1e-9);
  // With one order for all it is a difference, and an interval of no width around it:
  // the sampler has to shuffle, the judge cannot see it.
  for_each_block(comparison, [&](std::size_t, std::size_t, Block& block) {
    block.custom_first = true;
    fill(block, penalty);
  });
  EXPECT_LT(judge(comparison).ratio, 0.991);
}

Comparison noisy(Random& random, double log_ratio, double process_sd, double block_sd) {
  Comparison comparison = steady();
  for (auto& process : comparison.processes) {
    const double effect = log_ratio + process_sd * random.normal();
    for (Block& block : process.blocks) {
      block.custom_ns = {1e6, 1e6};
      const double library = 1e6 * std::exp(effect + block_sd * random.normal());
      block.library_ns = {library, library};
    }
  }
  return comparison;
}

// Coverage of the interval for a truth of 1: 95 % within three standard errors.
TEST(SessionTest, TheIntervalCoversTheTruthAsOftenAsItSays) {
  Random random(20240607);
  constexpr int kSessions = 2000;
  int covered = 0;
  int claimed = 0;
  for (int i = 0; i < kSessions; ++i) {
    const Judged judged = judge(noisy(random, 0, 0.01, 0.02));
    if (judged.interval.low <= 1 && 1 <= judged.interval.high) ++covered;
    if (judged.speed == Speed::faster || judged.speed == Speed::slower) ++claimed;
  }
  const double share = static_cast<double>(covered) / kSessions;
  EXPECT_NEAR(share, 0.95, 3 * std::sqrt(0.95 * 0.05 / kSessions));
  // Two arms alike are called different less often than that.
  EXPECT_LE(claimed, 0.06 * kSessions);
}

// Taking blocks and not processes for the unit would claim a difference most of the
// time.
TEST(SessionTest, NoiseBetweenProcessesIsNotAveragedAwayByBlocks) {
  Random random(7);
  int claimed = 0;
  for (int i = 0; i < 300; ++i) {
    const Judged judged = judge(noisy(random, 0, 0.05, 0.001));
    if (judged.speed == Speed::faster || judged.speed == Speed::slower) ++claimed;
  }
  EXPECT_LE(claimed, 27);  // 5 % are 15, three standard errors 11
}

TEST(SessionTest, ARealDifferenceIsFound) {
  Random random(11);
  int faster = 0;
  for (int i = 0; i < 100; ++i) {
    const Judged judged = judge(noisy(random, 0.10, 0.01, 0.02));
    if (judged.speed == Speed::faster) ++faster;
  }
  EXPECT_GE(faster, 99);
}

TEST(SessionTest, TheSameSamplesGiveTheSameJudgement) {
  Random random(3);
  const Comparison comparison = noisy(random, 0.01, 0.01, 0.02);
  const Judged first = judge(comparison);
  const Judged second = judge(comparison);
  EXPECT_EQ(first.ratio, second.ratio);
  EXPECT_EQ(first.interval.low, second.interval.low);
  EXPECT_EQ(first.reason, second.reason);
}

TEST(SpoiledBlocksTest, StolenTimeDropsABlock) {
  Comparison comparison = steady();
  // 44 ms a block; 1 % are 0.44 ms.
  Block& kept = comparison.processes[0].blocks[0];
  kept.spoilers.steal_ms = 0.4;
  Block& dropped = comparison.processes[1].blocks[0];
  dropped.spoilers.steal_ms = 0.5;
  dropped.library_ns = {9e6, 9e6};
  dropped.custom_ns = {1, 1};
  dropped.spoilers.steal_ms = 1000;
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.blocks_used, 39U);
  EXPECT_EQ(judged.blocks_dropped, 1U);
  EXPECT_EQ(judged.dropped_because, "1 for steal above 1 % of their time");
  EXPECT_EQ(judged.custom.min_ns, 1e6);
}

TEST(SpoiledBlocksTest, TheStealLimitIsAShareOfTheBlock) {
  for (const double steal_ms : {0.43, 0.45}) {
    Comparison comparison = steady();
    comparison.processes[1].blocks[0].spoilers.steal_ms = steal_ms;
    EXPECT_EQ(judge(comparison).blocks_dropped, steal_ms > 0.44 ? 1U : 0U) << steal_ms;
  }
}

// Steal is counted in ticks, one of which may be of before the block.
TEST(SpoiledBlocksTest, ATickMoreMayHaveBeenStolen) {
  for (const double steal_ms : {10.43, 10.45}) {
    Comparison comparison = steady();
    comparison.processes[1].blocks[0].spoilers.steal_ms = steal_ms;
    EXPECT_EQ(judge(comparison, {.steal_tick_ms = 10}).blocks_dropped,
              steal_ms > 10.44 ? 1U : 0U)
        << steal_ms;
  }
}

TEST(SpoiledBlocksTest, ManySwitchesDropABlockAndAFewDoNot) {
  for (const std::uint64_t switches : {3U, 4U, 50U}) {
    Comparison comparison = steady();
    comparison.processes[2].blocks[5].spoilers.involuntary_switches = switches;
    EXPECT_EQ(judge(comparison).blocks_dropped, switches >= 4 ? 1U : 0U) << switches;
  }
}

TEST(SpoiledBlocksTest, WhatIsUsualIsNotDropped) {
  Comparison comparison = steady();
  // 10, 11, 12, 13 in turn: no more than 3 deviations of 1 from the median.
  for_each_block(comparison, [](std::size_t, std::size_t b, Block& block) {
    block.spoilers.involuntary_switches = 10 + b % 4;
  });
  EXPECT_EQ(judge(comparison).blocks_dropped, 0U);
  comparison.processes[0].blocks[0].spoilers.involuntary_switches = 16;
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.blocks_dropped, 1U);
  EXPECT_EQ(judged.dropped_because, "1 for involuntary switches above 15");
}

// Many, and the same in all: no block stands out, so none is at fault.
TEST(SpoiledBlocksTest, WhatAllHaveIsNotDropped) {
  Comparison comparison = steady();
  for_each_block(comparison, [](std::size_t, std::size_t, Block& block) {
    block.spoilers.involuntary_switches = 6;
  });
  EXPECT_EQ(judge(comparison).blocks_dropped, 0U);
}

TEST(SpoiledBlocksTest, TooManyDroppedDecideNothing) {
  const auto with_dropped = [](std::size_t dropped) {
    Comparison comparison = steady();
    std::size_t count = 0;
    for_each_block(comparison, [&](std::size_t, std::size_t, Block& block) {
      if (count++ < dropped) block.spoilers.steal_ms = 10;
    });
    return judge(comparison);
  };
  EXPECT_EQ(with_dropped(10).verdict, Verdict::pass);
  // A process without any block left does not count as one.
  EXPECT_EQ(with_dropped(10).interval_kind, "t over 4 processes");
  const Judged judged = with_dropped(11);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_EQ(judged.speed, Speed::cannot_tell);
  EXPECT_THAT(judged.reason, HasSubstr("11 of 40 blocks dropped"));
}

TEST(SpoiledBlocksTest, NoBlockLeftIsNoRatio) {
  Comparison comparison = steady();
  for_each_block(comparison, [](std::size_t, std::size_t, Block& block) {
    block.spoilers.steal_ms = 10;
  });
  const Judged judged = judge(comparison);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_EQ(judged.speed, Speed::not_compared);
  EXPECT_EQ(judged.blocks_used, 0U);
  EXPECT_THAT(judged.reason, HasSubstr("all blocks dropped"));
}

// Blocks of process 0 whose probe says that others were on our cores.
measure::Comparison probed(std::size_t spoiled, double factor) {
  measure::Comparison comparison = steady();
  for_each_block(comparison, [&](std::size_t p, std::size_t b, measure::Block& block) {
    block.spoilers.probe_ns = p == 0 && b < spoiled ? 5000 * factor : 5000;
    if (p == 0 && b < spoiled) block.custom_ns.fill(2e6);
  });
  return comparison;
}

TEST(ProbeTest, ABlockWithALongProbeIsDropped) {
  const UsableBlocks blocks = usable_blocks(probed(3, 1.2), {.max_probe_factor = 1.1});
  EXPECT_EQ(blocks.dropped, 3U);
  EXPECT_EQ(blocks.dropped_because, "3 because others used our cores");
  EXPECT_EQ(blocks.processes[0].size(), 5U);
}

TEST(ProbeTest, UpToTheFactorItStays) {
  EXPECT_EQ(usable_blocks(probed(3, 1.1), {.max_probe_factor = 1.1}).dropped, 0U);
  EXPECT_EQ(usable_blocks(probed(3, 1.11), {.max_probe_factor = 1.1}).dropped, 3U);
}

TEST(ProbeTest, IsNotAskedWithoutAFactorOrAProbe) {
  EXPECT_EQ(usable_blocks(probed(3, 2), {}).dropped, 0U);
  EXPECT_EQ(usable_blocks(steady(), {.max_probe_factor = 1.1}).dropped, 0U);
}

// Two of forty that were too short, by a clock that was raised, spoil no others; and
// blocks without a probe are not taken for the shortest.
TEST(ProbeTest, AFewShortOnesAreNotTheMeasure) {
  for (const double probe_ns : {500.0, 0.0}) {
    measure::Comparison comparison = probed(3, 1.2);
    for (const std::size_t b : {0U, 1U}) {
      comparison.processes[4].blocks[b].spoilers.probe_ns = probe_ns;
    }
    EXPECT_EQ(usable_blocks(comparison, {.max_probe_factor = 1.1}).dropped, 3U)
        << probe_ns;
  }
  measure::Comparison comparison = probed(3, 1.2);
  for (measure::Block& block : comparison.processes[4].blocks) {
    block.spoilers.probe_ns = 0;
  }
  EXPECT_EQ(usable_blocks(comparison, {.max_probe_factor = 1.1}).dropped, 3U);
}

TEST(ProbeTest, NoProbeThatIsANumberIsNoPass) {
  EXPECT_EQ(usable_blocks(probed(3, std::numeric_limits<double>::quiet_NaN()),
                          {.max_probe_factor = 1.1})
                .dropped,
            3U);
}

TEST(ProbeTest, AProcessWithTooFewLeftIsLeftOut) {
  const Rules rules = {.max_probe_factor = 1.1, .min_process_blocks = 3};
  const UsableBlocks five = usable_blocks(probed(5, 1.2), rules);
  EXPECT_EQ(five.processes.size(), 5U);
  EXPECT_EQ(five.used, 35U);
  const UsableBlocks six = usable_blocks(probed(6, 1.2), rules);
  EXPECT_EQ(six.processes.size(), 4U);
  EXPECT_EQ(six.dropped, 8U);
  EXPECT_EQ(six.dropped_because,
            "6 because others used our cores, 2 in processes with too few others left");
}

}  // namespace
}  // namespace assay::judge
