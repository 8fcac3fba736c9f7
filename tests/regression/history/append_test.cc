// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "backends/interface/status.h"
#include "regression/history/history.h"
#include "regression/json/file.h"
#include "tests/regression/history/made_up_history.h"

namespace assay::history {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AppendTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "assay_history_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = name + "/below/host.jsonl";
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Entry entry(int day) { return made_up_entry(day, {made_up_point("a", 0.1)}); }
  void write(const std::string& text) const {
    fs::create_directories(fs::path(path_).parent_path());
    std::ofstream(path_, std::ios::binary) << text;
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(AppendTest, LinesAddUp) {
  append(path_, entry(0));
  append(path_, entry(1));
  EXPECT_EQ(json::read_file(path_),
            to_line(entry(0)) + "\n" + to_line(entry(1)) + "\n");
  const History history = load(path_);
  ASSERT_EQ(history.entries.size(), 2U);
  EXPECT_EQ(history.entries[1].commit, "c1");
  EXPECT_EQ(history.bad_lines, 0U);
  EXPECT_THAT(history.warnings, IsEmpty());
}

TEST_F(AppendTest, ATornLastLineIsSkippedAndNotContinued) {
  append(path_, entry(0));
  const std::string whole = json::read_file(path_);
  write(whole + whole.substr(0, 40));
  const History torn = load(path_);
  EXPECT_EQ(torn.entries.size(), 1U);
  EXPECT_EQ(torn.bad_lines, 0U);
  EXPECT_THAT(torn.warnings, ElementsAre(HasSubstr("line 2: torn")));
  append(path_, entry(1));
  const History after = load(path_);
  ASSERT_EQ(after.entries.size(), 2U);
  EXPECT_EQ(after.entries[1].commit, "c1");
  EXPECT_EQ(after.bad_lines, 1U);
  EXPECT_THAT(after.warnings, ElementsAre(HasSubstr("line 2: ")));
}

// A line that is whole but for its newline may still have lost its end: not believed.
TEST_F(AppendTest, TheNewlineIsPartOfALine) {
  write(to_line(entry(0)));
  EXPECT_THAT(load(path_).entries, IsEmpty());
}

TEST_F(AppendTest, BadLinesAreRefusedOneByOne) {
  std::string text = to_line(entry(0)) + "\n\n{\"schema\":1}\n" + to_line(entry(1)) +
                     "\n" + std::string("\0\x1b[31m\xff\n", 8);
  text += std::string(100'000, '[') + "\n";
  for (int i = 0; i < 20; ++i) text += "x\n";
  write(text + to_line(entry(2)) + "\n");
  const History history = load(path_);
  EXPECT_EQ(history.entries.size(), 3U);
  EXPECT_EQ(history.bad_lines, 23U);
  ASSERT_EQ(history.warnings.size(), 11U);
  EXPECT_THAT(history.warnings[0], HasSubstr("line 3: "));
  EXPECT_THAT(history.warnings[1], HasSubstr("line 5: "));
  EXPECT_THAT(history.warnings[10],
              HasSubstr("23 lines refused, 13 of them not shown"));
  for (const std::string& warning : history.warnings) {
    EXPECT_LT(warning.size(), 250U);
    EXPECT_EQ(warning.find('\x1b'), warning.npos);
  }
}

TEST_F(AppendTest, WritersTakeTurns) {
  constexpr int kWriters = 4;
  constexpr int kLines = 10;
  std::vector<std::thread> threads;
  threads.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([this, writer] {
      for (int i = 0; i < kLines; ++i) append(path_, entry(writer));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const History history = load(path_);
  EXPECT_EQ(history.entries.size(), std::size_t{kWriters * kLines});
  EXPECT_THAT(history.warnings, IsEmpty());
}

// A disk that takes a part of the line, made with a limit on the size of files.
TEST_F(AppendTest, APartOfALineIsTakenOffAgain) {
  append(path_, entry(0));
  const std::string before = json::read_file(path_);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{before.size() + 20, before.size() + 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      append(path_, entry(1));
    } catch (const Error& error) {
      const bool told = std::string(error.what()).find(path_) != std::string::npos;
      status = error.code() == StatusCode::resource_exhausted && told ? 0 : 2;
    }
    _exit(status);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(json::read_file(path_), before);
}

TEST_F(AppendTest, WhatIsNoFileIsRefusedAndDoesNotHang) {
  fs::create_directories(fs::path(path_).parent_path());
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  try {
    append(path_, entry(0));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("not a regular file"));
  }
  EXPECT_THROW(append(folder_.string(), entry(0)), Error);
}

TEST_F(AppendTest, ALockedFileIsWaitedFor) {
  append(path_, entry(0));
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    append(path_, entry(1));
    done = true;
  });
  // Not a proof that it waits, but a writer that ignores the lock is done by now.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(done);
  EXPECT_EQ(load(path_).entries.size(), 1U);
  close(fd);
  writer.join();
  EXPECT_EQ(load(path_).entries.size(), 2U);
}

TEST(HistoryPathTest, HoldsNothingThatLeavesTheFolder) {
  EXPECT_EQ(history_path("h", "x86_64-amd-fam26.2"), "h/x86_64-amd-fam26.2.jsonl");
  EXPECT_EQ(history_path("h", "../../etc/x y\n"), "h/_._.._etc_x_y_.jsonl");
  EXPECT_EQ(history_path("h", ""), "h/unknown.jsonl");
}

TEST(LoadTest, AMissingFileIsUnavailable) {
  try {
    (void)load("/nowhere/host.jsonl");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::unavailable);
  }
}

}  // namespace
}  // namespace assay::history
