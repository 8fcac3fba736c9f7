// SPDX-License-Identifier: MIT
// What hwloc says of made-up machines, and that of this one it says what the facts say
// that host classes and block sizes are made of.
#include "regression/measure/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <array>
#include <cstdlib>
#include <numeric>

#include "backends/interface/status.h"
#include "kernels/common/cache_info.h"
#include "regression/measure/machine.h"

namespace assay::measure {
namespace {

using ::testing::HasSubstr;

// Two sockets of four cores with two threads each, a memory node a socket.
constexpr const char* kTwoSockets =
    "package:2 [numa] l3:1(size=33554432) l2:4(size=1310720) l1d:1(size=49152) core:1 "
    "pu:2";

Topology two_sockets(std::vector<unsigned> usable) {
  return synthetic_topology(kTwoSockets, usable);
}

std::vector<unsigned> first(unsigned count) {
  std::vector<unsigned> threads(count);
  std::iota(threads.begin(), threads.end(), 0U);
  return threads;
}

TEST(TopologyTest, CountsTwoSocketsWithTwoThreadsACore) {
  const Topology topology = two_sockets(first(16));
  EXPECT_EQ(topology.packages, 2);
  EXPECT_EQ(topology.memory_nodes, 2);
  EXPECT_EQ(topology.cores, 8);
  EXPECT_EQ(topology.threads, 16);
  EXPECT_EQ(topology.usable_cores, 8);
  EXPECT_EQ(topology.usable_threads, 16);
  EXPECT_EQ(describe(topology),
            "2 packages, 8 cores of 2 threads, 2 memory nodes; L1d 48 KiB a core, L2 "
            "1280 KiB a core, L3 32 MiB a package");
}

TEST(TopologyTest, DescribesWhatIsOneOnly) {
  const std::array<unsigned, 1> usable = {0};
  EXPECT_EQ(describe(synthetic_topology("package:1 core:1 pu:1", usable)),
            "1 package, 1 core of 1 thread, 1 memory node");
  EXPECT_EQ(
      describe(synthetic_topology("package:1 l3:2(size=1048576) core:2 pu:1", usable)),
      "1 package, 4 cores of 1 thread, 1 memory node; L3 1 MiB for 2 threads");
}

TEST(TopologyTest, RefusesWhatIsNoMachine) {
  for (const char* text : {"", "frob:2", "package:2 core:", "pu:4"}) {
    EXPECT_THROW(synthetic_topology(text, {}), Error) << text;
  }
}

// A process may use one thread of a core, both, or threads of several cores.
TEST(TopologyTest, CountsTheCoresOfTheThreadsThatMayBeUsed) {
  EXPECT_EQ(two_sockets({0, 1}).usable_cores, 1);
  EXPECT_EQ(two_sockets({0, 1}).usable_threads, 2);
  EXPECT_EQ(two_sockets({0, 2, 8, 14}).usable_cores, 4);
  EXPECT_EQ(two_sockets({15}).usable_cores, 1);
}

TEST(TopologyTest, AdvisesWhereUnitsShareCores) {
  EXPECT_EQ(advice(two_sockets(first(16)), 8), "");
  EXPECT_THAT(advice(two_sockets(first(16)), 9),
              HasSubstr("9 compute units on 8 cores"));
  EXPECT_THAT(advice(two_sockets(first(16)), 16), HasSubstr("cus=8"));
  // Both threads of one core, and one thread of each of two.
  EXPECT_THAT(advice(two_sockets({0, 1}), 2), HasSubstr("on 1 core:"));
  EXPECT_EQ(advice(two_sockets({0, 2}), 2), "");
  // More units than there is anything to run on: not hwloc's to explain.
  EXPECT_EQ(advice(two_sockets({0, 2}), 4), "");
}

// Baselines are kept by these facts; whoever reads them with hwloc instead must not
// split a machine in two.
TEST(TopologyTest, AgreesWithTheFactsOfThisMachine) {
  const std::optional<Topology> topology = this_topology();
  if (!topology || topology->caches.empty())
    GTEST_SKIP() << "hwloc finds no caches here";
  const CacheInfo& facts = cache_info();
  const Machine machine = this_machine();
  for (const Topology::Cache& cache : topology->caches) {
    const std::array<std::size_t, 4> levels = {0, facts.l1d_bytes, machine.l2_bytes,
                                               machine.l3_bytes};
    ASSERT_THAT(cache.level, ::testing::AllOf(::testing::Ge(1), ::testing::Le(3)));
    EXPECT_EQ(cache.bytes, levels.at(static_cast<std::size_t>(cache.level)));
    if (cache.level == 3) {
      EXPECT_EQ(cache.threads, facts.l3_sharers);
    }
  }
  // A quota may leave fewer.
  EXPECT_GE(topology->usable_threads, machine.cpus);
  EXPECT_LE(topology->usable_cores, topology->cores);
}

TEST(TopologyTest, UsesNoMoreThanTheAffinityAllows) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  std::size_t one = 0;
  while (!CPU_ISSET(one, &before)) ++one;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(one, &only);
  ASSERT_EQ(sched_setaffinity(0, sizeof only, &only), 0);
  const std::optional<Topology> topology = this_topology();
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  if (!topology) GTEST_SKIP() << "hwloc cannot say";
  EXPECT_EQ(topology->usable_threads, 1);
  EXPECT_EQ(topology->usable_cores, 1);
}

// A job of many machines exports a description of one; ours is not to be taken for it.
TEST(TopologyTest, SaysNothingOfAnotherMachine) {
  ASSERT_EQ(setenv("HWLOC_SYNTHETIC", "package:2 core:2 pu:2", 1), 0);
  const std::optional<Topology> topology = this_topology();
  ASSERT_EQ(unsetenv("HWLOC_SYNTHETIC"), 0);
  EXPECT_FALSE(topology.has_value());
}

}  // namespace
}  // namespace assay::measure
