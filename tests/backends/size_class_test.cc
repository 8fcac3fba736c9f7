// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "backends/runtime/memory_pool.h"

namespace assay::runtime {
namespace {

TEST(SizeClassTest, RoundsUpByAtMostAQuarter) {
  SizeClass last;
  for (std::size_t bytes = 0; bytes < 300'000; ++bytes) {
    const SizeClass size = size_class(bytes);
    ASSERT_GE(size.bytes, bytes);
    ASSERT_LE(size.bytes - bytes, bytes > 256 ? bytes / 4 : 256);
    // The next class begins where the last one ends, and no two share a number.
    const bool next = bytes > 256 && bytes > last.bytes;
    ASSERT_EQ(size.index, last.index + (next ? 1 : 0)) << bytes;
    ASSERT_EQ(size.bytes > last.bytes, next || bytes == 0) << bytes;
    last = size;
  }
}

TEST(SizeClassTest, ReachesTheLargestSizes) {
  const std::size_t most = std::size_t{1} << 62;
  EXPECT_EQ(size_class(most).bytes, most);
  EXPECT_EQ(size_class(most).index, 216U);
  EXPECT_EQ(size_class(0).bytes, 256U);
}

}  // namespace
}  // namespace assay::runtime
