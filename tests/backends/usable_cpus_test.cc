// SPDX-License-Identifier: MIT
#include "backends/runtime/usable_cpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assay::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UsableCpusTest, QuotaIsRoundedDownButNeverToNone) {
  EXPECT_EQ(quota_cpus("200000 100000\n"), 2U);
  EXPECT_EQ(quota_cpus("250000 100000\n"), 2U);
  EXPECT_EQ(quota_cpus("50000 100000\n"), 1U);
  EXPECT_EQ(quota_cpus("350000\n", "100000\n"), 3U);
  EXPECT_EQ(quota_cpus("1\n", "100000\n"), 1U);
}

TEST(UsableCpusTest, NoQuotaAndNonsenseMeanNoLimit) {
  for (const char* text : {"max 100000\n", "", "frob", "-1 100000", "100000 0"}) {
    EXPECT_EQ(quota_cpus(text), 0U) << text;
  }
  EXPECT_EQ(quota_cpus("-1\n", "100000\n"), 0U);
  EXPECT_EQ(quota_cpus("", ""), 0U);
}

// A quota holds for what is below its group: of "/a/b" that of "/a" too.
TEST(UsableCpusTest, FindsTheGroupAndThoseAboveIt) {
  const CgroupFolders pure = cgroup_folders("0::/user.slice/session.scope\n");
  EXPECT_THAT(pure.v2, ElementsAre("/user.slice/session.scope", "/user.slice", "/"));
  EXPECT_THAT(pure.v1, IsEmpty());
  const CgroupFolders both =
      cgroup_folders("5:cpuset:/x\n4:cpuacct,cpu:/docker/0a\n3:cpuacct:/y\n0::/\n");
  EXPECT_THAT(both.v2, ElementsAre("/"));
  EXPECT_THAT(both.v1, ElementsAre("/docker/0a", "/docker", "/"));
}

TEST(UsableCpusTest, ToleratesNonsenseInTheListOfGroups) {
  for (const char* text : {"", "\n\n", "frob", "0:", "0::", "0::relative", "1:cpu"}) {
    const CgroupFolders folders = cgroup_folders(text);
    EXPECT_THAT(folders.v2, IsEmpty()) << text;
    EXPECT_THAT(folders.v1, IsEmpty()) << text;
  }
}

TEST(UsableCpusTest, ThereIsAtLeastOne) { EXPECT_GE(usable_cpus(), 1U); }

}  // namespace
}  // namespace assay::runtime
