// SPDX-License-Identifier: MIT
#include "backends/runtime/kernel_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "backends/runtime/cache_entry.h"
#include "tests/backends/cache_opener.h"
#include "tests/support/gate.h"
#include "tests/support/status_checks.h"

namespace assay::runtime {

static CacheOpener opener = open_kernel_cache;
void set_cache_opener(CacheOpener other) { opener = other; }

namespace {

std::shared_ptr<KernelCache> open_cache(const KernelCacheDesc& desc) {
  return opener(desc);
}

namespace fs = std::filesystem;
using testing_support::Gate;
using testing_support::thrown_code;

class KernelCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("assay_cache_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directory(root_);
    folder_ = (root_ / "cache").string();
  }
  void TearDown() override { fs::remove_all(root_); }

  std::shared_ptr<KernelCache> open() const { return open_cache({folder_}); }
  // What a new process would get, and whether it had to compile.
  bool compiles_anew(const KernelKey& key, const std::string& right = "bytes") const {
    bool compiled = false;
    EXPECT_EQ(*open()->get_or_compile(key,
                                      [&] {
                                        compiled = true;
                                        return right;
                                      }),
              right);
    return compiled;
  }
  std::string entry_path(const KernelKey& key) const {
    return folder_ + "/" + entry_name(key);
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path root_;
  std::string folder_;
  const KernelKey key_ = {"kernel", "source", "-O2", "1,2", "cc 1.0", "cpu", 1};
};

// What is measured may be measured again: here at once, and for the next process.
TEST_F(KernelCacheTest, ReplacesWhatItKept) {
  KernelKey key;
  key.kernel = "replaced";
  const auto cache = open();
  const KernelBinary old = cache->get_or_compile(key, [] { return "old"; });
  cache->replace(key, "new");
  EXPECT_EQ(*old, "old");
  EXPECT_EQ(*cache->get_or_compile(key, [] { return "compiled"; }), "new");
  EXPECT_FALSE(compiles_anew(key, "new"));
  cache->get_or_compile(KernelKey(), [&] {
    EXPECT_EQ(thrown_code([&] { cache->replace(KernelKey(), "early"); }),
              StatusCode::failed_precondition);
    return "bytes";
  });
  KernelKey other = key;
  other.options = "other";
  open()->replace(other, "never compiled");
  EXPECT_FALSE(compiles_anew(other, "never compiled"));
}

TEST_F(KernelCacheTest, CompilesOnceInMemory) {
  const auto cache = open_cache({});
  int compiled = 0;
  const auto compile = [&] {
    ++compiled;
    return std::string("bytes\0more", 10);
  };
  const KernelBinary first = cache->get_or_compile(key_, compile);
  EXPECT_EQ(cache->get_or_compile(key_, compile), first);
  EXPECT_EQ(*first, std::string("bytes\0more", 10));
  EXPECT_EQ(compiled, 1);
  EXPECT_EQ(cache->stats().hits, 1U);
  EXPECT_EQ(cache->stats().compiles, 1U);
}

TEST_F(KernelCacheTest, TheNextProcessFindsItOnDisk) {
  EXPECT_TRUE(compiles_anew(key_));
  EXPECT_FALSE(compiles_anew(key_));
  EXPECT_EQ(files(), 1U);
  const auto cache = open();
  cache->get_or_compile(key_, [] { return "other"; });
  cache->get_or_compile(key_, [] { return "other"; });
  EXPECT_EQ(cache->stats().disk_hits, 1U);
  EXPECT_EQ(cache->stats().hits, 1U);
  EXPECT_EQ(cache->stats().compiles, 0U);
}

TEST_F(KernelCacheTest, EveryFieldOfTheKeyMatters) {
  std::vector<KernelKey> keys(9, key_);
  keys[1].kernel = "kerne1";
  keys[2].source = "";
  keys[3].options = "-O3";
  keys[4].constants = "1,3";
  keys[5].toolchain = "cc 1.1";
  keys[6].device = "gpu";
  keys[7].abi = 2;
  // The same characters, cut elsewhere.
  keys[8].kernel = "kernelsource";
  keys[8].source = "";
  const auto cache = open();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    cache->get_or_compile(keys[i], [&] { return std::to_string(i); });
  }
  EXPECT_EQ(cache->stats().compiles, keys.size());
  const auto next = open();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto compile = [] { return std::string("anew"); };
    EXPECT_EQ(*next->get_or_compile(keys[i], compile), std::to_string(i));
  }
}

TEST_F(KernelCacheTest, AnEntryOfAnotherKeyIsAMiss) {
  KernelKey other = key_;
  other.options = "-O3";
  EXPECT_TRUE(compiles_anew(other, "other"));
  fs::copy_file(entry_path(other), entry_path(key_));
  EXPECT_TRUE(compiles_anew(key_));
  EXPECT_FALSE(compiles_anew(key_)) << "and is replaced";
}

// --- concurrency

TEST_F(KernelCacheTest, ManyThreadsCompileAKeyOnce) {
  const auto cache = open();
  std::atomic<int> compiled = 0;
  Gate others_wait;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const KernelBinary binary = cache->get_or_compile(key_, [&] {
        ++compiled;
        others_wait.wait(std::chrono::milliseconds(20));
        return std::string("bytes");
      });
      EXPECT_EQ(*binary, "bytes");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(compiled, 1);
  EXPECT_EQ(cache->stats().hits, 5U);
}

TEST_F(KernelCacheTest, AFailureReachesAllThatWaitAndIsNotKept) {
  const auto cache = open();
  std::atomic<int> failed = 0;
  Gate compiling;
  Gate go_on;
  const auto fail = [&]() -> std::string {
    compiling.open();
    go_on.wait();
    throw Error(StatusCode::not_supported, "no such instruction");
  };
  const auto ask = [&] {
    if (thrown_code([&] { cache->get_or_compile(key_, fail); }) ==
        StatusCode::not_supported) {
      ++failed;
    }
  };
  std::thread first(ask);
  EXPECT_TRUE(compiling.wait());
  std::thread second(ask);
  go_on.open();
  first.join();
  second.join();
  EXPECT_EQ(failed, 2);
  EXPECT_EQ(files(), 0U);
  EXPECT_THROW(cache->get_or_compile(
                   key_, []() -> std::string { throw std::runtime_error("x"); }),
               std::runtime_error);
  EXPECT_EQ(*cache->get_or_compile(key_, [] { return "bytes"; }), "bytes");
}

TEST_F(KernelCacheTest, ACompilationMayAskForOtherKeysOnly) {
  const auto cache = open();
  KernelKey other = key_;
  other.abi = 2;
  const KernelBinary binary = cache->get_or_compile(key_, [&] {
    return *cache->get_or_compile(other, [] { return "inner"; }) + " and outer";
  });
  EXPECT_EQ(*binary, "inner and outer");
  other.abi = 3;
  EXPECT_EQ(thrown_code([&] {
              cache->get_or_compile(
                  other, [&] { return *cache->get_or_compile(other, nullptr); });
            }),
            StatusCode::failed_precondition);
}

// Each would wait for the other: the one that closes the circle is told, and with it
// the other, which waits for it.
TEST_F(KernelCacheTest, CompilationsMayNotWaitForEachOther) {
  const auto cache = open();
  KernelKey other = key_;
  other.abi = 2;
  std::barrier<> both(2);
  std::atomic<int> refused = 0;
  const auto ask = [&](const KernelKey& first, const KernelKey& second) {
    if (thrown_code([&] {
          cache->get_or_compile(first, [&] {
            both.arrive_and_wait();
            return *cache->get_or_compile(second, [] { return "bytes"; });
          });
        }) == StatusCode::failed_precondition) {
      ++refused;
    }
  };
  std::thread beside(ask, other, key_);
  ask(key_, other);
  beside.join();
  EXPECT_EQ(refused, 2);
  // Nothing is left of it.
  EXPECT_EQ(*cache->get_or_compile(key_, [] { return "bytes"; }), "bytes");
}

// What memory says is what the disk says.
TEST_F(KernelCacheTest, TheLastReplacementIsKeptOnDiskToo) {
  for (int round = 0; round < 400; ++round) {
    const auto cache = open();
    std::barrier<> both(2);
    const auto replace = [&](const char* binary) {
      both.arrive_and_wait();
      cache->replace(key_, binary);
    };
    std::thread beside(replace, "one");
    replace("another");
    beside.join();
    const std::string kept = *cache->get_or_compile(key_, nullptr);
    EXPECT_EQ(*open()->get_or_compile(key_, nullptr), kept) << "round " << round;
  }
}

// --- damage

TEST_F(KernelCacheTest, EveryFlippedByteIsAMiss) {
  EXPECT_TRUE(compiles_anew(key_));
  const std::string good = read(entry_path(key_));
  ASSERT_EQ(decode_entry(good, key_), "bytes");
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x20, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      ASSERT_EQ(decode_entry(bad, key_), std::nullopt) << "byte " << i;
    }
  }
  // Through the disk: a few, for the whole of them is the same code.
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write(entry_path(key_), bad);
    const auto cache = open();
    EXPECT_EQ(*cache->get_or_compile(key_, [] { return "bytes"; }), "bytes");
    EXPECT_EQ(cache->stats().damaged, 1U);
    EXPECT_EQ(read(entry_path(key_)), good) << "mended";
  }
}

TEST_F(KernelCacheTest, EveryTruncationAndAnyAdditionIsAMiss) {
  const std::string good = encode_entry(key_, "bytes");
  EXPECT_TRUE(compiles_anew(key_));
  for (std::size_t length = 0; length < good.size(); ++length) {
    ASSERT_EQ(decode_entry(good.substr(0, length), key_), std::nullopt) << length;
    write(entry_path(key_), good.substr(0, length));
    ASSERT_TRUE(compiles_anew(key_)) << length;
  }
  EXPECT_EQ(decode_entry(good + '\0', key_), std::nullopt);
  EXPECT_EQ(decode_entry(good, key_), "bytes");
  EXPECT_EQ(decode_entry(encode_entry(key_, ""), key_), "");
}

TEST_F(KernelCacheTest, WhatIsNoFileOfOursIsAMiss) {
  open();
  const std::string elsewhere = (root_ / "elsewhere").string();
  write(elsewhere, encode_entry(key_, "planted"));
  fs::create_symlink(elsewhere, entry_path(key_));
  EXPECT_TRUE(compiles_anew(key_));
  EXPECT_FALSE(fs::is_symlink(entry_path(key_))) << "replaced, not followed";
  EXPECT_EQ(read(elsewhere), encode_entry(key_, "planted"));

  fs::remove(entry_path(key_));
  ASSERT_EQ(::mkfifo(entry_path(key_).c_str(), 0600), 0);
  EXPECT_TRUE(compiles_anew(key_));

  fs::remove(entry_path(key_));
  fs::create_directory(entry_path(key_));
  const auto cache = open();
  EXPECT_EQ(*cache->get_or_compile(key_, [] { return "bytes"; }), "bytes");
  EXPECT_EQ(cache->stats().unwritten, 1U);
  EXPECT_EQ(files(), 1U) << "no temporary file is left";
}

// --- the folder

TEST_F(KernelCacheTest, TheFolderMustBePrivate) {
  const auto refused = [&](const std::string& folder) {
    return thrown_code([&] { open_cache({folder}); }) ==
           StatusCode::failed_precondition;
  };
  open();
  EXPECT_EQ(fs::status(folder_).permissions(), fs::perms::owner_all);
  for (const int mode : {0755, 0710, 0702, 0500, 01700}) {
    ASSERT_EQ(::chmod(folder_.c_str(), static_cast<mode_t>(mode)), 0);
    EXPECT_TRUE(refused(folder_)) << std::oct << mode;
  }
  // What a folder gets from one whose group is handed down.
  ASSERT_EQ(::chmod(folder_.c_str(), 02700), 0);
  EXPECT_FALSE(refused(folder_));
  ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
  fs::create_directory_symlink(folder_, root_ / "link");
  EXPECT_TRUE(refused((root_ / "link").string()));
  write((root_ / "file").string(), "");
  EXPECT_TRUE(refused((root_ / "file").string()));
  EXPECT_TRUE(refused((root_ / "no" / "such").string()));
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(folder_.c_str(), 12345, 12345), 0);
    EXPECT_TRUE(refused(folder_));
  }
}

TEST_F(KernelCacheTest, AFolderThatIsOpenedUpIsNotTrustedAnyMore) {
  const auto cache = open();
  EXPECT_TRUE(compiles_anew(key_));
  ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
  EXPECT_EQ(*cache->get_or_compile(key_, [] { return "anew"; }), "anew");
  EXPECT_EQ(cache->stats().disk_hits, 0U);
  EXPECT_EQ(cache->stats().unwritten, 1U);
}

TEST_F(KernelCacheTest, LeftoversOfKilledWritersGo) {
  open();
  const std::string old = folder_ + "/writing.1.2.3";
  const std::string young = folder_ + "/writing.1.2.4";
  write(old, "half an ent");
  write(young, "half");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_TRUE(compiles_anew(key_));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

// --- its size

TEST_F(KernelCacheTest, TheLeastRecentlyUsedEntriesGo) {
  std::vector<KernelKey> keys(5, key_);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].source = std::to_string(i);
  std::string payload(1000, 'x');
  const std::size_t bytes = encode_entry(keys[0], payload).size();
  const KernelCacheDesc desc = {folder_, 4 * bytes};
  for (std::size_t i = 0; i < 4; ++i) {
    open_cache(desc)->get_or_compile(keys[i], [&] { return payload; });
    fs::last_write_time(entry_path(keys[i]), fs::file_time_type::clock::now() -
                                                 std::chrono::minutes(10 - i));
  }
  const std::string foreign = folder_ + "/writing.1.2.3";
  write(foreign, payload);
  EXPECT_FALSE(compiles_anew(keys[0], payload)) << "and is used now";
  const auto cache = open_cache(desc);
  cache->get_or_compile(keys[4], [&] { return payload; });
  EXPECT_EQ(cache->stats().evicted, 1U);
  EXPECT_FALSE(fs::exists(entry_path(keys[1]))) << "the oldest but for the one used";
  for (const unsigned kept : {0U, 2U, 3U, 4U}) {
    EXPECT_TRUE(fs::exists(entry_path(keys[kept]))) << kept;
  }
  EXPECT_TRUE(fs::exists(foreign)) << "somebody writes it";
  // In memory nothing goes.
  EXPECT_EQ(*cache->get_or_compile(keys[4], nullptr), payload);
}

TEST_F(KernelCacheTest, ANewEntryStaysHoweverLarge) {
  const KernelCacheDesc desc = {folder_, 100};
  KernelKey other = key_;
  other.abi = 2;
  const auto cache = open_cache(desc);
  cache->get_or_compile(key_, [] { return std::string(500, 'x'); });
  EXPECT_TRUE(fs::exists(entry_path(key_)));
  cache->get_or_compile(other, [] { return std::string(500, 'x'); });
  EXPECT_TRUE(fs::exists(entry_path(other)));
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(cache->stats().evicted, 1U);
}

}  // namespace
}  // namespace assay::runtime
