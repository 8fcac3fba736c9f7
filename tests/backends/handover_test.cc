// SPDX-License-Identifier: MIT
#include "backends/runtime/handover.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

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
  constexpr int kRounds = 2000;
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

}  // namespace
}  // namespace assay::runtime
