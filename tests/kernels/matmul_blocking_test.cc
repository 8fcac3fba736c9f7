// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "kernels/common/random_fill.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/direct_tiles.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/micro_kernels.h"
#include "kernels/matmul/thin.h"
#include "kernels/matmul/thin_tiles.h"
#include "tests/kernels/ops_harness.h"

namespace assay::matmul {
namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

CacheInfo caches(std::size_t l1, std::size_t l2) {
  CacheInfo info;
  info.l1d_bytes = l1;
  info.l2_bytes = l2;
  return info;
}

TEST(BalancedBeginTest, CoversWithPartsThatDifferByOne) {
  for (std::int64_t extent = 0; extent < 50; ++extent) {
    for (std::int64_t count = 1; count < 20; ++count) {
      EXPECT_EQ(balanced_begin(extent, count, 0), 0);
      EXPECT_EQ(balanced_begin(extent, count, count), extent);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t size =
            balanced_begin(extent, count, i + 1) - balanced_begin(extent, count, i);
        EXPECT_GE(size, extent / count);
        EXPECT_LE(size, extent / count + 1);
      }
    }
  }
}

TEST(BlockLimitsTest, BlocksFitTheirCaches) {
  for (const std::size_t l1 : {16U, 32U, 48U, 128U}) {
    for (const std::size_t l2 : {256U, 512U, 1024U, 4096U}) {
      const BlockLimits limits =
          block_limits(caches(l1 * 1024, l2 * 1024), 14, 32, l2 * 1024);
      EXPECT_GE(limits.kc, 64);
      EXPECT_LE(limits.kc, 512);
      EXPECT_GT(limits.a_block_bytes, 0);
      EXPECT_LT(limits.a_block_bytes, static_cast<std::int64_t>(l2) * 1024);
    }
  }
}

TEST(BlockLimitsTest, ALargeCacheIsNotFilledWithA) {
  const auto block = [](std::size_t l2) {
    return block_limits(caches(48 * 1024, l2), 14, 32, 2 * l2).a_block_bytes;
  };
  EXPECT_EQ(block(kMebibyte / 2), 128 * 1024);
  EXPECT_EQ(block(kMebibyte), 256 * 1024);
  EXPECT_EQ(block(2 * kMebibyte), 256 * 1024);
}

// Reproducible for any device: only the block of op(A), which does not touch
// rounding, may depend on group-local memory.
TEST(BlockLimitsTest, DepthDoesNotDependOnTheDevice) {
  const CacheInfo info = caches(48 * 1024, kMebibyte);
  EXPECT_EQ(block_limits(info, 14, 32, 64 * 1024).kc,
            block_limits(info, 14, 32, 16 * kMebibyte).kc);
}

TEST(CutTest, LocalMemoryHoldsEveryGroup) {
  const BlockLimits limits =
      block_limits(caches(48 * 1024, kMebibyte), 14, 32, kMebibyte);
  for (const std::int64_t m : {1, 13, 14, 15, 500, 512, 2047, 100'000}) {
    for (const std::int64_t n : {1, 31, 33, 2048}) {
      for (const std::uint32_t units : {1U, 2U, 3U, 8U, 64U}) {
        const Cuts cuts = cut(m, n, 300, 14, 32, limits, units);
        EXPECT_LE(cuts.local_bytes, kMebibyte);
        EXPECT_EQ(cuts.depth_blocks, (300 + limits.kc - 1) / limits.kc);
        EXPECT_GE(cuts.row_groups, 1);
        EXPECT_LE(cuts.row_groups, m);
        EXPECT_GE(cuts.col_groups, 1);
        EXPECT_LE(cuts.col_groups, (n + 31) / 32);
        EXPECT_GE(cuts.pack_groups, 1);
        EXPECT_GT(panels_bytes(n, 300, 32), 0);
      }
    }
  }
}

TEST(CutTest, LargeProblemsFeedEveryUnitAlike) {
  const BlockLimits limits =
      block_limits(caches(48 * 1024, kMebibyte), 14, 32, kMebibyte);
  for (const std::int64_t size : {256, 512, 1000, 1024, 2048}) {
    for (const std::uint32_t units : {1U, 2U, 3U, 4U, 6U, 8U}) {
      const Cuts cuts = cut(size, size, size, 14, 32, limits, units);
      EXPECT_EQ(cuts.row_groups * cuts.col_groups % units, 0)
          << size << " on " << units << ": " << cuts.row_groups << "x"
          << cuts.col_groups;
    }
  }
}

TEST(CutTest, FewRowsAreCutAlongColumns) {
  const BlockLimits limits =
      block_limits(caches(48 * 1024, kMebibyte), 14, 32, kMebibyte);
  const Cuts cuts = cut(14, 4096, 512, 14, 32, limits, 4);
  EXPECT_EQ(cuts.row_groups, 1);
  EXPECT_EQ(cuts.col_groups, 4);
}

TEST(CutTest, SmallProblemsAreOneGroup) {
  const BlockLimits limits =
      block_limits(caches(48 * 1024, kMebibyte), 14, 32, kMebibyte);
  const Cuts cuts = cut(32, 32, 32, 14, 32, limits, 8);
  EXPECT_EQ(cuts.row_groups * cuts.col_groups, 1);
  EXPECT_EQ(cuts.pack_groups, 1);
}

TEST(CutTest, SaysWhenTheWorkspaceOverflows) {
  // Panels of 32 columns, and 64 floats behind them.
  EXPECT_EQ(panels_bytes(33, 10, 32), (2 * 32 * 10 + 64) * 4);
  EXPECT_EQ(panels_bytes(2147483647, 2147483647, 32), -1);
}

// While op(B) fits the second-level cache, whatever m is; a transposed B never.
TEST(DirectTest, WinsWhileBFitsTheSecondCache) {
  const CacheInfo info = caches(48 * 1024, kMebibyte);
  const auto wins = [&](const char* shape) {
    return direct_wins(parse_params(shape), info);
  };
  EXPECT_TRUE(wins("1x1x1"));
  EXPECT_TRUE(wins("512x512x512"));
  EXPECT_TRUE(wins("100000x512x512:tn"));
  EXPECT_FALSE(wins("512x513x512"));
  EXPECT_FALSE(wins("512x512x513"));
  EXPECT_FALSE(wins("4x4x4:nt"));
  EXPECT_FALSE(wins("4x4x4:tt"));
  // No overflow: the bytes of B are above 2^63.
  Params huge;
  huge.m = 1;
  huge.n = huge.k = std::int64_t{1} << 40;
  EXPECT_FALSE(direct_wins(huge, info));
  EXPECT_FALSE(direct_wins_beyond_cache(huge, info));
}

// Two parts of A of a quarter of that cache; where rows of B share few sets, two tiles.
TEST(DirectTest, WinsBeyondTheSecondCacheWithFewRowsOrALittleBeyond) {
  const CacheInfo info = caches(48 * 1024, kMebibyte);
  const auto wins = [&](const char* shape) {
    return direct_wins_beyond_cache(parse_params(shape), info);
  };
  for (const char* const shape :
       {"128x1000x1024", "48x20000x1000", "64x1000x2048", "128x1024x1024:ldb=1030",
        "28x1024x1024", "9000x627x627", "9000x384x1024:ldb=385"}) {
    EXPECT_TRUE(wins(shape)) << shape;
  }
  for (const char* const shape :
       {"129x1000x1024", "1000x628x628", "29x1024x1024", "29x384x1024", "29x640x640",
        "100x1000x1000:ldb=1024", "28x1000x2049", "28x1000x1000:nt",
        "28x1000x1000:tn"}) {
    EXPECT_FALSE(wins(shape)) << shape;
  }
}

// While panels of the whole sum leave the second-level cache to A, and the last one can
// be expected to hold all of them.
TEST(PlainATest, WinsWherePanelsOfTheWholeSumFit) {
  const CacheInfo info = caches(48 * 1024, kMebibyte);
  const auto wins = [&](const char* shape) {
    return plain_a_wins(parse_params(shape), DType::f32, 1, info);
  };
  for (const char* const shape :
       {"600x600x600", "1024x1024x1024", "1448x1448x1448", "100000x1024x2048",
        "1000x1000x1000:nt", "1000x4096x512"}) {
    EXPECT_TRUE(wins(shape)) << shape;
  }
  for (const char* const shape :
       {"1449x1449x1449", "1000x1025x2048", "1000x100x2049", "1000x1000x511",
        "1000x1000x1000:tn", "1000x1000x1000:tt"}) {
    EXPECT_FALSE(wins(shape)) << shape;
  }
  Params huge;
  huge.m = huge.n = huge.k = std::int64_t{1} << 40;
  EXPECT_FALSE(plain_a_wins(huge, DType::f32, 1, info));
  EXPECT_FALSE(plain_a_wins(huge, DType::bf16, 2, info));
  EXPECT_TRUE(plain_a_wins(parse_params("1000x1000x1000"), DType::f16, 1, info));
  // A slot of two steps takes half of it.
  EXPECT_TRUE(plain_a_wins(parse_params("2048x1536x2048"), DType::bf16, 2, info));
  EXPECT_TRUE(plain_a_wins(parse_params("2048x100x4096"), DType::bf16, 2, info));
  EXPECT_FALSE(plain_a_wins(parse_params("2048x1537x2048"), DType::bf16, 2, info));
  EXPECT_FALSE(plain_a_wins(parse_params("2048x100x4097"), DType::bf16, 2, info));
}

// A larger second-level cache holds more of panels of both than of a part, where it
// would have to be brought near or there are many panels.
TEST(PlainATest, LosesWithMoreSecondLevelCacheWhereRowsAreBroughtNear) {
  const CacheInfo info = caches(48 * 1024, 2 * kMebibyte);
  const auto wins = [&](const char* shape, DType type) {
    return plain_a_wins(parse_params(shape), type, 1, info);
  };
  EXPECT_TRUE(wins("1000x1000x1000", DType::f32));
  EXPECT_FALSE(wins("1024x1024x1024", DType::f32));
  EXPECT_TRUE(wins("1024x1024x1024:lda=1040", DType::f32));
  EXPECT_FALSE(wins("1000x1000x1000", DType::f16));
  EXPECT_FALSE(wins("1449x1449x1449", DType::f32));
  EXPECT_TRUE(plain_a_wins(parse_params("2048x1024x2048"), DType::bf16, 2, info));
}

// With a larger second-level cache, where rows of B are no whole lines apart and each
// unit has rows enough.
TEST(PlainATest, BeatsDirectWhereRowsOfBAreNoWholeLines) {
  const CacheInfo info = caches(48 * 1024, 2 * kMebibyte);
  const auto beats = [&](const char* shape, std::uint32_t units) {
    return plain_a_beats_direct(parse_params(shape), DType::f32, info, units);
  };
  for (const char* const shape : {"600x600x600", "470x470x470", "300x1000x300",
                                  "640x640x640:ldb=641", "1000x328x640:ldb=334"}) {
    EXPECT_TRUE(beats(shape, 1)) << shape;
  }
  for (const char* const shape : {"640x640x640", "600x600x600:ldb=608", "457x457x457",
                                  "299x600x600", "600x1000x255", "600x600x1024",
                                  "600x65x4097", "600x600x600:tn", "600x600x600:nt"}) {
    EXPECT_FALSE(beats(shape, 1)) << shape;
  }
  EXPECT_TRUE(beats("600x600x600", 2));
  EXPECT_FALSE(beats("599x600x600", 2));
  EXPECT_FALSE(beats("600x600x600", 3));
  EXPECT_FALSE(plain_a_beats_direct(parse_params("600x600x600"), DType::f32,
                                    caches(48 * 1024, kMebibyte), 1));
}

// Or rows of it share few sets, or they would have to be widened to be in place.
TEST(PlainATest, BeatsDirectWhereRowsOfBShareFewSetsOrAreOf16Bits) {
  const CacheInfo info = caches(48 * 1024, 2 * kMebibyte);
  const auto beats = [&](const char* shape, DType type, std::uint32_t units) {
    return plain_a_beats_direct(parse_params(shape), type, info, units);
  };
  EXPECT_TRUE(beats("512x512x512", DType::f32, 1));
  EXPECT_TRUE(beats("500x512x512", DType::f32, 2));
  EXPECT_FALSE(beats("499x512x512", DType::f32, 2));
  EXPECT_FALSE(beats("512x512x512:ldb=640", DType::f32, 1));
  EXPECT_FALSE(beats("512x400x512", DType::f32, 1));
  EXPECT_TRUE(beats("640x640x640", DType::f16, 1));
  EXPECT_TRUE(beats("640x512x1024", DType::f16, 1));
  EXPECT_FALSE(beats("640x512x1024", DType::f32, 1));
}

TEST(InTurnTest, WinsWherePanelsAreBeyondThreeTimesTheSecondLevelCache) {
  const CacheInfo info = caches(48 * 1024, 2 * kMebibyte);
  const auto wins = [&](const char* shape) {
    return in_turn_wins(parse_params(shape), info);
  };
  EXPECT_FALSE(wins("5000x1254x1254"));
  EXPECT_TRUE(wins("200x1255x1255"));
  EXPECT_FALSE(wins("200x64x2048"));
  EXPECT_TRUE(wins("200x64x2049"));
  Params huge;
  huge.m = huge.n = huge.k = std::int64_t{1} << 40;
  EXPECT_TRUE(in_turn_wins(huge, info));
}

// Even, in lines of 16 bits, and no longer than 512 steps.
TEST(InTurnTest, CutsTheSumInWholeLines) {
  for (const std::int64_t depth : {1, 31, 32, 512, 513, 1000, 1024, 1025, 100000}) {
    const std::int64_t steps = in_turn_steps(depth);
    EXPECT_EQ(steps % 32, 0) << depth;
    EXPECT_LE(steps, 512) << depth;
    EXPECT_GE(steps, std::min<std::int64_t>(depth, 256)) << depth;
  }
}

TEST(WidePanelsTest, WinForManyRowsAndSums) {
  const CacheInfo info = caches(48 * 1024, 2 * kMebibyte);
  const auto win = [&](const char* shape) {
    return wide_panels_win(parse_params(shape), sizeof(float), info);
  };
  EXPECT_TRUE(win("128x1000x128"));
  EXPECT_TRUE(win("1024x1024x1024:nt"));
  EXPECT_FALSE(win("127x1000x1000"));
  EXPECT_FALSE(win("1000x1000x127"));
  EXPECT_FALSE(win("1000x1000x1000:tn"));
  // In turn, rows that share a set lose.
  EXPECT_FALSE(win("2048x2048x2048"));
  EXPECT_TRUE(win("2048x2048x2048:lda=2064"));
  EXPECT_TRUE(wide_panels_win(parse_params("3072x3072x3000:lda=3000"), 2, info));
}

// A last vector of a few columns is multiplied another way on some ISAs: with more
// columns beside them the same ones have the same bits, and what is beyond stays.
TEST(DirectTest, FewLastColumnsHaveTheBitsOfMany) {
  constexpr std::int64_t kRows = 71;
  constexpr std::int64_t kWide = 48;
  for (const Isa isa : available_isas()) {
    const DirectTiles& tiles = direct_tiles(isa);
    for (std::int64_t rows : {3, 4, 5, 27, 28, 30, 71}) {
      for (const std::int64_t depth : {1, 3, 4, 5, 38}) {
        for (const float beta : {0.0F, -0.5F}) {
          std::vector<float> a(static_cast<std::size_t>(kRows * (depth + 1)));
          std::vector<float> b(static_cast<std::size_t>(depth * kWide));
          std::vector<float> old(static_cast<std::size_t>(kRows * kWide));
          std::uint64_t index = 0;
          for (std::vector<float>* const values : {&a, &b, &old}) {
            for (float& x : *values)
              x = random_value(DataFamily::uniform, random_bits(7, 1, ++index));
          }
          const auto multiply = [&](std::int64_t cols) {
            std::vector<float> c = old;
            tiles.multiply({a.data(), depth + 1, 1, b.data(), kWide, c.data(), kWide,
                            rows, cols, depth, 1.5F, beta});
            return c;
          };
          const std::vector<float> all = multiply(kWide);
          for (std::int64_t cols = 16; cols < 22; ++cols) {
            const std::vector<float> few = multiply(cols);
            for (std::int64_t i = 0; i < kRows * kWide; ++i) {
              const bool inside = i / kWide < rows && i % kWide < cols;
              const auto at = static_cast<std::size_t>(i);
              ASSERT_EQ(few[at], inside ? all[at] : old[at])
                  << to_string(isa) << " " << rows << "x" << cols << "x" << depth
                  << " at " << i;
            }
          }
        }
      }
    }
  }
}

// Rows beyond the second-level cache and a small B: tile after tile through all
// columns, with the bits of a few rows at a time.
TEST(DirectTest, ManyRowsOfASmallBHaveTheBitsOfFew) {
  constexpr std::int64_t kDepth = 3;
  constexpr std::int64_t kCols = 101;
  const std::int64_t rows = testing_support::rows_beyond_second_cache(kDepth + kCols);
  const auto values = [](std::int64_t count, std::uint64_t seed) {
    std::vector<float> all(static_cast<std::size_t>(count));
    std::uint64_t index = 0;
    for (float& x : all)
      x = random_value(DataFamily::uniform, random_bits(seed, 1, ++index));
    return all;
  };
  const std::vector<float> a = values(rows * kDepth, 1);
  const std::vector<float> b = values(kDepth * kCols, 2);
  const std::vector<float> old = values(rows * kCols, 3);
  for (const Isa isa : available_isas()) {
    const DirectTiles& tiles = direct_tiles(isa);
    const auto multiply = [&](std::int64_t together) {
      std::vector<float> c = old;
      for (std::int64_t i = 0; i < rows; i += together) {
        tiles.multiply({a.data() + i * kDepth, kDepth, 1, b.data(), kCols,
                        c.data() + i * kCols, kCols, std::min(together, rows - i),
                        kCols, kDepth, 1.5F, -0.5F});
      }
      return c;
    };
    EXPECT_TRUE(multiply(rows) == multiply(3)) << to_string(isa);
  }
}

// Where it is used; at nine rows and five steps others take over.
TEST(ThinTest, IsForOneSmallExtent) {
  const auto view = [](const char* shape) { return thin_view(parse_params(shape)); };
  for (const char* const shape : {"8x4096x4096", "1x256x256", "2x2x100", "1x9x9:tn"}) {
    EXPECT_EQ(view(shape).way, Thin::few_rows) << shape;
    EXPECT_FALSE(view(shape).swapped) << shape;
  }
  EXPECT_EQ(view("1x256x256:nt").way, Thin::dots);
  // The transposed product has one row, and a B that is transposed where A is not.
  EXPECT_EQ(view("256x1x256").way, Thin::dots);
  EXPECT_TRUE(view("256x1x256").swapped);
  EXPECT_EQ(view("256x1x256:tn").way, Thin::few_rows);
  EXPECT_EQ(view("4096x4096x1").way, Thin::shallow);
  EXPECT_EQ(view("9x9x4:tn").way, Thin::shallow);
  EXPECT_EQ(view("9x4096x4096").way, Thin::few_rows);
  EXPECT_EQ(view("32x1024x1024:tn").way, Thin::few_rows);
  for (const char* const shape :
       {"33x4096x4096", "32x1023x1024", "9x4096x4096:nt", "8x4096x4096:nt", "64x64x5",
        "64x64x4:nt", "256x1x256:ldc=2", "256x1x256:ldb=2", "1x256x256:tt:lda=2",
        "256x256x256", "640x640x640"}) {
    EXPECT_EQ(view(shape).way, Thin::no) << shape;
  }
}

// Stores that bypass the caches are for outputs larger than these: here on small ones.
TEST(ThinTest, BypassesTheCachesWithTheSameBits) {
  const std::vector<float> a = {1, -2, 3, 4, -5, 6};
  std::vector<float> b(3 * 64);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i % 7) - 3;
  for (const Isa isa : available_isas()) {
    for (const std::int64_t cols : {64, 48, 37}) {
      for (const std::size_t off : {0U, 1U}) {
        alignas(64) float c[2][2 * 64 + 1] = {};
        for (const bool bypass : {false, true}) {
          DirectArgs args;
          args.a = a.data();
          args.a_row = 3;
          args.a_step = 1;
          args.b = b.data();
          args.ldb = 64;
          args.c = (bypass ? c[1] : c[0]) + off;
          args.ldc = 64;
          args.rows = 2;
          args.cols = cols;
          args.depth = 3;
          thin_tiles(isa).shallow(args, bypass);
        }
        EXPECT_TRUE(std::equal(std::begin(c[0]), std::end(c[0]), std::begin(c[1])))
            << to_string(isa) << " " << cols << " " << off;
        EXPECT_EQ(c[1][off + 64], 4 * b[0] - 5 * b[64] + 6 * b[128]);
      }
    }
  }
}

TEST(DirectTest, SharesRowsAndWholeStripsAmongTheUnits) {
  for (const std::int64_t size : {128, 200, 512}) {
    for (const std::uint32_t units : {1U, 2U, 3U, 4U, 8U}) {
      const Grid grid = share(size, size, size, 14, 32, units);
      EXPECT_EQ(grid.rows * grid.cols, units) << size;
    }
  }
  const Grid small = share(32, 32, 32, 14, 32, 8);
  EXPECT_EQ(small.rows * small.cols, 1);
}

}  // namespace
}  // namespace assay::matmul
