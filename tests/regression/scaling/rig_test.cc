// SPDX-License-Identifier: MIT
// The driver does what the conditions say, and a wrong output is no rate. No clock: how
// often it calls what is counted by the trace layer.
#include "regression/scaling/rig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "backends/layers/layer.h"
#include "backends/layers/trace.h"
#include "backends/registry.h"
#include "kernels/ops.h"
#include "regression/measure/shared_expected.h"
#include "regression/scaling/log.h"
#include "regression/scaling/task.h"

namespace assay::scaling {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kTwoUnits = "vgpu://?cus=2&executor=std";

Work matmul() {
  Work work;
  work.shape = "16x16x16";
  work.implementation = "naive";
  return work;
}

// An op's rig with the oracle's answer, on any device.
struct Bench {
  Bench(const std::shared_ptr<Device>& device, const Work& work, std::uint32_t lanes)
      : op(find_op(work.op)),
        problem(op->make_problem(work.shape, DType::f32)),
        expected(measure::compute_expected(*problem, DataFamily::uniform, work.seed)),
        rig(device, op, work, lanes, nullptr, &expected) {}
  const Op* op;
  std::unique_ptr<Problem> problem;
  Expected expected;
  Rig rig;
};

// Calls that lie inside the timed loops: after the last set-up call, so the trace is
// compared before and after.
std::size_t count(Device& device, layers::Call call) {
  std::size_t found = 0;
  for (const layers::TracedCall& traced : layers::trace_of(device).calls) {
    found += traced.call == call ? 1 : 0;
  }
  return found;
}

struct Calls {
  std::size_t submit = 0;
  std::size_t wait = 0;
  std::size_t synchronize = 0;
};

// What twelve more iterations cost: set-up and warm-up are the same.
Calls cost_of_twelve(Condition condition) {
  const auto device = open_device(std::string("trace+") + kTwoUnits);
  Bench bench(device, matmul(), 2);
  condition.workers = 2;
  const auto total = [&] {
    return Calls{count(*device, layers::Call::submit),
                 count(*device, layers::Call::wait),
                 count(*device, layers::Call::synchronize)};
  };
  bench.rig.run(condition, 12);
  const Calls start = total();
  bench.rig.run(condition, 12);
  const Calls twelve = total();
  bench.rig.run(condition, 24);
  const Calls both = total();
  return {
      both.submit - twelve.submit - (twelve.submit - start.submit),
      both.wait - twelve.wait - (twelve.wait - start.wait),
      both.synchronize - twelve.synchronize - (twelve.synchronize - start.synchronize)};
}

// The weights of mlp are packed once, before the first run; without that its output was
// called wrong.
TEST(RigTest, ConstantOperandsAreMadeReadyFirst) {
  Work work;
  work.op = "mlp";
  work.shape = "4x8x16x8";
  work.implementation = "prepacked";
  Bench bench(open_device(kTwoUnits), work, 2);
  Condition condition;
  condition.workers = 2;
  condition.batch = 2;
  EXPECT_EQ(bench.rig.run(condition, 3).failure, "");
}

TEST(RigTest, WaitsAsTheConditionSays) {
  Condition event;
  event.sync_every = 4;
  Calls calls = cost_of_twelve(event);
  EXPECT_EQ(calls.submit, 24U);
  EXPECT_EQ(calls.wait, 6U);
  EXPECT_EQ(calls.synchronize, 0U);

  Condition all = event;
  all.sync_mode = SyncMode::device;
  calls = cost_of_twelve(all);
  EXPECT_EQ(calls.wait, 0U);
  EXPECT_EQ(calls.synchronize, 6U);

  Condition none;
  none.sync_mode = SyncMode::none;
  none.sync_every = 0;
  calls = cost_of_twelve(none);
  EXPECT_EQ(calls.wait, 0U) << "the one at the end is there for any number";

  none.in_flight = 3;
  calls = cost_of_twelve(none);
  EXPECT_EQ(calls.wait, 24U) << "each submission past the third waits for one";
}

TEST(RigTest, CountsOperationsAndChecksThem) {
  const auto device = open_device(kTwoUnits);
  Bench bench(device, matmul(), 3);
  Condition condition;
  condition.workers = 3;
  condition.batch = 5;
  condition.shared_queue = true;
  const Cell cell = bench.rig.run(condition, 4);
  EXPECT_EQ(cell.failure, "");
  EXPECT_EQ(cell.operations, 60);
  EXPECT_GT(cell.seconds, 0);
  EXPECT_GE(cell.groups, 1);
  EXPECT_LE(cell.overlap, 1.05) << "one queue";
  for (const double share : {cell.submit_share, cell.wait_share, cell.after_share}) {
    EXPECT_TRUE(share >= 0 && share <= 1) << share;
  }
  condition.workers = 4;
  EXPECT_THROW(bench.rig.run(condition, 1), Error);
}

TEST(RigTest, WithoutADeviceNothingIsSubmitted) {
  Work work;
  work.op = "chain";
  work.chain_steps = 20'000;
  const auto device = open_device(std::string("trace+") + kTwoUnits);
  Rig rig(device, nullptr, work, 2, nullptr, nullptr);
  Condition condition;
  condition.workers = 2;
  condition = bare_of(condition);
  const std::uint64_t before = device->counters().groups_executed;
  const Cell cell = rig.run(condition, 30);
  EXPECT_EQ(cell.failure, "");
  EXPECT_EQ(device->counters().groups_executed, before);
  EXPECT_EQ(cell.operations, 60);
  EXPECT_EQ(cell.groups, 0);
  EXPECT_GT(cell.wait_p50_ns, 4'000) << "a cycle a multiplication, or more";
  EXPECT_TRUE(std::isnan(cell.submit_p50_ns));
  EXPECT_EQ(cell.traced_submit_share, 0);
  // And the same rig has a device afterwards.
  condition = Condition();
  EXPECT_EQ(rig.run(condition, 3).groups, 1);
  work.op = "empty";
  Rig empty(device, nullptr, work, 1, nullptr, nullptr);
  EXPECT_THROW(empty.run(bare_of(condition), 3), Error);
}

TEST(RigTest, ATraceLayerIsAskedWhatItSaw) {
  Work work;
  work.op = "chain";
  work.chain_steps = 20'000;
  const auto figures_on = [&](const std::string& uri, const Condition& condition) {
    Rig rig(open_device(uri), nullptr, work, 2, nullptr, nullptr);
    rig.run(condition, 30);  // what the trace has of earlier runs is not in the second
    return rig.run(condition, 30);
  };
  Condition condition;
  condition.workers = 2;
  condition.shared_queue = true;
  const Cell untraced = figures_on(kTwoUnits, condition);
  EXPECT_TRUE(std::isnan(untraced.traced_work));
  EXPECT_TRUE(std::isnan(untraced.traced_submit_share));
  EXPECT_TRUE(std::isnan(untraced.traced_sync_share));
  const Cell one = figures_on(std::string("trace+") + kTwoUnits, condition);
  EXPECT_GT(one.traced_work, 0.01) << "of the time of this run, not of all";
  EXPECT_LE(one.traced_work, 1.05) << "one queue";
  EXPECT_GT(one.traced_submit_share, 0);
  EXPECT_GT(one.traced_sync_share, 0);
  EXPECT_LE(one.traced_submit_share + one.traced_sync_share, 1);
  // The inline device runs it inside submit, and nobody waits.
  condition.workers = 1;
  const Cell inside = figures_on("trace+inline://", condition);
  EXPECT_GT(inside.traced_submit_share, inside.traced_work / 2);
  EXPECT_GT(inside.traced_submit_share, inside.traced_sync_share);
}

TEST(RigTest, AnOutputThatIsAnInputTooIsCheckedByOneMoreRun) {
  const auto device = open_device("inline://");
  Work work;
  work.op = "axpy";
  work.shape = "1000";
  work.implementation = "unrolled";
  Bench bench(device, work, 2);
  Condition condition;
  condition.workers = 2;
  EXPECT_EQ(bench.rig.run(condition, 20).failure, "");
}

// Kernels that do nothing, from the moment they are told to.
class Lazy final : public layers::LayerDevice {
 public:
  explicit Lazy(bool counts)
      : LayerDevice(open_device("inline://"), "lazy"), counts_(counts) {}
  std::shared_ptr<Kernel> create_kernel(const KernelDesc& desc) override {
    KernelDesc idle = desc;
    idle.host = [](const GroupContext&) noexcept {};
    return inner()->create_kernel(idle);
  }
  // A device that lost every other group.
  Counters counters() const noexcept override {
    Counters counters = inner()->counters();
    if (!counts_) counters.groups_executed /= 2;
    return counters;
  }

 private:
  bool counts_;
};

TEST(RigTest, WrongOutputsAreAFailure) {
  Bench bench(std::make_shared<Lazy>(true), matmul(), 2);
  Condition condition;
  condition.workers = 2;
  EXPECT_THAT(bench.rig.run(condition, 5).failure, StartsWith("wrong result: "));
}

// Queues of workers that fall asleep: what they are given is not run.
class Sleepy final : public layers::LayerDevice {
 public:
  Sleepy() : LayerDevice(open_device("inline://"), "sleepy") {}
  std::shared_ptr<Queue> create_queue(const QueueDesc& desc) override {
    const bool sleeps = desc.label.starts_with("worker");
    return std::make_shared<SleepyQueue>(inner()->create_queue(desc),
                                         sleeps ? &asleep : nullptr);
  }
  bool asleep = false;

 private:
  class SleepyQueue final : public layers::LayerQueue {
   public:
    SleepyQueue(const std::shared_ptr<Queue>& inner, const bool* asleep)
        : LayerQueue(inner,
                     std::make_shared<layers::LayerTimeline>(inner->last().timeline)),
          asleep_(asleep) {}
    using Queue::submit;
    Point submit(std::shared_ptr<CommandBuffer> commands, std::span<const Point> waits,
                 std::span<const Point> signals) override {
      if (asleep_ != nullptr && *asleep_) commands = nullptr;
      return LayerQueue::submit(std::move(commands), waits, signals);
    }

   private:
    const bool* asleep_;
  };
};

TEST(RigTest, AnOutputOfAnEarlierRunIsNoResult) {
  const auto device = std::make_shared<Sleepy>();
  Bench bench(device, matmul(), 1);
  EXPECT_EQ(bench.rig.run(Condition(), 5).failure, "");
  device->asleep = true;
  EXPECT_THAT(bench.rig.run(Condition(), 5).failure, StartsWith("wrong result: "));
}

TEST(RigTest, SyntheticWorkIsCountedGroupByGroup) {
  for (const bool counts : {true, false}) {
    Work work;
    work.op = "empty";
    Rig rig(std::make_shared<Lazy>(counts), nullptr, work, 1, nullptr, nullptr);
    Condition condition;
    condition.batch = 2;
    const std::string failure = rig.run(condition, 8).failure;
    if (counts) {
      EXPECT_EQ(failure, "");
    } else {
      EXPECT_THAT(failure, HasSubstr("8 groups ran for 16 operations"));
    }
  }
}

TEST(RigTest, WhatCannotRunIsRefused) {
  const auto device = open_device("inline://");
  Work work = matmul();
  work.implementation = "frob";
  EXPECT_THROW(Bench(device, work, 1), Error);
  EXPECT_TRUE(is_synthetic("empty"));
  EXPECT_FALSE(is_synthetic("matmul"));
  EXPECT_GE(calibrate_chain(*device, 0.001), 1U);
}

TEST(LogTest, SharesAndOverlapComeFromTheTimes) {
  // Two workers from 1000 to 2000. The first submits for 100, its work runs from 1100
  // to 1500, it waits until 1900; the device no longer knows its second submission.
  WorkerLog first;
  first.begin_ns = 1000;
  first.end_ns = 2000;
  first.submit_ns = {100, 100};
  first.times = {Timestamps{1050, 1050, 1100, 1500}, std::nullopt};
  first.waits = {{0, 1100, 1900, false}, {1, 1950, 2000, true}};
  WorkerLog second = first;
  second.times = {Timestamps{1050, 1050, 1200, 1800}, std::nullopt};
  const std::vector<WorkerLog> logs = {first, second};
  const Cell cell = cell_of(logs);
  EXPECT_DOUBLE_EQ(cell.seconds, 1e-6);
  EXPECT_DOUBLE_EQ(cell.submit_share, 0.2);
  EXPECT_DOUBLE_EQ(cell.wait_share, 0.85);
  // 400 and 100 after the own work, of the two waits that are known, of four.
  EXPECT_DOUBLE_EQ(cell.after_share, (400 + 100) * 2 / 2000.0);
  EXPECT_DOUBLE_EQ(cell.overlap, (400 + 600) * 2 / 1000.0);
  EXPECT_DOUBLE_EQ(cell.wait_p95_ns, 800) << "the last wait is no sample";
  EXPECT_DOUBLE_EQ(cell.latency_p95_ns, 750);
}

TEST(TaskTest, MessagesArriveAsTheyWereSent) {
  Task task;
  task.device = kTwoUnits;
  task.work = matmul();
  task.work.lend_one = true;
  task.library_name = "openblas";
  task.library_threads = 3;
  task.iterations = 7;
  task.budget_s = 1.5;
  Condition condition;
  condition.kind = WorkerKind::processes;
  condition.workers = 5;
  task.conditions = {Condition(), condition, bare_of(condition)};
  const Task read = parse_task(to_message(task));
  EXPECT_EQ(to_message(read), to_message(task));
  EXPECT_EQ(read.conditions, task.conditions);
  EXPECT_EQ(read.work.lend_one, true);
  EXPECT_EQ(read.budget_s, 1.5);

  TaskReply reply;
  reply.iterations = 9;
  reply.cells.resize(2);
  reply.cells[1].failure = "wrong result";
  EXPECT_EQ(to_message(parse_task_reply(to_message(reply))), to_message(reply));

  std::string old = to_message(task);
  const std::string protocol = "\"protocol\":1";
  old.replace(old.find(protocol), protocol.size(), "\"protocol\":9");
  EXPECT_THROW(parse_task(old), Error);
}

TEST(CellTest, ProcessesAreMergedOverTheTimeTheyTookTogether) {
  std::vector<Cell> cells(2);
  cells[0].begin_s = 0.01;
  cells[0].seconds = 0.5;
  cells[0].operations = 100;
  cells[0].overlap = 1;
  cells[0].submit_p95_ns = 7;
  cells[1].begin_s = 0.02;
  cells[1].seconds = 0.99;
  cells[1].operations = 100;
  cells[1].overlap = 0.5;
  cells[1].submit_p95_ns = 9;
  Cell merged = merged_cell(cells);
  EXPECT_DOUBLE_EQ(merged.seconds, 1);
  EXPECT_DOUBLE_EQ(merged.rate(), 200);
  EXPECT_DOUBLE_EQ(merged.overlap, 0.5 + 0.495);
  EXPECT_DOUBLE_EQ(merged.submit_p95_ns, 9);
  cells[1].failure = "wrong result";
  EXPECT_EQ(merged_cell(cells).failure, "wrong result");
}

TEST(TaskTest, APoolTaskCarriesATask) {
  PoolTask asked;
  asked.start_ns = 12345;
  asked.task.work = matmul();
  const PoolTask read = parse_pool_task(to_message(asked));
  EXPECT_EQ(read.start_ns, 12345U);
  EXPECT_EQ(to_message(read.task), to_message(asked.task));
}

TEST(TaskTest, ASessionRunsItsConditions) {
  Task task;
  task.device = kTwoUnits;
  task.work.op = "chain";
  task.chain_us = 1;
  task.iterations = 6;
  Condition batched;
  batched.workers = 2;
  batched.batch = 3;
  task.conditions = {Condition(), batched};
  Session session(task, all_ops(), -1);
  const TaskReply reply = session.run_all();
  ASSERT_EQ(reply.cells.size(), 2U);
  EXPECT_EQ(reply.cells[0].operations, 6);
  EXPECT_EQ(reply.cells[1].operations, 12) << "two workers, as long as one";
  EXPECT_GE(reply.chain_steps, 1U);
  EXPECT_EQ(reply.cells[1].failure, "");
}

}  // namespace
}  // namespace assay::scaling
