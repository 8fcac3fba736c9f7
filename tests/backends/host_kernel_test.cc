// SPDX-License-Identifier: MIT
#include "backends/runtime/host_kernel.h"

#include <gtest/gtest.h>

#include "backends/interface/caps.h"

namespace assay::runtime {
namespace {

HostKernelObject make_kernel() {
  KernelDesc desc;
  desc.name = "kernel";
  desc.host = [](const GroupContext&) noexcept {};
  Caps caps;
  caps.limits.max_bindings = 1;
  return {desc, 1, caps};
}

TEST(HostKernelTest, RemembersWhatAGroupTook) {
  const HostKernelObject kernel = make_kernel();
  EXPECT_EQ(kernel.group_ns(), 0U);  // none did
  kernel.set_group_ns(0);
  EXPECT_EQ(kernel.group_ns(), 1U);  // one did
  kernel.set_group_ns(1000);
  EXPECT_EQ(kernel.group_ns(), 1000U);
}

// Other units read the line that it is in.
TEST(HostKernelTest, LeavesWhatIsAboutTheSame) {
  const HostKernelObject kernel = make_kernel();
  kernel.set_group_ns(1000);
  kernel.set_group_ns(1250);
  EXPECT_EQ(kernel.group_ns(), 1000U);
  kernel.set_group_ns(750);
  EXPECT_EQ(kernel.group_ns(), 1000U);
  kernel.set_group_ns(1251);
  EXPECT_EQ(kernel.group_ns(), 1251U);
  kernel.set_group_ns(100);
  EXPECT_EQ(kernel.group_ns(), 100U);
}

}  // namespace
}  // namespace assay::runtime
