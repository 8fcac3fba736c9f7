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

TEST(ProcessorUseTest, WhoKeepsToItsCallsAndItsThreadsIsFair) {
  const ProcessorUse custom = use_of(1000, 900, 20);
  EXPECT_THAT(unfair_use(custom, use_of(1000, 0, 1000), kOwn, 2), IsEmpty());
  EXPECT_THAT(unfair_use(custom, use_of(1000, 0, 0), kOwn, 1), IsEmpty());
  // Its own threads do the work and the caller sleeps.
  EXPECT_THAT(unfair_use(custom, use_of(5, 0, 990), kOwn, 1), IsEmpty());
  // An idle thread of ours that looks for work is not the library's.
  EXPECT_THAT(unfair_use(custom, use_of(1000, 700, 0), kOwn, 1), IsEmpty());
}

TEST(ProcessorUseTest, WorkBetweenCallsIsUnfair) {
  EXPECT_THAT(unfair_use(use_of(600, 600, 500), use_of(1000, 0, 0), kOwn, 2),
              HasSubstr("50 % of the time in which the other arm was timed"));
  // Also of threads that have ended.
  EXPECT_THAT(unfair_use(use_of(600, 600, 0, 500), use_of(1000, 0, 0), kOwn, 2),
              HasSubstr("50 %"));
}

TEST(ProcessorUseTest, MoreThreadsThanGivenAreUnfairOnABusyMachineToo) {
  const ProcessorUse custom = use_of(1000, 0, 0);
  EXPECT_THAT(unfair_use(custom, use_of(1000, 0, 900), kOwn, 1),
              HasSubstr("1.9 threads in its calls, and 1 was given"));
  EXPECT_THAT(unfair_use(custom, use_of(300, 0, 290), kOwn, 1),
              HasSubstr("2.0 threads"));
  EXPECT_THAT(unfair_use(custom, use_of(300, 0, 0, 290), kOwn, 1),
              HasSubstr("2.0 threads"));
  EXPECT_THAT(unfair_use(custom, use_of(1000, 0, 1000, 900), kOwn, 2),
              HasSubstr("2.9 threads in its calls, and 2 were given"));
}

// Against the system's clocks.
TEST(ProcessorUseTest, AThreadThatStartsBetweenTheMomentsIsOurs) {
  OwnThreads own;
  std::atomic<bool> stop = false;
  std::thread thread([&] {
    while (!stop) std::this_thread::yield();
  });
  own.settle(1);
  const std::set<pid_t> all = own.get();
  EXPECT_TRUE(all.contains(gettid()));
  EXPECT_EQ(all.size(), 2U) << "the caller and the new one";
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
