// SPDX-License-Identifier: MIT
#include "backends/vgpu/seats.h"

#include <gtest/gtest.h>

#include <set>

namespace assay::vgpu {
namespace {

TEST(SeatsTest, EverySeatIsHandedOutOnce) {
  Seats seats(5);
  std::set<unsigned> taken;
  while (seats.free() > 0) taken.insert(seats.take());
  EXPECT_EQ(taken, (std::set<unsigned>{0, 1, 2, 3, 4}));
  EXPECT_EQ(seats.taken(), 5U);
}

TEST(SeatsTest, ALoneThreadKeepsUnitZero) {
  Seats seats(3);
  for (int i = 0; i < 4; ++i) {
    const unsigned seat = seats.take();
    EXPECT_EQ(seat, 0U);
    seats.give(seat);
  }
}

}  // namespace
}  // namespace assay::vgpu
