// SPDX-License-Identifier: MIT
#include "regression/measure/ceiling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

namespace assay::measure {
namespace {

// A machine whose looks show these, then the last one for ever.
struct Looks {
  std::vector<double> shown;
  int taken = 0;
  double operator()() {
    const std::size_t i = std::min(static_cast<std::size_t>(taken++), shown.size() - 1);
    return shown[i];
  }
};

TEST(CeilingTest, ARateBelowItNeedsNoLook) {
  Looks looks{{900}};
  EXPECT_EQ(raised_ceiling(200, 250, std::ref(looks)), 250);
  EXPECT_EQ(looks.taken, 0);
}

TEST(CeilingTest, ABusyMachineIsLookedAtUntilItIsFree) {
  Looks looks{{240, 230, 512}};
  EXPECT_EQ(raised_ceiling(263, 248, std::ref(looks)), 512);
  EXPECT_EQ(looks.taken, 3);
}

TEST(CeilingTest, ARateAboveTheMachineStaysAboveIt) {
  Looks looks{{500, 510, 505}};
  EXPECT_EQ(raised_ceiling(2000, 490, std::ref(looks)), 510);
  EXPECT_EQ(looks.taken, kMoreLooks);
}

TEST(CeilingTest, LooksEndWithTheAccusationOrAtTheMost) {
  int looks = 0;
  look_again([&] { return looks < 3; }, [&] { ++looks; });
  EXPECT_EQ(looks, 3);
  look_again([&] { return true; }, [&] { ++looks; });
  EXPECT_EQ(looks, 3 + kMoreLooks);
  look_again([&] { return false; }, [&] { ++looks; });
  EXPECT_EQ(looks, 3 + kMoreLooks);
}

TEST(CeilingTest, NoNumberIsNoReasonToLook) {
  Looks looks{{500}};
  EXPECT_EQ(
      raised_ceiling(std::numeric_limits<double>::quiet_NaN(), 490, std::ref(looks)),
      490);
  EXPECT_EQ(looks.taken, 0);
}

TEST(CeilingTest, TheFastestEpochOfBothArmsCounts) {
  ProcessSamples process;
  EXPECT_EQ(fastest_gflops(process, 100), 0);
  process.blocks.resize(2);
  process.blocks[0].custom_ns = {50, 40};
  process.blocks[0].library_ns = {20, 0};
  process.blocks[1].custom_ns = {10, 30};
  process.blocks[1].library_ns = {25, 30};
  EXPECT_EQ(fastest_gflops(process, 100), 10);
  EXPECT_EQ(fastest_gflops(process, 0), 0);
}

// 300 bytes in 5 ns: 60 GB/s, which a triad of 45 GB/s allows for what only reads.
ProcessSamples sixty_gbs() {
  ProcessSamples process;
  process.blocks.resize(1);
  process.blocks[0].custom_ns = {5, 8};
  process.blocks[0].library_ns = {7, 9};
  return process;
}

TEST(CeilingTest, ATriadThatWasTakenOnABusyMachineIsLookedAtAgain) {
  Looks looks{{20, 31, 44, 48, 99}};
  int left = kMoreLooks;
  EXPECT_EQ(raised_triad(sixty_gbs(), 300, 45, left, std::ref(looks)), 45);
  EXPECT_EQ(looks.taken, 0) << "4/3 of it are honest";
  EXPECT_EQ(raised_triad(sixty_gbs(), 300, 22, left, std::ref(looks)), 48);
  EXPECT_EQ(looks.taken, 4);
  EXPECT_EQ(left, kMoreLooks - 4);
}

TEST(CeilingTest, BytesThatCannotBeAreNotLookedAfterForEver) {
  Looks looks{{20}};
  int left = kMoreLooks;
  EXPECT_EQ(raised_triad(sixty_gbs(), 3000, 22, left, std::ref(looks)), 22);
  EXPECT_EQ(looks.taken, kMoreLooks);
  EXPECT_EQ(raised_triad(sixty_gbs(), 3000, 22, left, std::ref(looks)), 22);
  EXPECT_EQ(looks.taken, kMoreLooks) << "the next process has none left";
}

TEST(CeilingTest, WhatTheCacheHoldsNeedsNoTriad) {
  EXPECT_EQ(beyond_cache(100, 32), 36);
  Looks looks{{20}};
  int left = kMoreLooks;
  const double bytes = beyond_cache(300, 160);
  EXPECT_EQ(raised_triad(sixty_gbs(), bytes, 1, left, std::ref(looks)), 1);
  EXPECT_EQ(looks.taken, 0);
}

}  // namespace
}  // namespace assay::measure
