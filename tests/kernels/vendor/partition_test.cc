// SPDX-License-Identifier: MIT
// How openblas-serial cuts C.
#include <gtest/gtest.h>

#include <cstdint>

#include "kernels/matmul/openblas.h"

namespace assay::matmul {
namespace {

struct Case {
  std::int64_t m, n, k;
  std::uint32_t units;
  Partition want;
};

constexpr Case kCases[] = {
    // One tile a unit, rows first: each writes whole rows.
    {512, 512, 512, 1, {1, 1}},
    {512, 512, 512, 2, {2, 1}},
    {1024, 1024, 1024, 2, {2, 1}},
    {2048, 2048, 2048, 2, {2, 1}},
    // More units: as square as they allow.
    {1024, 1024, 1024, 4, {2, 2}},
    {1024, 1024, 1024, 6, {3, 2}},
    {1024, 1024, 1024, 7, {7, 1}},
    {1024, 1024, 1024, 16, {4, 4}},
    // The longer side is cut.
    {64, 4096, 512, 2, {1, 2}},
    {4096, 64, 512, 2, {2, 1}},
    // Smaller tiles where these reach the library's path without packing.
    {128, 128, 128, 1, {2, 2}},
    {128, 128, 128, 2, {2, 2}},
    {192, 192, 192, 2, {4, 2}},
    {256, 256, 256, 2, {2, 1}},
    {100, 100, 100, 1, {1, 1}},
    // Too little work for every unit.
    {64, 64, 64, 2, {2, 1}},
    {32, 32, 32, 2, {1, 1}},
    {32, 32, 32, 64, {1, 1}},
    {1, 1, 1, 8, {1, 1}},
    // A thin C has no room for more than one tile of 4 x 16.
    {4, 16, 1000000, 8, {1, 1}},
    {8, 16, 1000000, 8, {2, 1}},
    // Nothing to compute; k = 0 still scales C.
    {0, 512, 512, 2, {0, 0}},
    {512, 0, 512, 2, {0, 0}},
    {512, 512, 0, 2, {2, 1}},
};

TEST(PartitionTest, ChoosesTheGridThatPacksLeast) {
  for (const Case& test : kCases) {
    const Partition got = choose_partition(test.m, test.n, test.k, test.units);
    EXPECT_EQ(got, test.want) << test.m << "x" << test.n << "x" << test.k << " on "
                              << test.units << " units: " << got.rows << "x"
                              << got.columns;
  }
}

TEST(PartitionTest, PartsCoverEachElementOnce) {
  for (const std::int64_t extent : {1, 3, 4, 5, 15, 16, 17, 100, 511, 512, 2048}) {
    for (const std::int64_t parts : {1, 2, 3, 7, 16}) {
      for (const std::int64_t quantum : {1, 4, 16}) {
        EXPECT_EQ(part_begin(extent, parts, 0, quantum), 0);
        EXPECT_EQ(part_begin(extent, parts, parts, quantum), extent);
        for (std::int64_t i = 0; i < parts; ++i) {
          const std::int64_t begin = part_begin(extent, parts, i, quantum);
          EXPECT_LE(begin, part_begin(extent, parts, i + 1, quantum));
          EXPECT_TRUE(begin % quantum == 0 || begin == extent);
        }
      }
    }
  }
}

TEST(PartitionTest, LargestExtentsDoNotOverflow) {
  constexpr std::int64_t kMost = 2147483647;
  const Partition grid = choose_partition(kMost, kMost, kMost, 1024);
  EXPECT_EQ(grid, (Partition{32, 32}));
  EXPECT_EQ(part_begin(kMost, 1024, 1024, 16), kMost);
  EXPECT_LT(part_begin(kMost, 1024, 1023, 16), kMost);
}

}  // namespace
}  // namespace assay::matmul
