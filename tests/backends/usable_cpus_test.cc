// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "backends/vgpu/executor.h"

namespace assay::vgpu {
namespace {

TEST(UsableCpusTest, QuotaIsRoundedDownButNeverToNone) {
  EXPECT_EQ(quota_cpus("200000 100000\n"), 2U);
  EXPECT_EQ(quota_cpus("250000 100000\n"), 2U);
  EXPECT_EQ(quota_cpus("50000 100000\n"), 1U);
}

TEST(UsableCpusTest, NoQuotaAndNonsenseMeanNoLimit) {
  for (const char* text : {"max 100000\n", "", "frob", "-1 100000", "100000 0"}) {
    EXPECT_EQ(quota_cpus(text), 0U) << text;
  }
}

TEST(UsableCpusTest, ThereIsAtLeastOne) { EXPECT_GE(usable_cpus(), 1U); }

}  // namespace
}  // namespace assay::vgpu
