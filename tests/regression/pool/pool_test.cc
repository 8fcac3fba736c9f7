// SPDX-License-Identifier: MIT
// Requests, replies, and what becomes of both when workers do what they should not. The
// program is its own worker: see main().
#include "regression/pool/pool.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "backends/interface/status.h"
#include "regression/pool/worker.h"
#include "tests/support/eventually.h"
#include "tests/support/patience.h"

namespace assay::pool {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

using testing_support::kPatience;

// What a worker of this test does for each request.
std::string handle(std::string_view request) {
  const std::string text(request);
  if (text == "pid") return std::to_string(getpid());
  if (text == "throw") throw Error(StatusCode::internal, "as asked");
  if (text == "long") return std::string(std::size_t{1} << 20, 'x');
  if (text == "exit") std::_Exit(3);
  if (text == "hang") {
    for (;;) pause();
  }
  if (text.starts_with("signal ")) {
    raise(std::stoi(text.substr(7)));
  }
  if (text.starts_with("spin ")) {
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::microseconds(std::stoi(text.substr(5)));
    while (std::chrono::steady_clock::now() < end) {
    }
  }
  return "<" + text + ">";
}

measure::Environment inherited() {
  measure::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equal = text.find('=');
    environment.emplace_back(text.substr(0, equal), text.substr(equal + 1));
  }
  return environment;
}

Options options(std::uint32_t workers) {
  Options made;
  made.arguments = {"pool-worker", "%p"};
  made.environment = inherited();
  made.workers = workers;
  made.shape = {4, 1024};
  return made;
}

Reply get(std::future<Reply>& future) {
  if (future.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "no reply";
    return {};
  }
  return future.get();
}

Reply ask(Pool& pool, const std::string& text, const std::string& label = "case") {
  std::future<Reply> future = pool.submit({label, text});
  return get(future);
}

std::set<std::string> open_descriptors() {
  std::set<std::string> found;
  DIR* folder = opendir("/proc/self/fd");
  const std::string own = std::to_string(dirfd(folder));
  while (const dirent* entry = readdir(folder)) {
    if (own != entry->d_name) found.insert(entry->d_name);
  }
  closedir(folder);
  return found;
}

// No child is left, running or dead.
void expect_no_children() {
  int status = 0;
  EXPECT_EQ(waitpid(-1, &status, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(PoolTest, EveryRequestGetsItsReply) {
  const auto before = open_descriptors();
  {
    Pool pool(options(2));
    std::vector<std::future<Reply>> futures;
    for (int i = 0; i < 300; ++i) {
      futures.push_back(pool.submit({"case", std::to_string(i)}));
    }
    for (int i = 0; i < 300; ++i) {
      const Reply reply = get(futures[static_cast<std::size_t>(i)]);
      ASSERT_TRUE(reply.ok()) << reply.description();
      EXPECT_EQ(reply.text, "<" + std::to_string(i) + ">");
    }
    EXPECT_EQ(pool.stats().submitted, 300U);
    EXPECT_EQ(pool.stats().completed, 300U);
    EXPECT_EQ(pool.stats().replaced, 0U);
  }
  expect_no_children();
  EXPECT_EQ(open_descriptors(), before);
}

TEST(PoolTest, WorkersTakeTurns) {
  Options deep = options(3);
  deep.depth = 1;
  Pool pool(deep);
  std::set<std::string> pids;
  for (int i = 0; i < 3; ++i) pids.insert(ask(pool, "pid").text);
  EXPECT_EQ(pids.size(), 3U);
}

TEST(PoolTest, WhatAHandlerThrowsIsAReplyAndTheWorkerGoesOn) {
  Pool pool(options(1));
  const std::string pid = ask(pool, "pid").text;
  const Reply thrown = ask(pool, "throw", "third case");
  EXPECT_EQ(thrown.end, Reply::End::failed);
  EXPECT_EQ(thrown.description(), "third case: as asked");
  EXPECT_THAT(ask(pool, "long").description(), HasSubstr("longer than a slot"));
  EXPECT_EQ(ask(pool, "pid").text, pid);
  EXPECT_THROW(pool.submit({"case", std::string(1025, 'x')}), Error);
  EXPECT_EQ(ask(pool, std::string(1000, 'x')).text.size(), 1002U);
}

TEST(PoolTest, TheQueueIsBounded) {
  Options narrow = options(1);
  narrow.depth = 1;
  narrow.queue_limit = 2;
  Pool pool(narrow);
  std::vector<std::future<Reply>> futures;
  futures.push_back(pool.submit({"served", "hang"}));
  // The first leaves the queue at some moment; then two wait and a third may not.
  for (int i = 0; i < 2; ++i) futures.push_back(pool.submit({"waits", "x"}));
  while (true) {
    try {
      futures.push_back(pool.submit({"waits", "x"}, milliseconds(0)));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::resource_exhausted);
      break;
    }
    ASSERT_LE(futures.size(), 4U);
  }
  pool.close(milliseconds(0));
  for (std::future<Reply>& future : futures) {
    EXPECT_EQ(get(future).end, Reply::End::shut_down);
  }
  EXPECT_THROW(pool.submit({"late", "x"}), Error);
  expect_no_children();
}

TEST(PoolTest, EachEndOfAWorkerIsToldAndTheRestGoesOn) {
  Options watched = options(2);
  // The start of a worker counts, and takes its time on a busy machine.
  watched.request_timeout = milliseconds(1000 * testing_support::kSlowdown);
  Pool pool(watched);
  struct Case {
    std::string request;
    Reply::End end;
    int code;
    std::string text;
  };
  const Case cases[] = {
      {"exit", Reply::End::exited, 3, "crash: the worker ended with exit status 3"},
      {"signal 9", Reply::End::killed, SIGKILL, "signal 9 (Killed)"},
      {"signal 11", Reply::End::killed, SIGSEGV, "signal 11 (Segmentation fault)"},
      {"signal 19", Reply::End::stopped, SIGSTOP, "stopped by signal 19"},
      {"hang", Reply::End::hung, 0, "took too long"},
  };
  std::vector<std::future<Reply>> bad;
  std::vector<std::future<Reply>> good;
  for (const Case& c : cases) {
    bad.push_back(pool.submit({"crash", c.request}));
    for (int i = 0; i < 5; ++i) good.push_back(pool.submit({"good", "spin 100"}));
  }
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    const Reply reply = get(bad[i]);
    EXPECT_EQ(reply.end, cases[i].end) << cases[i].request;
    EXPECT_EQ(reply.code, cases[i].code);
    EXPECT_THAT(reply.description(), HasSubstr(cases[i].text));
  }
  for (std::future<Reply>& future : good) EXPECT_TRUE(get(future).ok());
  EXPECT_EQ(pool.stats().lost, 5U);
  // The last to end is replaced after its reply is there.
  EXPECT_TRUE(testing_support::eventually([&] { return pool.stats().replaced == 5; }));
  EXPECT_EQ(pool.workers().size(), 2U);
}

TEST(PoolTest, WorkersThatCannotLiveAreGivenUp) {
  Options dead = options(2);
  dead.arguments = {"pool-death"};
  Pool pool(dead);
  const Reply reply = ask(pool, "x");
  EXPECT_EQ(reply.end, Reply::End::not_started) << reply.description();
  Options absent = options(1);
  absent.executable = "/nowhere/worker";
  EXPECT_THROW(Pool{absent}, Error);
  EXPECT_THROW(Pool{options(0)}, Error);
}

// Signals at random moments to random workers under load: nothing is lost but what the
// signalled worker had, and both are there in the end. ASSAY_POOL_SIGNALS sets how
// many.
TEST(PoolTest, SurvivesSignalsAtRandomMoments) {
  const char* const wanted = std::getenv("ASSAY_POOL_SIGNALS");
  const int signals = wanted == nullptr ? 9 : std::atoi(wanted);
  const auto before = open_descriptors();
  std::mt19937 random(20261121);
  {
    Pool pool(options(2));
    std::uint64_t sent = 0;
    for (int round = 0; round < signals; ++round) {
      std::vector<std::future<Reply>> futures;
      for (int i = 0; i < 40; ++i) {
        futures.push_back(pool.submit({std::to_string(i), "spin 300"}));
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
      constexpr int kSignals[] = {SIGKILL, SIGSEGV, SIGSTOP};
      const int number = kSignals[round % 3];
      const std::vector<int> ids = pool.workers();
      ASSERT_EQ(ids.size(), 2U);
      if (kill(ids[random() % 2], number) == 0) ++sent;
      const auto told_from = std::chrono::steady_clock::now();
      std::uint64_t lost = 0;
      for (int i = 0; i < 40; ++i) {
        const Reply reply = get(futures[static_cast<std::size_t>(i)]);
        EXPECT_EQ(reply.label, std::to_string(i));
        if (reply.ok()) {
          EXPECT_EQ(reply.text, "<spin 300>");
          continue;
        }
        ++lost;
        EXPECT_EQ(reply.code, number) << reply.description();
      }
      EXPECT_LE(lost, 1U) << "a worker serves one request at a time";
      // 40 requests of 0.3 ms, and the loss told within a second.
      if (wanted != nullptr) {
        EXPECT_LT(std::chrono::steady_clock::now() - told_from,
                  std::chrono::seconds(1));
      }
      while (pool.stats().replaced < sent) std::this_thread::yield();
    }
    EXPECT_EQ(pool.stats().replaced, sent);
    EXPECT_TRUE(ask(pool, "x").ok());
  }
  expect_no_children();
  EXPECT_EQ(open_descriptors(), before);
}

// By ASSAY_POOL_SIGNALS only, for it takes its time: that a hang is told within a
// second of its time-out, and what waits behind it runs.
TEST(PoolTest, AHangIsToldSoonAfterItsTimeOut) {
  if (std::getenv("ASSAY_POOL_SIGNALS") == nullptr) {
    GTEST_SKIP() << "ASSAY_POOL_SIGNALS is not set: ctest --preset soak";
  }
  const auto before = open_descriptors();
  constexpr int kHangs = 10;
  {
    Options watched = options(2);
    watched.request_timeout = milliseconds(500 * testing_support::kSlowdown);
    Pool pool(watched);
    for (int round = 0; round < kHangs; ++round) {
      const auto from = std::chrono::steady_clock::now();
      std::future<Reply> hang = pool.submit({"hangs", "hang"});
      std::vector<std::future<Reply>> others;
      for (int i = 0; i < 20; ++i) others.push_back(pool.submit({"good", "spin 100"}));
      const Reply reply = get(hang);
      const auto took = std::chrono::steady_clock::now() - from;
      EXPECT_EQ(reply.end, Reply::End::hung) << reply.description();
      EXPECT_EQ(reply.label, "hangs");
      EXPECT_GE(took, watched.request_timeout);
      EXPECT_LT(took, watched.request_timeout + std::chrono::seconds(1));
      for (std::future<Reply>& other : others) EXPECT_TRUE(get(other).ok());
    }
    EXPECT_EQ(pool.stats().replaced, std::uint64_t{kHangs});
  }
  expect_no_children();
  EXPECT_EQ(open_descriptors(), before);
}

TEST(PoolTest, WorkersDieWithTheirParent) {
  // Orphans come to us.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  char name[] = "pool";
  char mode[] = "pool-parent";
  char* const argv[] = {name, mode, nullptr};
  pid_t parent = -1;
  ASSERT_EQ(posix_spawn(&parent, "/proc/self/exe", &actions, nullptr, argv, environ),
            0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  int ids[2] = {};
  ASSERT_EQ(read(ends[0], ids, sizeof(ids)), static_cast<ssize_t>(sizeof(ids)));
  close(ends[0]);
  ASSERT_EQ(kill(parent, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(parent, &status, 0), parent);
  for (const int id : ids) {
    ASSERT_EQ(waitpid(id, &status, 0), id);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  expect_no_children();
}

TEST(ChannelTest, NonsenseFromTheOtherEndIsRefused) {
  EXPECT_THROW(Channel::create({3, 64}), Error);
  EXPECT_THROW(Channel::create({4, 100}), Error);
  Channel pool = Channel::create({2, 64});
  Channel worker = Channel::attach(dup(pool.fd()));
  EXPECT_TRUE(pool.send_request({1, false, "a"}));
  EXPECT_TRUE(pool.send_request({2, false, ""}));
  EXPECT_FALSE(pool.send_request({3, false, "c"})) << "full";
  EXPECT_EQ(worker.next_request()->text, "a");
  EXPECT_EQ(pool.taken(), 1U);
  EXPECT_EQ(worker.next_request()->id, 2U);
  EXPECT_FALSE(pool.next_reply());
  worker.send_reply({2, true, std::string(64, 'x')});
  const auto reply = pool.next_reply();
  EXPECT_TRUE(reply->failed);
  EXPECT_EQ(reply->text.size(), 64U);
  // More replies than slots, then a reply longer than its slot.
  const auto write_at = [&](off_t at, std::uint32_t value) {
    ASSERT_EQ(pwrite(pool.fd(), &value, sizeof(value), at), 4);
  };
  constexpr off_t kRepliesWritten = 192;
  write_at(kRepliesWritten, 99);
  EXPECT_THROW(pool.next_reply(), Error);
  write_at(kRepliesWritten, 2);
  const std::vector<std::uint32_t> ones(256, 0xffffffff);
  const off_t slots = 320 + 2 * 128;
  ASSERT_EQ(pwrite(pool.fd(), ones.data(), 256, slots), 256);
  EXPECT_THROW(pool.next_reply(), Error);
  pool.close();
  EXPECT_FALSE(worker.next_request());
}

// A parent that is killed while its workers are busy and idle.
int parent_main() {
  Pool pool(options(2));
  const auto future = pool.submit({"case", "hang"});
  const std::vector<int> ids = pool.workers();
  const ssize_t size = write(STDOUT_FILENO, ids.data(), ids.size() * sizeof(int));
  return size > 0 ? pause() : 1;
}

}  // namespace
}  // namespace assay::pool

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "pool-worker") {
    // Of a sanitizer's handler a signal would be an exit status.
    signal(SIGSEGV, SIG_DFL);
    return assay::pool::serve(std::atoi(argv[2]), assay::pool::handle);
  }
  if (mode == "pool-parent") return assay::pool::parent_main();
  if (mode == "pool-death") return 1;
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
