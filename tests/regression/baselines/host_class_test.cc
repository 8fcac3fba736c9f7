// SPDX-License-Identifier: MIT
#include "regression/baselines/host_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/regression/baselines/made_up_sessions.h"

namespace assay::baselines {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

HostClass made_up_host() { return host_class_of(made_up_machine(), made_up_build()); }

TEST(HostClassTest, TheNameIsMadeOfWhatTellsMachinesApart) {
  EXPECT_EQ(made_up_host().name, "x86_64-amd-fam26-avx512-2c-kvm-l3_32m");
  measure::Machine machine = made_up_machine();
  machine.vendor = "GenuineIntel";
  machine.hypervisor = "";
  machine.l3_bytes = 1536 * 1024;
  EXPECT_EQ(host_class_of(machine, made_up_build()).name,
            "x86_64-intel-fam26-avx512-2c-metal-l3_1536k");
}

// folo-rs #429 hashed bogomips and split one machine in two.
TEST(HostClassTest, WhatMayChangeOnOneMachineChangesNoClass) {
  measure::Machine machine = made_up_machine();
  machine.cpu_model = "Made Up 9001";
  machine.model = 3;
  machine.kernel = "Linux 6.12.1-1-amd64";
  machine.huge_pages = "always";
  measure::Build build = made_up_build();
  build.compiler = "gcc 12.9.1";
  build.commit = "another";
  build.version = "0.2.0";
  const HostClass other = host_class_of(machine, build);
  EXPECT_EQ(other.name, made_up_host().name);
  EXPECT_THAT(hard_differences(made_up_host(), other), IsEmpty());
  EXPECT_THAT(soft_differences(made_up_host(), other),
              ElementsAre("cpu_model: Made Up 9000 in the baseline, Made Up 9001 here",
                          "huge_pages: madvise in the baseline, always here",
                          "kernel: Linux 6.1 in the baseline, Linux 6.12 here"));
  // A patch release of the kernel is nothing to tell.
  machine = made_up_machine();
  machine.kernel = "Linux 6.1.0-99-cloud-amd64";
  EXPECT_THAT(soft_differences(made_up_host(), host_class_of(machine, build)),
              IsEmpty());
}

TEST(HostClassTest, EachHardFactCounts) {
  const auto differs = [](const auto& change) {
    measure::Machine machine = made_up_machine();
    measure::Build build = made_up_build();
    change(machine, build);
    return hard_differences(made_up_host(), host_class_of(machine, build));
  };
  EXPECT_THAT(differs([](auto& m, auto&) { m.cpus = 16; }),
              ElementsAre("cpus: 2 in the baseline, 16 here"));
  EXPECT_THAT(differs([](auto& m, auto&) { m.vendor = "GenuineIntel"; }),
              ElementsAre("vendor: AuthenticAMD in the baseline, GenuineIntel here"));
  EXPECT_THAT(differs([](auto& m, auto&) { m.family = 25; }),
              ElementsAre("family: 26 in the baseline, 25 here"));
  EXPECT_THAT(
      differs([](auto& m, auto&) {
        m.isa_flags = {"avx2", "fma"};
      }),
      ElementsAre("isa_flags: avx2 avx512f fma in the baseline, avx2 fma here"));
  EXPECT_THAT(differs([](auto& m, auto&) { m.l2_bytes *= 2; }),
              ElementsAre("l2: 1m in the baseline, 2m here"));
  EXPECT_THAT(differs([](auto& m, auto&) { m.l3_bytes *= 2; }),
              ElementsAre("l3: 32m in the baseline, 64m here"));
  EXPECT_THAT(differs([](auto& m, auto&) { m.hypervisor.clear(); }),
              ElementsAre("hypervisor: kvm in the baseline, none here"));
  EXPECT_THAT(differs([](auto&, auto& b) { b.compiler = "gcc 13.1.0"; }),
              ElementsAre("compiler: gcc 12 in the baseline, gcc 13 here"));
  EXPECT_THAT(differs([](auto&, auto& b) { b.compiler = "clang 14.0.6"; }),
              ElementsAre("compiler: gcc 12 in the baseline, clang 14 here"));
  EXPECT_THAT(differs([](auto&, auto& b) { b.build_type = "Debug"; }),
              ElementsAre("build_type: Release in the baseline, Debug here"));
}

TEST(HostClassTest, AFactThatOneSideLacksDiffers) {
  HostClass stored = made_up_host();
  stored.hard.erase("l2");
  stored.hard["clock"] = "3.1";
  EXPECT_THAT(hard_differences(stored, made_up_host()),
              ElementsAre("clock: 3.1 in the baseline, nothing here",
                          "l2: nothing in the baseline, 1m here"));
}

TEST(HostClassTest, AHostileVendorMakesNoPath) {
  measure::Machine machine = made_up_machine();
  machine.vendor = "../../etc";
  machine.hypervisor = "a/b";
  EXPECT_EQ(host_class_of(machine, made_up_build()).name,
            "x86_64-______etc-fam26-avx512-2c-a_b-l3_32m");
}

}  // namespace
}  // namespace assay::baselines
