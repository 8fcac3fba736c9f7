// SPDX-License-Identifier: MIT
#include "regression/measure/processor_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <string>
#include <thread>

#include "regression/measure/timing.h"
#include "tests/regression/measure/fake_contestant.h"

namespace assay::measure {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr pid_t kCaller = 1;
constexpr pid_t kOurs = 2;
constexpr pid_t kTheirs = 3;
const std::set<pid_t> kOwn = {kCaller, kOurs};

// One second, of which the threads worked so many milliseconds.
ProcessorUse use_of(double caller, double ours, double theirs, double ended = 0) {
  return {1e9,
          (caller + ours + theirs + ended) * 1e6,
          {{kCaller, caller * 1e6}, {kOurs, ours * 1e6}, {kTheirs, theirs * 1e6}}};
}

TEST(ProcessorUseTest, WhoSleepsBetweenItsCallsIsFair) {
  EXPECT_THAT(unfair_use(use_of(1000, 900, 20), kOwn), IsEmpty());
  // An idle thread of ours that looks for work is not the library's.
  EXPECT_THAT(unfair_use(use_of(100, 1000, 0), kOwn), IsEmpty());
}

TEST(ProcessorUseTest, WorkBetweenCallsIsUnfair) {
  EXPECT_THAT(unfair_use(use_of(600, 600, 500), kOwn),
              HasSubstr("50 % of the time in which the other arm was timed"));
  // Also of threads that have ended.
  EXPECT_THAT(unfair_use(use_of(600, 600, 0, 500), kOwn), HasSubstr("50 %"));
}

// A quarter of the time, and more than the clocks may be off by.
TEST(ProcessorUseTest, ALittleIsFair) {
  EXPECT_THAT(unfair_use(use_of(600, 600, 249), kOwn), IsEmpty());
  EXPECT_THAT(unfair_use(use_of(600, 600, 251), kOwn), HasSubstr("25 %"));
  for (const double theirs_ms : {4.9, 5.1}) {
    ProcessorUse use = use_of(10, 0, theirs_ms);
    use.wall_ns = 10e6;
    EXPECT_EQ(unfair_use(use, kOwn).empty(), theirs_ms < 5) << theirs_ms;
  }
}

// The clocks of threads may be ahead of the process's.
TEST(ProcessorUseTest, NobodyWorksLessThanNotAtAll) {
  const ProcessorUse use = {1e9, 5e6, {{kCaller, 6e6}}};
  EXPECT_EQ(use.foreign_ns(kOwn), 0);
}

// Works for so many milliseconds of its own clock while it is asked to.
class Burner {
 public:
  Burner() : thread_([this] { loop(); }) {
    while (id == 0) std::this_thread::yield();
  }
  ~Burner() {
    asked_ms_ = -1;
    asked_ms_.notify_one();
    thread_.join();
  }
  void burn(int ms) {
    begin(ms);
    asked_ms_.wait(ms);
  }
  void begin(int ms) {
    asked_ms_ = ms;
    asked_ms_.notify_one();
  }
  bool rests() const { return asked_ms_ == 0; }

  std::atomic<pid_t> id = 0;

 private:
  static double own_ns() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }
  void loop() {
    id = gettid();
    for (;;) {
      asked_ms_.wait(0);
      const int ms = asked_ms_;
      if (ms < 0) return;
      for (const double end = own_ns() + 1e6 * ms; own_ns() < end;) {
      }
      asked_ms_ = 0;
      asked_ms_.notify_one();
    }
  }

  std::atomic<int> asked_ms_ = 0;
  std::thread thread_;
};

// Somebody works while this is timed.
class Beside final : public ContestantLayer {
 public:
  Beside(Contestant& subject, Burner& burner)
      : ContestantLayer(subject), burner_(burner) {}
  EpochTime time(Pass pass, std::uint64_t iterations) override {
    burner_.burn(20);
    return ContestantLayer::time(pass, iterations);
  }

 private:
  Burner& burner_;
};

// Against the system's clocks, which may be a tick of 10 ms behind for a process.
TEST(AccountedTest, TheUseOfAllTimedRegionsIsAdded) {
  std::string log;
  FakeContestant fake('c', 1e6, 1e6, log);
  Burner burner;
  Beside subject(fake, burner);
  ProcessorUse use;
  const OwnThreads own;
  Accounted accounted(subject, use, own);
  burner.burn(60);  // before: nobody's
  accounted.time(Pass::resident, 1);
  const double of_one_ns = use.wall_ns;
  EXPECT_GE(of_one_ns, 20e6);
  accounted.time(Pass::resident, 1);
  EXPECT_GE(use.wall_ns, of_one_ns + 20e6);
  EXPECT_NEAR(use.by_thread_ns[burner.id], 40e6, 5e6);
  EXPECT_GE(use.process_ns, 30e6);
  EXPECT_GE(use.foreign_ns({gettid()}), 28e6);
  EXPECT_LE(use.foreign_ns({gettid(), burner.id}), 12e6);
}

// Threads that work on for a while after a call are waited for. Where the burner gets
// no processor it looks as if it rested, so of many times.
TEST(AccountedTest, BeginsWhenOthersRest) {
  std::string log;
  FakeContestant fake('c', 1e6, 1e6, log);
  const OwnThreads own;
  Burner burner;
  ProcessorUse use;
  Accounted accounted(fake, use, own);
  bool rested = false;
  for (int i = 0; i < 50 && !rested; ++i) {
    burner.begin(3);
    accounted.warm(Pass::resident);
    rested = burner.rests();
    while (!burner.rests()) std::this_thread::yield();
  }
  EXPECT_TRUE(rested);
  // But not for ever.
  burner.begin(400);
  accounted.warm(Pass::resident);
  EXPECT_FALSE(burner.rests());
  while (!burner.rests()) std::this_thread::yield();
}

TEST(ProcessorUseTest, ThreadsThatWereThereBeforeAreNotOurs) {
  const Burner burner;
  OwnThreads own;
  own.settle(4);
  EXPECT_FALSE(own.get().contains(burner.id));
  EXPECT_TRUE(own.get().contains(gettid()));
}

// Against the system's clocks.
TEST(ProcessorUseTest, AThreadThatStartsBetweenTheMomentsIsOurs) {
  OwnThreads own;
  std::atomic<bool> stop = false;
  std::atomic<pid_t> started = 0;
  std::thread thread([&] {
    started = gettid();
    while (!stop) std::this_thread::yield();
  });
  while (started == 0) std::this_thread::yield();
  own.settle(1);
  const std::set<pid_t> all = own.get();
  EXPECT_TRUE(all.contains(gettid()));
  EXPECT_TRUE(all.contains(started));
  pid_t noted = 0;
  std::thread late([&] {
    OwnThreads::note();
    noted = gettid();
  });
  late.join();
  EXPECT_TRUE(own.get().contains(noted));
  stop = true;
  thread.join();
}

}  // namespace
}  // namespace assay::measure
