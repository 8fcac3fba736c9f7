// SPDX-License-Identifier: MIT
#include "regression/json/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "backends/interface/status.h"

namespace assay::json {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("assay_file_test_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      result.push_back(entry.path().filename().string());
    }
    return result;
  }

  fs::path folder_;
};

template <class Call>
Status refusal(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.status();
  }
  return {};
}

TEST_F(FileTest, WritesAndReadsBack) {
  const std::string text(3'000'000, 'x');
  write_file_atomically(path("a.json"), text);
  EXPECT_EQ(read_file(path("a.json")), text);
  write_file_atomically(path("a.json"), "");
  EXPECT_EQ(read_file(path("a.json")), "");
  EXPECT_THAT(names(), testing::ElementsAre("a.json"));
}

TEST_F(FileTest, TheModeFollowsTheUmask) {
  const mode_t before = ::umask(027);
  write_file_atomically(path("a"), "x");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(FileTest, AnUnwritablePlaceNamesPathAndCauseAndLeavesNothing) {
  // A folder that is not there, a file for a folder, a folder for a file: root is
  // refused these too, which permissions are not.
  const Status absent = refusal([&] { write_file_atomically(path("no/a.json"), "x"); });
  EXPECT_EQ(absent.code(), StatusCode::failed_precondition);
  EXPECT_THAT(std::string(absent.message()), HasSubstr(path("no/a.json")));
  EXPECT_THAT(std::string(absent.message()), HasSubstr("No such file or directory"));
  write_file_atomically(path("file"), "old");
  EXPECT_FALSE(refusal([&] { write_file_atomically(path("file/a"), "x"); }).ok());
  EXPECT_FALSE(refusal([&] { write_file_atomically(folder_.string(), "x"); }).ok());
  EXPECT_EQ(read_file(path("file")), "old");
  EXPECT_THAT(names(), testing::ElementsAre("file"));
}

TEST_F(FileTest, AnUnwritableFolderIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const Status status = refusal([&] { write_file_atomically(path("a"), "x"); });
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Permission denied"));
}

// The limit on file size stands for a full disk: write() stops in the middle.
TEST_F(FileTest, AWriteCutShortKeepsTheOldContent) {
  write_file_atomically(path("a.json"), "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status =
      refusal([&] { write_file_atomically(path("a.json"), std::string(5000, 'x')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, handler);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write: File too large"));
  EXPECT_EQ(read_file(path("a.json")), "old");
  EXPECT_THAT(names(), testing::ElementsAre("a.json"));
}

TEST_F(FileTest, ALinkIsFollowedAndStays) {
  write_file_atomically(path("real"), "old");
  fs::create_symlink("real", path("link"));
  write_file_atomically(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("real")), "new");
}

// A rename would put a file in the place of a device: as root, in that of /dev/null. So
// the tests make special files of their own and never aim at the machine's: code that
// gets this wrong must break this folder and nothing else.
TEST_F(FileTest, APipeIsWrittenToAndNotReplaced) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  write_file_atomically(path("pipe"), "hello");
  std::array<char, 16> seen{};
  const ssize_t count = ::read(reader, seen.data(), seen.size());
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  ASSERT_EQ(count, 5);
  EXPECT_EQ(std::string(seen.data(), 5), "hello");
}

TEST_F(FileTest, AFullDeviceIsResourceExhausted) {
  // The number of /dev/full, under a name that is ours.
  if (::mknod(path("full").c_str(), S_IFCHR | 0600, makedev(1, 7)) != 0) {
    GTEST_SKIP() << "no right to make a device";
  }
  const int usable = ::open(path("full").c_str(), O_WRONLY | O_CLOEXEC);
  if (usable < 0) GTEST_SKIP() << "devices are not usable in the temporary folder";
  ::close(usable);
  const Status full = refusal([&] { write_file_atomically(path("full"), "x"); });
  EXPECT_EQ(full.code(), StatusCode::resource_exhausted);
  EXPECT_TRUE(fs::is_character_file(path("full")));
}

TEST_F(FileTest, OldLeftoversOfTheSameFileAreRemoved) {
  const auto leave = [&](const std::string& name, std::chrono::minutes age) {
    std::ofstream(path(name)) << "half";
    fs::last_write_time(path(name), fs::file_time_type::clock::now() - age);
  };
  leave(".a.json.assay-tmp.1.0", std::chrono::minutes(90));
  leave(".a.json.assay-tmp.2.0", std::chrono::minutes(5));
  leave(".b.json.assay-tmp.1.0", std::chrono::minutes(90));
  write_file_atomically(path("a.json"), "x");
  EXPECT_THAT(names(), testing::UnorderedElementsAre("a.json", ".a.json.assay-tmp.2.0",
                                                     ".b.json.assay-tmp.1.0"));
}

TEST_F(FileTest, AReaderSeesTheOldOrTheNewAndNothingBetween) {
  const std::string texts[] = {std::string(200'000, 'a'), std::string(300'000, 'b')};
  write_file_atomically(path("a"), texts[0]);
  const auto writer = [&](int which) {
    for (int i = 0; i < 50; ++i) write_file_atomically(path("a"), texts[which]);
  };
  std::thread first(writer, 0);
  std::thread second(writer, 1);
  for (int i = 0; i < 100; ++i) {
    const std::string seen = read_file(path("a"));
    EXPECT_TRUE(seen == texts[0] || seen == texts[1]) << seen.size();
  }
  first.join();
  second.join();
  EXPECT_THAT(names(), testing::ElementsAre("a"));
}

TEST_F(FileTest, ReadingTellsAbsentFromUnusable) {
  const Status absent = refusal([&] { (void)read_file(path("no")); });
  EXPECT_EQ(absent.code(), StatusCode::unavailable);
  EXPECT_THAT(std::string(absent.message()), HasSubstr(path("no")));
  EXPECT_EQ(refusal([&] { (void)read_file(folder_.string()); }).code(),
            StatusCode::bad_file);
}

TEST_F(FileTest, ReadingStopsAtTheLimit) {
  write_file_atomically(path("a"), "12345");
  EXPECT_EQ(read_file(path("a"), 5), "12345");
  EXPECT_EQ(refusal([&] { (void)read_file(path("a"), 4); }).code(),
            StatusCode::bad_file);
  EXPECT_THAT(
      std::string(refusal([] { (void)read_file("/dev/zero", 1000); }).message()),
      HasSubstr("/dev/zero: longer than 1000 bytes"));
}

TEST_F(FileTest, LoadingNamesThePath) {
  write_file_atomically(path("a"), "{");
  const Status status = refusal([&] { (void)load_file(path("a")); });
  EXPECT_EQ(status.code(), StatusCode::bad_file);
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith(path("a") + ": not usable"));
}

}  // namespace
}  // namespace assay::json
