// SPDX-License-Identifier: MIT
#include "regression/scaling/condition.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace assay::scaling {
namespace {

TEST(ConditionTest, WhatMakesNoDifferenceIsWrittenInOneWay) {
  Condition never;
  never.sync_every = 0;
  Condition none;
  none.sync_mode = SyncMode::none;
  none.sync_every = 7;
  EXPECT_EQ(normalized(never), normalized(none));
  EXPECT_EQ(normalized(none).sync_mode, SyncMode::none);

  Condition deep;
  deep.sync_every = 4;
  deep.in_flight = 4;
  EXPECT_EQ(normalized(deep).in_flight, 0U) << "the wait comes first";
  deep.in_flight = 3;
  EXPECT_EQ(normalized(deep).in_flight, 3U);
  deep.sync_mode = SyncMode::none;
  deep.in_flight = 4;
  EXPECT_EQ(normalized(deep).in_flight, 4U) << "nothing else waits";

  Condition process;
  process.kind = WorkerKind::processes;
  process.shared_queue = true;
  EXPECT_FALSE(normalized(process).shared_queue);
}

TEST(ConditionTest, ASweepHasEveryCombinationOnceWithItsBaselineFirst) {
  Sweep sweep;
  sweep.workers = {8, 2, 2};
  sweep.sync_every = {1, 16};
  sweep.in_flight = {0, 4};
  sweep.batch = {1, 32};
  const std::vector<Condition> all = conditions(sweep);
  // Waiting modes: 2 x {every 1: one depth, every 16: two}; none: two depths.
  EXPECT_EQ(all.size(), (2U * 3U + 2U) * 2U * 2U * 3U);
  std::set<std::string> ids;
  for (const Condition& condition : all) {
    EXPECT_TRUE(ids.insert(id(condition)).second) << id(condition);
    EXPECT_EQ(condition, normalized(condition));
  }
  for (std::size_t i = 0; i < all.size(); i += 3) {
    EXPECT_EQ(all[i].workers, 1U) << "nobody asked for it";
    EXPECT_EQ(all[i + 1].workers, 2U);
    EXPECT_EQ(all[i + 2].workers, 8U);
    EXPECT_EQ(baseline_of(all[i + 2]), all[i]);
    EXPECT_EQ(describe(all[i]), describe(all[i + 1]));
  }
}

TEST(ConditionTest, WithoutADeviceOnlyTheWorkersDiffer) {
  Sweep sweep;
  sweep.kinds = {WorkerKind::threads, WorkerKind::processes};
  const std::size_t with_a_device = conditions(sweep).size();
  sweep.bare = true;
  const std::vector<Condition> all = conditions(sweep);
  ASSERT_EQ(all.size(), with_a_device + 4);
  const Condition& last = all.back();
  EXPECT_TRUE(last.bare);
  EXPECT_EQ(last.kind, WorkerKind::processes);
  EXPECT_EQ(last.workers, 2U);
  EXPECT_EQ(baseline_of(last), all[all.size() - 2]);
  EXPECT_EQ(id(last), "processes.bare.workers-2");
  EXPECT_EQ(describe(last), describe(baseline_of(last)));
  for (const Condition& condition : all) {
    if (condition.kind != last.kind || condition.workers != last.workers) continue;
    EXPECT_EQ(bare_of(condition), last) << id(condition);
  }
  Condition odd = last;
  odd.sync_mode = SyncMode::device;
  odd.batch = 7;
  odd.in_flight = 3;
  EXPECT_EQ(normalized(odd), last);
}

TEST(ConditionTest, IdsAndDescriptionsSayAllThatDiffers) {
  Condition c;
  c.workers = 4;
  c.sync_mode = SyncMode::device;
  c.shared_queue = true;
  c.sync_every = 16;
  c.in_flight = 8;
  c.batch = 2;
  EXPECT_EQ(id(c), "threads.device.shared.every-16.depth-8.batch-2.workers-4");
  EXPECT_EQ(describe(c),
            "device sync every 16, one shared queue, at most 8 in flight, batch 2, "
            "threads");
  for (const WorkerKind kind : {WorkerKind::threads, WorkerKind::processes}) {
    EXPECT_EQ(parse_worker_kind(to_string(kind)), kind);
  }
  EXPECT_FALSE(parse_worker_kind("fibres"));
}

}  // namespace
}  // namespace assay::scaling
