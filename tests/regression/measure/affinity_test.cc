// SPDX-License-Identifier: MIT
// Each way in which a thread of ours can be left worse off than it was, and those that
// are nobody's business. On threads that end: what is nicer stays so.
#include "regression/measure/affinity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "backends/interface/status.h"

namespace assay::measure {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

void become_nicer(pid_t thread) {
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
  ASSERT_EQ(setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice + 1), 0);
}

void become_batch(pid_t thread) {
  const sched_param none{};
  ASSERT_EQ(sched_setscheduler(thread, SCHED_BATCH, &none), 0);
}

// The last processor that the thread may use is taken from it.
void lose_a_processor(pid_t thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  ASSERT_EQ(sched_getaffinity(thread, sizeof set, &set), 0);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(last, &set)) --last;
  CPU_CLR(last, &set);
  ASSERT_EQ(sched_setaffinity(thread, sizeof set, &set), 0);
}

bool has_two_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

// What the watch says; empty: nothing.
std::string complaint_of(const AffinityWatch& watch) {
  try {
    watch.require_unchanged();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::failed_precondition);
    return error.what();
  }
}

void on_a_thread(const std::function<void()>& body) { std::thread(body).join(); }

// A thread that does nothing until it is told to end.
class Idler {
 public:
  Idler()
      : thread_([this] {
          id_ = gettid();
          while (!ends_) std::this_thread::yield();
        }) {
    while (id_ == 0) std::this_thread::yield();
  }
  ~Idler() { end(); }
  Idler(const Idler&) = delete;
  Idler& operator=(const Idler&) = delete;

  pid_t id() const { return id_; }
  void end() {
    ends_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<pid_t> id_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

struct Way {
  void (*change)(pid_t thread);
  const char* said;
};
std::vector<Way> ways() {
  std::vector<Way> ways = {{become_nicer, "nice "}, {become_batch, "policy 0 to 3"}};
  if (has_two_processors()) ways.push_back({lose_a_processor, "which processors"});
  return ways;
}

TEST(AffinityWatchTest, WhatTheCallingThreadLostIsSaid) {
  for (const auto& [change, said] : ways()) {
    on_a_thread([change = change, said = said] {
      AffinityWatch watch;
      watch.settle();
      EXPECT_THAT(complaint_of(watch), IsEmpty());
      change(gettid());
      EXPECT_THAT(complaint_of(watch), HasSubstr(said));
    });
  }
}

TEST(AffinityWatchTest, ThreadsThatWereThereCountAsWell) {
  for (const auto& [change, said] : ways()) {
    Idler idler;
    AffinityWatch watch;
    watch.settle();
    EXPECT_THAT(complaint_of(watch), IsEmpty());
    change(idler.id());
    EXPECT_THAT(complaint_of(watch), HasSubstr(said));
    // Who has ended has nothing left to lose.
    idler.end();
    EXPECT_THAT(complaint_of(watch), IsEmpty());
  }
}

TEST(AffinityWatchTest, WhoHasEndedHidesNobody) {
  Idler first;
  const Idler second;
  AffinityWatch watch;
  watch.settle();
  become_nicer(second.id());
  first.end();
  EXPECT_THAT(complaint_of(watch), HasSubstr("nice "));
}

// As many processors, and others.
TEST(AffinityWatchTest, WhoWasMovedIsSeen) {
  if (!has_two_processors()) GTEST_SKIP() << "one processor";
  on_a_thread([] {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    lose_a_processor(gettid());
    AffinityWatch watch;
    watch.settle();
    cpu_set_t others;
    ASSERT_EQ(sched_getaffinity(0, sizeof others, &others), 0);
    int first = 0;
    while (!CPU_ISSET(first, &all)) ++first;
    CPU_XOR(&others, &all, &others);  // the one that was lost
    for (int cpu = first + 1; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &others);
    }
    ASSERT_EQ(sched_setaffinity(0, sizeof others, &others), 0);
    EXPECT_THAT(complaint_of(watch), HasSubstr("which processors"));
  });
}

// Between the two moments a library is loaded: what it did to the caller there is not
// taken for how the caller was.
TEST(AffinityWatchTest, TheCallerIsHeldToWhatItWasAtFirst) {
  on_a_thread([] {
    AffinityWatch watch;
    become_nicer(gettid());
    watch.settle();
    EXPECT_THAT(complaint_of(watch), HasSubstr("nice "));
  });
}

// A library's own.
TEST(AffinityWatchTest, ThreadsThatCameLaterAreNotOurs) {
  AffinityWatch watch;
  watch.settle();
  const Idler late;
  become_batch(late.id());
  become_nicer(late.id());
  EXPECT_THAT(complaint_of(watch), IsEmpty());
}

}  // namespace
}  // namespace assay::measure
