// SPDX-License-Identifier: MIT
// Which tile fragments takes of a shape and a number of units. What its code computes
// is tested where there is a device that runs it, tests/vulkan.
#include <gtest/gtest.h>

#include <string>

#include "kernels/matmul/fragments.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/problem.h"
#include "kernels/matmul/split.h"

namespace assay::matmul {
namespace {

Caps caps_of(std::uint32_t units, std::size_t local_bytes = 48 << 10) {
  Caps caps;
  caps.compute_units = units;
  caps.limits.max_local_bytes = local_bytes;
  return caps;
}

std::string tile_of(const std::string& shape, const Caps& caps) {
  const FragmentsTile* const tile = fragments_tile(parse_params(shape), caps);
  if (tile == nullptr) return "none";
  return std::to_string(tile->rows) + "x" + std::to_string(tile->cols) + "x" +
         std::to_string(tile->depth);
}

TEST(MatmulFragmentsTest, SmallerTilesWhereUnitsWouldHaveNone) {
  const Caps caps = caps_of(132);
  for (const char* const shape :
       {"64x64x64", "256x256x256", "512x512x512", "512x512x8192", "64x4096x4096"}) {
    EXPECT_EQ(tile_of(shape, caps), "64x32x64") << shape;
  }
  for (const char* const shape : {"768x768x768", "1024x1024x1024", "1024x1024x2048"}) {
    EXPECT_EQ(tile_of(shape, caps), "64x64x32") << shape;
  }
  // 100 and 144 of the largest: few have none, or most have one where some have two.
  for (const char* const shape :
       {"1280x1280x1280", "1536x1536x1536", "4096x4096x4096", "128x65536x32"}) {
    EXPECT_EQ(tile_of(shape, caps), "128x128x32") << shape;
  }
  EXPECT_EQ(tile_of("512x512x512", caps_of(16)), "128x128x32");
  EXPECT_EQ(tile_of("512x512x512", caps_of(60)), "64x64x32");
  EXPECT_EQ(tile_of("64x64x64", caps_of(1)), "64x64x32");
}

TEST(MatmulFragmentsTest, OnlyTilesThatDivideAndFit) {
  const Caps caps = caps_of(132);
  EXPECT_EQ(tile_of("512x512x480", caps), "64x64x32");
  EXPECT_EQ(tile_of("4160x4096x4096", caps), "64x64x32");
  EXPECT_EQ(tile_of("512x512x16", caps), "none");
  EXPECT_EQ(tile_of("96x64x32", caps), "none");
  EXPECT_EQ(tile_of("4096x4096x4096", caps_of(132, 40959)), "64x64x32");
  EXPECT_EQ(tile_of("4096x4096x4096", caps_of(132, 40960)), "128x128x32");
  EXPECT_EQ(tile_of("512x512x512", caps_of(132, 28671)), "64x64x32");
  EXPECT_EQ(tile_of("512x512x512", caps_of(132, 20479)), "none");
}

TEST(MatmulFragmentsTest, AUnitTakesItsGroupsTimesTheirShareOrTheLatencyOfOne) {
  const FragmentsTile tile{64, 64, 32, 3.0, 2.0};
  const Caps caps = caps_of(10);
  EXPECT_EQ(tile.us(1, 5, caps), 15.0);
  EXPECT_EQ(tile.us(10, 5, caps), 15.0);
  EXPECT_EQ(tile.us(11, 5, caps), 20.0);
  EXPECT_EQ(tile.us(21, 5, caps), 30.0);
}

// The second pass is only worth it where the depth that parts save takes longer.
TEST(MatmulFragmentsTest, ADepthIsSharedOutWhereThatPays) {
  if (split_sum_code().empty()) GTEST_SKIP() << "built without a shader compiler";
  Caps caps = caps_of(132);
  caps.device_kernels = true;
  caps.narrow_storage = true;
  caps.matrix_team = 32;
  caps.limits.binding_alignment = 16;
  caps.limits.max_groups_per_dimension = 65535;
  const auto reason = [&](const std::string& shape) {
    return split_unsupported(*kF16Op.make_problem(shape, DType::f32), caps)
        .value_or("");
  };
  for (const char* const shape :
       {"64x64x2048", "128x192x2080", "256x256x4096", "256x256x8192"}) {
    EXPECT_EQ(reason(shape), "") << shape;
  }
  for (const char* const shape : {"64x64x1024", "256x256x2048", "512x512x2016",
                                  "512x512x4096", "512x1024x2048"}) {
    EXPECT_NE(reason(shape).find("too short"), std::string::npos) << shape;
  }
}

}  // namespace
}  // namespace assay::matmul
