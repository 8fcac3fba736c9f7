// SPDX-License-Identifier: MIT
#include "backends/runtime/handover.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
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

// A program that waits for each submission, and the values it has waited for.
class Waiter {
 public:
  explicit Waiter(Handover& handover) : handover_(handover) {}
  void promptly(std::uint32_t times) {
    for (std::uint32_t i = 0; i < times; ++i) {
      wait(1'000'000 + Handover::kPromptNs);
    }
  }
  void late() { wait(1'000'001 + Handover::kPromptNs); }
  // For the last of several.
  void after_a_stream() {
    ++value_;
    wait(1'000'000);
  }

 private:
  void wait(std::uint64_t now_ns) {
    handover_.submitted(1'000'000);
    handover_.waited(++value_, now_ns);
  }
  Handover& handover_;
  std::uint64_t value_ = 0;
};

TEST(HandoverTest, PromptWaitsMakeAHabit) {
  Handover handover;
  Waiter waiter(handover);
  EXPECT_FALSE(handover.expected());
  waiter.promptly(Handover::kHabit - 1);
  EXPECT_FALSE(handover.expected());
  waiter.promptly(1);
  EXPECT_TRUE(handover.expected());
  waiter.late();
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, ALongHabitSurvivesTwoLateWaits) {
  Handover handover;
  Waiter waiter(handover);
  waiter.promptly(10 * Handover::kMostPrompt);
  waiter.late();
  waiter.late();
  EXPECT_TRUE(handover.expected());
  waiter.late();
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, AWaitAfterSeveralSubmissionsIsNoHabit) {
  Handover handover;
  Waiter waiter(handover);
  for (std::uint32_t i = 0; i < 10 * Handover::kHabit; ++i) {
    waiter.after_a_stream();
    EXPECT_FALSE(handover.promising());
  }
  waiter.promptly(Handover::kHabit);
  EXPECT_TRUE(handover.expected());
  waiter.after_a_stream();
  EXPECT_FALSE(handover.expected());
}

TEST(HandoverTest, AForgottenHabitHasToGrowAnew) {
  Handover handover;
  Waiter waiter(handover);
  waiter.promptly(Handover::kMostPrompt);
  handover.forget();
  EXPECT_FALSE(handover.expected());
  waiter.promptly(Handover::kHabit - 1);
  EXPECT_FALSE(handover.expected());
}

// What breaking a habit costs is a small share of the time that it was kept.
TEST(HandoverTest, AHabitIsWatchedLessTheLongerItIsKept) {
  constexpr std::uint64_t kMs = 1'000'000;
  EXPECT_EQ(watch_ns(100 * kMs, 100 * kMs), kMs);
  EXPECT_EQ(watch_ns(100 * kMs, 99 * kMs), kMs) << "clocks of two threads";
  EXPECT_EQ(watch_ns(0, 32 * kMs), kMs);
  EXPECT_EQ(watch_ns(0, 96 * kMs), 3 * kMs);
  EXPECT_EQ(watch_ns(0, 3'600'000 * kMs), 8 * kMs);
}

TEST(HandoverTest, WhoHasTheHabitIsComingForAWhile) {
  Handover handover;
  Waiter waiter(handover);
  waiter.promptly(Handover::kHabit - 1);
  handover.submitted(5'000'000);
  EXPECT_FALSE(handover.coming(5'000'000)) << "not yet a habit";
  waiter.promptly(1);
  handover.submitted(6'000'000);
  EXPECT_TRUE(handover.coming(6'000'000));
  EXPECT_TRUE(handover.coming(6'000'000 + Handover::kPromptNs));
  EXPECT_FALSE(handover.coming(6'000'001 + Handover::kPromptNs));
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

// Looks for a while, then sleeps for a moment: a thread that only looks, or yields,
// keeps the one it waits for off a busy machine's processor for a whole time slice.
template <typename Condition>
void wait_until(const Condition& condition) {
  for (int looks = 0; !condition(); ++looks) {
    if (looks % 1000 == 999) std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

TEST(HandoverTest, OneOfManyTakersGetsIt) {
  Handover handover;
  const std::shared_ptr<QueueCore> queue = stand_in();
  constexpr int kRounds = 500;
  std::atomic<int> taken{0};
  std::vector<std::jthread> takers;
  for (int i = 0; i < 3; ++i) {
    takers.emplace_back([&] {
      wait_until([&] {
        if (handover.take() == queue) ++taken;
        return taken >= kRounds;
      });
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    handover.hold(queue);
    wait_until([&] { return taken > round; });
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
