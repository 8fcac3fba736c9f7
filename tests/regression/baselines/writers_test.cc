// SPDX-License-Identifier: MIT
// Several processes that save at once: the file is always one of their contents, whole,
// and of those that expect the same old content exactly one succeeds.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "backends/interface/status.h"
#include "regression/baselines/store.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::baselines {
namespace {

constexpr int kWriters = 4;
constexpr int kRounds = 8;
constexpr int kSaved = 0;
constexpr int kRefused = 10;
constexpr int kBroken = 11;

// What a writer's process exits with.
int save_once(int start, const std::string& path, const Baseline& baseline,
              const std::string& expected) {
  char go = 0;
  if (::read(start, &go, 1) != 0) return kBroken;  // the end: all writers are there
  try {
    save_baseline(path, baseline, expected);
    return kSaved;
  } catch (const Error& error) {
    return error.code() == StatusCode::failed_precondition ? kRefused : kBroken;
  }
}

class WritersTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < kWriters; ++i) {
      contents_.push_back(made_up_proposal(0.1 * i).baseline);
    }
  }

  // All of them at once; how many saved.
  int race(const std::string& expected) {
    std::array<int, 2> gate{};
    EXPECT_EQ(::pipe2(gate.data(), O_CLOEXEC), 0);
    std::vector<pid_t> children;
    for (const Baseline& content : contents_) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::close(gate[1]);
        ::_exit(save_once(gate[0], path_, content, expected));
      }
      children.push_back(child);
    }
    ::close(gate[0]);
    ::close(gate[1]);
    int saved = 0;
    for (const pid_t child : children) {
      int status = 0;
      EXPECT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFEXITED(status));
      EXPECT_TRUE(WEXITSTATUS(status) == kSaved || WEXITSTATUS(status) == kRefused)
          << status;
      if (WEXITSTATUS(status) == kSaved) ++saved;
    }
    return saved;
  }

  bool file_is_one_of_the_contents() const {
    const std::string found = json::read_file(path_);
    for (const Baseline& content : contents_) {
      if (found == baseline_text(content)) return true;
    }
    return false;
  }

  const TemporaryFolder folder_{"writers"};
  const std::string path_ = folder_ / "class/core.json";
  std::vector<Baseline> contents_;
};

TEST_F(WritersTest, OfThoseThatExpectTheSameExactlyOneSucceeds) {
  std::string expected;  // the first round makes file and folder
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_EQ(race(expected), 1) << round;
    EXPECT_TRUE(file_is_one_of_the_contents());
    expected = file_sha256(path_);
    // Who puts back what is there leaves the hash for another to expect: the content
    // that won does not run again.
    for (Baseline& content : contents_) {
      if (sha256_hex(baseline_text(content)) == expected) {
        content = made_up_proposal(1 + 0.1 * round).baseline;
      }
    }
  }
}

}  // namespace
}  // namespace assay::baselines
