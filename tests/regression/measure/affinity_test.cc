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

TEST(AffinityWatchTest, WhatTheCallingThreadLostIsSaid) {
  struct Way {
    void (*change)(pid_t thread);
    const char* said;
  };
  for (const auto& [change, said] :
       {Way{become_nicer, "nice "}, Way{become_batch, "policy 0 to 3"},
        Way{lose_a_processor, "changed which processors"}}) {
    if (change == lose_a_processor && !has_two_processors()) continue;
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
  Idler idler;
  AffinityWatch watch;
  watch.settle();
  EXPECT_THAT(complaint_of(watch), IsEmpty());
  become_nicer(idler.id());
  EXPECT_THAT(complaint_of(watch), HasSubstr("nice "));
  // Who has ended has nothing left to lose.
  idler.end();
  EXPECT_THAT(complaint_of(watch), IsEmpty());
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
