// SPDX-License-Identifier: MIT
#include "kernels/matmul/blocking_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "backends/registry.h"
#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {
namespace {

// Gives what it is told to and counts what it is asked.
class FixedCache final : public KernelCache {
 public:
  explicit FixedCache(std::string kept = "") : kept_(std::move(kept)) {}
  KernelBinary get_or_compile(const KernelKey& key,
                              const std::function<std::string()>& compile) override {
    ++asked;
    last = key;
    if (kept_.empty()) kept_ = compile();
    return std::make_shared<const std::string>(kept_);
  }
  void replace(const KernelKey& /*key*/, std::string binary) override {
    kept_ = std::move(binary);
  }
  KernelCacheStats stats() const override { return {}; }

  int asked = 0;
  KernelKey last;

 private:
  std::string kept_;
};

constexpr std::size_t kLocal = 1024 * 1024;

BlockLimits limits_from(KernelCache& cache, const CacheInfo& caches = {}) {
  return cached_block_limits(cache, caches, Isa::avx2, 6, 16, kLocal);
}

bool same(const BlockLimits& a, const BlockLimits& b) {
  return a.kc == b.kc && a.a_block_bytes == b.a_block_bytes;
}

TEST(BlockingCacheTest, WhatIsChosenIsKeptAndComesBack) {
  FixedCache cache;
  const BlockLimits chosen = block_limits({}, 6, 16, kLocal);
  EXPECT_TRUE(same(limits_from(cache), chosen));
  EXPECT_TRUE(same(limits_from(cache), chosen));
  EXPECT_TRUE(same(*parse_block_limits(to_text(chosen), 6, kLocal), chosen));
}

TEST(BlockingCacheTest, WhatIsKeptIsUsed) {
  FixedCache cache("kc=72 a_block_bytes=4096");
  EXPECT_TRUE(same(limits_from(cache), {72, 4096}));
}

TEST(BlockingCacheTest, AnotherMachineIsAnotherKey) {
  FixedCache cache;
  limits_from(cache);
  const KernelKey here = cache.last;
  CacheInfo other;
  other.l2_bytes *= 2;
  limits_from(cache, other);
  EXPECT_FALSE(here == cache.last);
  cached_block_limits(cache, {}, Isa::avx512, 6, 16, kLocal);
  EXPECT_FALSE(here == cache.last);
  cached_block_limits(cache, {}, Isa::avx2, 6, 16, 2 * kLocal);
  EXPECT_FALSE(here == cache.last);
}

TEST(BlockingCacheTest, WhatCannotWorkIsChosenAnew) {
  for (const char* kept :
       {"kc=0 a_block_bytes=4096", "kc=-8 a_block_bytes=4096", "kc=64 a_block_bytes=0",
        "kc=64 a_block_bytes=1048576", "kc=64", "kc=64 a_block_bytes=4096 ", "64 4096",
        "kc=64 a_block_bytes=", "kc=99999999999999999999 a_block_bytes=1",
        "kc=9223372036854775807 a_block_bytes=64"}) {
    FixedCache cache(kept);
    EXPECT_TRUE(same(limits_from(cache), block_limits({}, 6, 16, kLocal))) << kept;
  }
}

// Each is another one that the packed matmul could work with.
TEST(BlockingCacheTest, OtherChoicesAreUsable) {
  const std::string chosen = to_text(block_limits({}, 6, 16, kLocal));
  const auto others = other_block_limits(chosen, 6, kLocal);
  EXPECT_EQ(others.size(), 8U);
  std::set<std::string> different(others.begin(), others.end());
  different.insert(chosen);
  EXPECT_EQ(different.size(), others.size() + 1);
  for (const std::string& text : others) {
    const auto limits = parse_block_limits(text, 6, kLocal);
    ASSERT_TRUE(limits) << text;
    EXPECT_EQ(limits->kc % 8, 0) << text;
  }
  // No room for twice as much, and no sense in what the cache never held.
  const std::size_t tight = 200 * 1024;
  const auto fewer =
      other_block_limits(to_text(block_limits({}, 6, 16, tight)), 6, tight);
  EXPECT_LT(fewer.size(), 8U);
  EXPECT_FALSE(fewer.empty());
  EXPECT_TRUE(other_block_limits("kc=0", 6, kLocal).empty());
}

TEST(BlockingCacheTest, ThePackedMatmulTakesItsBlocksFromTheCache) {
  const auto device = open_device("inline://");
  const auto problem = kOp.make_problem("64x64x256:nt", DType::f32);
  for (const Implementation& row : kOp.implementations()) {
    if (row.name != "packed") continue;
    FixedCache cache("kc=64 a_block_bytes=8192");
    PrepareContext context;
    context.device = device.get();
    context.cache = &cache;
    const std::string kept = row.prepare(context, *problem)->configuration();
    EXPECT_EQ(cache.asked, 1);
    EXPECT_NE(kept.find("kc=64 mc=32"), std::string::npos) << kept;
    return;
  }
  FAIL() << "no packed matmul";
}

}  // namespace
}  // namespace assay::matmul
