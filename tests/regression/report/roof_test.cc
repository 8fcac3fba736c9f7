// SPDX-License-Identifier: MIT
#include "regression/report/roof.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace assay::report {
namespace {

constexpr double kMiB = 1 << 20;

// A cache of 32 MiB, 200 GFLOP/s and 25 GB/s: they balance at 8 flops a byte.
class RoofTest : public testing::Test {
 protected:
  RoofTest() {
    machine_.l3_bytes = std::size_t{32} << 20;
    judged_.peak_gflops = 200;
    judged_.peak_gbs = 25;
  }
  Roof roof(double flops, double bytes) {
    comparison_.flops = flops;
    comparison_.compulsory_bytes = bytes;
    return roof_of(comparison_, judged_, machine_);
  }

  measure::Comparison comparison_;
  judge::Judged judged_;
  measure::Machine machine_;
};

TEST_F(RoofTest, IsTheSlowerOfArithmeticAndMemory) {
  const double bytes = 100 * kMiB;
  const Roof below = roof(7.9 * bytes, bytes);
  EXPECT_EQ(below.kind, Roof::Kind::triad);
  EXPECT_DOUBLE_EQ(below.least_ns, bytes / 25);
  const Roof above = roof(8.1 * bytes, bytes);
  EXPECT_EQ(above.kind, Roof::Kind::multiply_adds);
  EXPECT_DOUBLE_EQ(above.least_ns, 8.1 * bytes / 200);
}

// What fits in a cache twice may be there already, inputs and output.
TEST_F(RoofTest, MemoryBoundsOnlyWhatTheCacheCannotHold) {
  EXPECT_EQ(roof(1e6, 64 * kMiB).kind, Roof::Kind::multiply_adds);
  EXPECT_EQ(roof(1e6, 64 * kMiB + 1).kind, Roof::Kind::triad);
  EXPECT_EQ(roof(0, 64 * kMiB).kind, Roof::Kind::unknown);
  EXPECT_EQ(roof(0, 64 * kMiB + 1).kind, Roof::Kind::triad);
  machine_.l3_bytes = 0;  // judged as if it were large, not as if there were none
  EXPECT_EQ(roof(1e6, 65 * kMiB).kind, Roof::Kind::multiply_adds);
}

// A host with 600 MiB of cache says nothing of the memory of its GPU.
TEST_F(RoofTest, TheCacheIsThatOfTheDevice) {
  machine_.l3_bytes = std::size_t{600} << 20;
  EXPECT_EQ(roof(1e6, 512 * kMiB).kind, Roof::Kind::multiply_adds);
  comparison_.device_cache_bytes = 50 * kMiB;
  EXPECT_EQ(roof(1e6, 512 * kMiB).kind, Roof::Kind::triad);
  comparison_.device_cache_bytes = 0;  // unknown
  EXPECT_EQ(roof(1e6, 512 * kMiB).kind, Roof::Kind::triad);
}

TEST_F(RoofTest, ShareIsOfTheTimeAtTheRoof) {
  judge::ArmSummary arm;
  arm.median_ns = 8e6;
  const Roof under = roof(1e6, 100e6);  // 4 ms
  EXPECT_DOUBLE_EQ(share_of(under, arm), 0.5);
  EXPECT_TRUE(std::isnan(share_of({}, arm)));
  arm.median_ns = 0;
  EXPECT_TRUE(std::isnan(share_of(under, arm)));
}

// A ceiling that was not measured is no roof, and no number is made of it.
TEST_F(RoofTest, NothingMeasuredIsUnknown) {
  judged_.peak_gflops = 0;
  EXPECT_EQ(roof(1e6, 1e6).kind, Roof::Kind::unknown);
  EXPECT_EQ(roof(1e6, 100e6).kind, Roof::Kind::triad);
  judged_.peak_gbs = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(roof(1e6, 100e6).kind, Roof::Kind::unknown);
  EXPECT_EQ(roof(std::numeric_limits<double>::quiet_NaN(), 1e6).kind,
            Roof::Kind::unknown);
}

TEST_F(RoofTest, DotsOfBf16AreTheRoofWhereTheMachineHasThem) {
  comparison_.multiplies = "bf16";
  EXPECT_EQ(roof(1e6, 1e6).kind, Roof::Kind::multiply_adds);
  machine_.isa_flags = {"avx512_bf16"};
  EXPECT_EQ(roof(1e6, 1e6).kind, Roof::Kind::bf16_dots);
  comparison_.multiplies = "f16";
  EXPECT_EQ(roof(1e6, 1e6).kind, Roof::Kind::multiply_adds);
}

}  // namespace
}  // namespace assay::report
