// SPDX-License-Identifier: MIT
#include "kernels/peak/peak.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/common/tile_unit.h"
#include "kernels/peak/loops.h"
#include "kernels/peak/tiles.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

TEST(PeakLoopsTest, TriadComputesEveryElement) {
  for (std::size_t count = 0; count < 70; ++count) {
    std::vector<float> a(count + 1, -7.0F);
    const std::vector<float> b(count, 3.0F);
    const std::vector<float> c(count, 4.0F);
    peak::best_loops().triad(a.data(), b.data(), c.data(), count, 0.5F);
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_EQ(a[i], 5.0F) << i << " of " << count;
    EXPECT_EQ(a[count], -7.0F);
  }
}

// x = x / 2 + s goes to 2 s: the result says that every chain ran.
TEST(PeakLoopsTest, MultiplyAddsDependOnEveryStep) {
  const peak::Loops& loops = peak::best_loops();
  const float elements = static_cast<float>(loops.flops_per_step / 2);
  EXPECT_EQ(loops.multiply_adds(200, 1.0F), 2.0F * elements);
  EXPECT_EQ(loops.multiply_adds(200, 3.0F), 6.0F * elements);
  EXPECT_NE(loops.multiply_adds(1, 1.0F), loops.multiply_adds(2, 1.0F));
}

// Each step adds two products of 1 to each sum, and the chains begin at seed + 0, 1,
// ...
TEST(PeakLoopsTest, Bf16DotsDependOnEveryStep) {
  if (!has_bf16_dots(host_isa())) GTEST_SKIP() << "no bf16 dot products here";
  const peak::Loops& loops = peak::best_loops();
  const auto sums = static_cast<float>(loops.flops_per_bf16_step / 4);
  EXPECT_EQ(loops.bf16_dots(200, 1.0F) - loops.bf16_dots(100, 1.0F), 200.0F * sums);
  EXPECT_EQ(loops.bf16_dots(100, 3.0F) - loops.bf16_dots(100, 1.0F), 2.0F * sums);
}

TEST(PeakLoopsTest, Bf16TilesDependOnEveryStep) {
  if (!has_bf16_tiles()) GTEST_SKIP() << "no bf16 tiles here";
  constexpr float kSums = 32 * peak::kTileChains;
  EXPECT_EQ(peak::bf16_tiles(0, 1.0F), 0.0F);
  EXPECT_EQ(peak::bf16_tiles(100, 1.0F), 100.0F * kSums);
  EXPECT_EQ(peak::bf16_tiles(7, 3.0F), 21.0F * kSums);
}

// Of what is not bf16 the f32 peak; a native dot product counts as four flops.
TEST(PeakTest, ProductsOfBf16AreNoSlower) {
  Device* const device = testing_support::device_or_skip("inline://");
  EXPECT_GT(peak::measure_product_gflops(*device, DType::f16, 1, 2, 0.5), 0.01);
  const std::uint64_t before = device->counters().submissions;
  EXPECT_GT(peak::measure_product_gflops(*device, DType::bf16, 1, 2, 0.5), 0.01);
  EXPECT_GT(device->counters().submissions, before);
}

TEST(PeakTest, MeasuresOnTheDevice) {
  for (const std::string& uri : testing_support::kDeviceUris) {
    Device* const device = testing_support::device_or_skip(uri);
    ASSERT_NE(device, nullptr);
    const peak::Peaks peaks = peak::measure_peaks(*device, 2, 0.5);
    // Any processor of this century under any sanitizer, and none yet built.
    EXPECT_GT(peaks.fma_gflops_one, 0.01) << uri;
    EXPECT_LT(peaks.fma_gflops_one, 10'000) << uri;
    EXPECT_GT(peaks.fma_gflops, 0.01) << uri;
    EXPECT_GT(peaks.triad_gbs, 0.01) << uri;
    EXPECT_LT(peaks.triad_gbs, 100'000) << uri;
  }
}

// One group a unit made the slowest unit decide: matmul then had more than the peak.
TEST(PeakTest, SeveralUnitsShareManyGroups) {
  for (const std::string& uri : testing_support::kDeviceUris) {
    Device* const device = testing_support::device_or_skip(uri);
    ASSERT_NE(device, nullptr);
    const std::uint32_t units = device->caps().compute_units;
    const Counters before = device->counters();
    EXPECT_GT(peak::measure_fma_gflops(*device, units, 2, 0.5), 0.01) << uri;
    const Counters after = device->counters();
    // All submissions but the one that fills the results.
    const std::uint64_t runs = after.submissions - before.submissions - 1;
    const std::uint64_t groups = after.groups_executed - before.groups_executed;
    EXPECT_EQ(groups, runs * (units == 1 ? 1 : 64 * units)) << uri;
  }
}

}  // namespace
}  // namespace assay
