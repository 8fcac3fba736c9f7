// SPDX-License-Identifier: MIT
#include "kernels/vendor/core_isa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace assay::vendor {
namespace {

struct Row {
  std::string_view core;
  Isa isa;
};

// As the libraries spell them.
constexpr Row kAsWritten[] = {
    {"Prescott", Isa::sse4},
    {"Core2", Isa::sse4},
    {"Penryn", Isa::sse4},
    {"Nehalem", Isa::sse4},
    {"Sandybridge", Isa::sse4},
    {"Bulldozer", Isa::sse4},
    {"Haswell", Isa::avx2},
    {"HASWELL", Isa::avx2},
    {"Zen", Isa::avx2},
    {"SkylakeX", Isa::avx512},
    {"Cooperlake", Isa::avx512},
    {"SapphireRapids", Isa::avx512},
    {"Sapphirerapids", Isa::avx512},
    {"generic", Isa::scalar},
    {"skx", Isa::avx512},
    {"knl", Isa::avx512},
    {"zen3", Isa::avx2},
    {"zen4", Isa::avx512},
};

TEST(CoreIsaTest, KnowsTheNamesAsTheLibrariesWriteThem) {
  for (const Row& row : kAsWritten)
    EXPECT_EQ(isa_of_core(row.core), row.isa) << row.core;
}

// A wrong guess would call an honest library impaired, or an impaired one honest.
TEST(CoreIsaTest, DoesNotGuess) {
  for (const std::string_view core :
       {"", "NEOVERSEN1", "POWER10", "Haswel", "Haswell ", "Haswellx", "zen33"}) {
    EXPECT_FALSE(isa_of_core(core).has_value()) << core;
  }
}

TEST(CoreIsaTest, TheTableHasEachNameOnceAndInLowerCase) {
  std::set<std::string_view> seen;
  for (const CoreIsa& row : core_isas()) {
    EXPECT_TRUE(seen.insert(row.core).second) << row.core << " twice";
    EXPECT_TRUE(std::ranges::none_of(row.core, [](char c) {
      return c >= 'A' && c <= 'Z';
    })) << row.core;
    EXPECT_EQ(isa_of_core(row.core), row.isa) << row.core;
  }
}

}  // namespace
}  // namespace assay::vendor
