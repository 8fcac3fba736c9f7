// SPDX-License-Identifier: MIT
#include "regression/measure/processor_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "regression/measure/timing.h"

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
