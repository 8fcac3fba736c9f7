// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/isa.h"
#include "kernels/common/random_fill.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

TEST(CheckedMathTest, NoticesOverflow) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(checked_add(2, 3), 5);
  EXPECT_EQ(checked_add(kMost, 1), std::nullopt);
  EXPECT_EQ(checked_multiply(kMost / 2, 2), kMost - 1);
  EXPECT_EQ(checked_multiply(kMost / 2 + 1, 2), std::nullopt);
  EXPECT_EQ(divide_up(0, 4), 0);
  EXPECT_EQ(divide_up(1, 4), 1);
  EXPECT_EQ(divide_up(kMost, 2), kMost / 2 + 1);
}

TEST(IsaTest, NamesParseBack) {
  for (const Isa isa : {Isa::scalar, Isa::sse4, Isa::avx2, Isa::avx512}) {
    EXPECT_EQ(parse_isa(to_string(isa)), isa);
  }
  EXPECT_EQ(parse_isa("AVX2"), std::nullopt);
  EXPECT_EQ(parse_isa(""), std::nullopt);
}

TEST(IsaTest, AvailableAreBestFirstAndEndWithScalar) {
  const auto isas = available_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_TRUE(std::is_sorted(isas.begin(), isas.end(), std::greater<>()));
  EXPECT_EQ(isas.front(), host_isa());
  EXPECT_EQ(isas.back(), Isa::scalar);
}

TEST(IsaTest, OverrideIsReadAtEachCall) {
  for (const Isa isa : available_isas()) {
    const testing_support::IsaOverride override_isa(isa);
    EXPECT_EQ(selected_isa(), isa);
  }
}

TEST(IsaTest, RefusesAnOverrideItCannotFollow) {
  const testing_support::IsaOverride keep_and_restore(Isa::scalar);
  for (const char* const name : {"avx9", "AVX2", " avx2"}) {
    setenv("ASSAY_ISA", name, 1);
    EXPECT_THROW(selected_isa(), Error) << name;
  }
  setenv("ASSAY_ISA", "", 1);
  EXPECT_EQ(selected_isa(), host_isa());
}

TEST(IsaTest, StreamsInHalfVectorsWhereNobodyAsksForWhole) {
  for (const Isa isa : available_isas()) {
    const testing_support::IsaOverride override_isa(isa);
    EXPECT_EQ(streaming_isa(false), isa);
    EXPECT_EQ(streaming_isa(true), isa);
  }
  const testing_support::IsaOverride keep_and_restore(Isa::scalar);
  setenv("ASSAY_ISA", "avx9", 1);
  EXPECT_THROW(streaming_isa(true), Error);
  setenv("ASSAY_ISA", "", 1);
  const Isa of_cache = halves_vectors(host_isa()) ? Isa::avx2 : host_isa();
  EXPECT_EQ(streaming_isa(false), of_cache);
  // From memory some others do too.
  const Isa of_memory = streaming_isa(true);
  EXPECT_TRUE(of_memory == of_cache || of_memory == Isa::avx2) << to_string(of_memory);
}

class CacheInfoTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) /
            ("cache_info_" + std::to_string(getpid()));
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(int index, const std::string& name, const std::string& text) {
    const auto folder = root_ / "cpu0" / "cache" / ("index" + std::to_string(index));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / name) << text << "\n";
  }
  void write_cache(int index, const std::string& level, const std::string& type,
                   const std::string& size, const std::string& cpus) {
    write(index, "level", level);
    write(index, "type", type);
    write(index, "size", size);
    write(index, "shared_cpu_list", cpus);
  }

  std::filesystem::path root_;
};

TEST_F(CacheInfoTest, ReadsAllLevels) {
  write_cache(0, "1", "Instruction", "64K", "0");
  write_cache(1, "1", "Data", "48K", "0");
  write_cache(2, "2", "Unified", "1024K", "0");
  write_cache(3, "3", "Unified", "32M", "0-3,8,10-11");
  const CacheInfo info = read_cache_info(root_.string());
  EXPECT_EQ(info.l1d_bytes, 48U * 1024);
  EXPECT_EQ(info.l2_bytes, 1024U * 1024);
  EXPECT_EQ(info.l3_bytes, 32U * 1024 * 1024);
  EXPECT_EQ(info.l3_sharers, 7);
  EXPECT_TRUE(info.l3_found);
}

TEST_F(CacheInfoTest, KeepsDefaultsForWhatIsMissingOrDamaged) {
  const CacheInfo defaults;
  EXPECT_EQ(read_cache_info(root_.string()).l2_bytes, defaults.l2_bytes);
  write_cache(0, "1", "Data", "0K", "0");
  write_cache(1, "2", "Unified", "12Q", "0");
  write_cache(2, "3", "Unified", "99999999999999999999M", "0-");
  const CacheInfo info = read_cache_info(root_.string());
  EXPECT_EQ(info.l1d_bytes, defaults.l1d_bytes);
  EXPECT_EQ(info.l2_bytes, defaults.l2_bytes);
  EXPECT_EQ(info.l3_bytes, defaults.l3_bytes);
  EXPECT_EQ(info.l3_sharers, defaults.l3_sharers);
  EXPECT_FALSE(info.l3_found);
}

// A virtual machine is told of all of its host's last cache.
TEST(LastCacheShareTest, CountsNoProcessorForMoreOfTheLastCacheThanOneCanHave) {
  const auto share = [](std::size_t mebibytes, int sharers) {
    CacheInfo info;
    info.l3_bytes = mebibytes << 20;
    info.l3_sharers = sharers;
    return last_cache_share(info) / (1 << 20);
  };
  EXPECT_EQ(share(480, 2), 48);
  EXPECT_EQ(share(480, 16), 384);
  EXPECT_EQ(share(480, 128), 480);
  EXPECT_EQ(share(32, 2), 32);
  EXPECT_EQ(share(96, 8), 96);
  EXPECT_EQ(share(8, 1), 8);
}

TEST(RandomFillTest, IsTheSameOnEveryMachine) {
  // Values of this implementation: a change of the generator changes every seed's data.
  EXPECT_EQ(random_bits(0, 0, 0), random_bits(0, 0, 0));
  EXPECT_NE(random_bits(0, 0, 0), random_bits(0, 0, 1));
  EXPECT_NE(random_bits(0, 0, 0), random_bits(0, 1, 0));
  EXPECT_NE(random_bits(0, 0, 0), random_bits(1, 0, 0));
}

TEST(RandomFillTest, FamiliesStayInTheirRanges) {
  std::set<float> integers;
  int negative = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random_bits(7, 1, i);
    const float integer = random_value(DataFamily::integers, bits);
    integers.insert(integer);
    const float uniform = random_value(DataFamily::uniform, bits);
    EXPECT_TRUE(std::fabs(uniform) < 1.0F && uniform != 0.0F) << uniform;
    if (uniform < 0) ++negative;
    const float positive = random_value(DataFamily::positive, bits);
    EXPECT_TRUE(positive > 0.0F && positive < 1.0F) << positive;
    const float graded = std::fabs(random_value(DataFamily::graded, bits));
    EXPECT_TRUE(graded >= 0x1p-20F && graded < 0x1p20F) << graded;
  }
  EXPECT_EQ(integers, (std::set<float>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_NEAR(negative, 10000, 500);
}

}  // namespace
}  // namespace assay
