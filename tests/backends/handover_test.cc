// SPDX-License-Identifier: MIT
#include "backends/runtime/handover.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "backends/runtime/commands.h"

namespace assay::runtime {
namespace {

// Stands for a queue that nobody looks into.
std::shared_ptr<QueueCore> stand_in() {
  const auto owner = std::make_shared<int>();
  return {owner, reinterpret_cast<QueueCore*>(owner.get())};
}

void wait_promptly(Handover& handover, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times; ++i) {
    handover.submitted(1'000'000);
    handover.waited(1'000'000 + Handover::kPromptNs);
  }
}

void wait_late(Handover& handover) {
  handover.submitted(1'000'000);
  handover.waited(1'000'001 + Handover::kPromptNs);
}

TEST(HandoverTest, PromptWaitsMakeAHabit) {
  Handover handover;
  EXPECT_FALSE(handover.expected());
  wait_promptly(handover, Handover::kHabit - 1);
  EXPECT_FALSE(handover.expected());
  wait_promptly(handover, 1);
  EXPECT_TRUE(handover.expected());
  wait_late(handover);
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, ALongHabitSurvivesTwoLateWaits) {
  Handover handover;
  wait_promptly(handover, 10 * Handover::kMostPrompt);
  wait_late(handover);
  wait_late(handover);
  EXPECT_TRUE(handover.expected());
  wait_late(handover);
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, AForgottenHabitHasToGrowAnew) {
  Handover handover;
  wait_promptly(handover, Handover::kMostPrompt);
  handover.forget();
  EXPECT_FALSE(handover.expected());
  wait_promptly(handover, Handover::kHabit - 1);
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, WhatIsHeldIsKeptAliveAndTakenOnce) {
  Handover handover;
  EXPECT_FALSE(handover.held());
  EXPECT_EQ(handover.take(), nullptr);
  std::shared_ptr<QueueCore> queue = stand_in();
  const std::weak_ptr<QueueCore> alive = queue;
  handover.hold(std::move(queue));
  EXPECT_TRUE(handover.held());
  EXPECT_FALSE(alive.expired());
  EXPECT_NE(handover.take(), nullptr);
  EXPECT_TRUE(alive.expired());
  EXPECT_FALSE(handover.held());
  EXPECT_EQ(handover.take(), nullptr);
}

TEST(HandoverTest, OneOfManyTakersGetsIt) {
  Handover handover;
  const std::shared_ptr<QueueCore> queue = stand_in();
  constexpr int kRounds = 300;
  std::atomic<int> taken{0};
  std::vector<std::jthread> takers;
  for (int i = 0; i < 3; ++i) {
    takers.emplace_back([&] {
      while (taken < kRounds) {
        if (handover.take() == queue) ++taken;
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    handover.hold(queue);
    while (taken <= round) std::this_thread::yield();
    EXPECT_EQ(taken, round + 1);
  }
}

// What one thread runs as fast as several may be left to one.
TEST(NarrowTest, HasNoSecondTileAndNoSecondThread) {
  const auto device = open_device("vgpu://?cus=2&executor=std");
  KernelDesc desc;
  desc.name = "nothing";
  desc.host = [](const GroupContext&) noexcept {};
  const auto kernel = device->create_kernel(desc);
  const auto narrow = [&](const auto& record) {
    const auto encoder = device->create_encoder();
    record(*encoder);
    const auto commands = encoder->finish();
    return dynamic_cast<const RecordedCommands&>(*commands).narrow();
  };
  const auto dispatch = [&](CommandEncoder& encoder, std::uint32_t groups) {
    encoder.dispatch(kernel, {groups, 1, 1}, std::span<const BufferSlice>(), {});
  };
  const auto library = [](CommandEncoder& encoder, std::uint32_t threads) {
    LibraryCall call;
    call.threads = threads;
    call.run = [](std::span<const BoundRange>) { return Status(); };
    encoder.library_call(call);
  };
  EXPECT_TRUE(narrow([](CommandEncoder&) {}));
  EXPECT_TRUE(narrow([&](CommandEncoder& encoder) {
    dispatch(encoder, 1);
    encoder.barrier();
    dispatch(encoder, 1);
    library(encoder, 1);
  }));
  EXPECT_FALSE(narrow([&](CommandEncoder& encoder) {
    dispatch(encoder, 1);
    encoder.barrier();
    dispatch(encoder, 2);
  }));
  EXPECT_FALSE(narrow([&](CommandEncoder& encoder) { library(encoder, 2); }));
}

}  // namespace
}  // namespace assay::runtime
