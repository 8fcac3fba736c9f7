// SPDX-License-Identifier: MIT
#include "backends/vgpu/seats.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace assay::vgpu {
namespace {

TEST(SeatsTest, EverySeatIsHandedOutOnce) {
  for (const unsigned count : {1U, 5U, 64U, 65U, Seats::kMost}) {
    Seats seats(count);
    EXPECT_EQ(seats.free(), count);
    std::set<unsigned> taken;
    for (unsigned i = 0; i < count; ++i) taken.insert(seats.take());
    EXPECT_EQ(taken.size(), count);
    EXPECT_EQ(*taken.rbegin(), count - 1);
    EXPECT_EQ(seats.free(), 0U);
    EXPECT_EQ(seats.taken(), count);
    EXPECT_EQ(seats.take(), Seats::kNone);
  }
}

TEST(SeatsTest, ALoneThreadKeepsUnitZero) {
  Seats seats(3);
  for (int i = 0; i < 4; ++i) {
    const unsigned seat = seats.take();
    EXPECT_EQ(seat, 0U);
    seats.give(seat);
  }
}

TEST(SeatsTest, AWantedSeatIsHadWhenItIsFree) {
  Seats seats(70);
  EXPECT_EQ(seats.take(69), 69U);
  EXPECT_EQ(seats.take(69), 0U);
  EXPECT_EQ(seats.take(70), 1U);
  seats.give(69);
  EXPECT_EQ(seats.take(69), 69U);
}

TEST(SeatsTest, ASeatHasOneHolder) {
  constexpr unsigned kSeats = 3;
  Seats seats(kSeats);
  std::array<int, kSeats> uses{};  // plain: who holds the seat is alone with it
  std::atomic<int> all{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 5000; ++round) {
          const unsigned seat = seats.take(i);
          if (seat == Seats::kNone) continue;
          ++uses.at(seat);
          ++all;
          seats.give(seat);
        }
      });
    }
  }
  EXPECT_EQ(uses[0] + uses[1] + uses[2], all);
  EXPECT_EQ(seats.free(), kSeats);
}

}  // namespace
}  // namespace assay::vgpu
