// SPDX-License-Identifier: MIT
#include "regression/baselines/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "backends/interface/status.h"
#include "regression/json/file.h"
#include "tests/regression/baselines/made_up_sessions.h"
#include "tests/regression/baselines/temporary_folder.h"

namespace assay::baselines {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StoreTest : public testing::Test {
 protected:
  Baseline baseline(double log_ratio = 0.2) const {
    return made_up_proposal(log_ratio).baseline;
  }
  HostClass here() const { return host_class_of(made_up_machine(), made_up_build()); }
  std::string root() const { return folder_ / "baselines"; }
  std::string path() const { return baseline_path(root(), "core", here()); }

  const TemporaryFolder folder_{"store"};
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

TEST_F(StoreTest, WhatWasSavedIsFound) {
  save_baseline(path(), baseline(), "");
  const Lookup lookup = find_baseline(root(), "core", here());
  ASSERT_TRUE(lookup.baseline);
  EXPECT_EQ(baseline_text(*lookup.baseline), baseline_text(baseline()));
  EXPECT_EQ(lookup.path, path());
  EXPECT_EQ(lookup.path, root() + "/x86_64-amd-fam26-avx512-2c-kvm-l3_32m/core.json");
  EXPECT_THAT(lookup.because, IsEmpty());
  EXPECT_THAT(lookup.differing, IsEmpty());
  EXPECT_THAT(lookup.warnings, IsEmpty());
  // Neither a lock nor a temporary file stays in a folder that is under review.
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(path()).parent_path())) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, ElementsAre("core.json"));
}

TEST_F(StoreTest, NothingThereIsSaidSo) {
  const Lookup lookup = find_baseline(root(), "core", here());
  EXPECT_FALSE(lookup.baseline);
  EXPECT_THAT(lookup.because,
              HasSubstr("no baseline of 'core' for the host class x86"));
  EXPECT_THAT(lookup.differing, IsEmpty());
}

TEST_F(StoreTest, OfOtherClassesTheNearestIsShown) {
  const auto save_for = [&](int cpus, std::size_t l3_bytes, const std::string& vendor) {
    measure::Machine machine = made_up_machine();
    machine.cpus = cpus;
    machine.l3_bytes = l3_bytes;
    machine.vendor = vendor;
    Baseline other = baseline();
    other.host = host_class_of(machine, made_up_build());
    save_baseline(baseline_path(root(), "core", other.host), other, "");
  };
  save_for(64, 256U << 20, "GenuineIntel");
  save_for(16, 32U << 20, "AuthenticAMD");
  save_for(32, 256U << 20, "AuthenticAMD");
  const Lookup lookup = find_baseline(root(), "core", here());
  EXPECT_FALSE(lookup.baseline);
  EXPECT_THAT(lookup.because,
              HasSubstr("nearest: x86_64-amd-fam26-avx512-16c-kvm-l3_32m"));
  EXPECT_THAT(lookup.differing, ElementsAre("cpus: 16 in the baseline, 2 here"));
  // Another suite has no baseline in those either.
  EXPECT_THAT(find_baseline(root(), "other", here()).differing, IsEmpty());
}

// One folder, another compiler: the gates have no baseline, and are told why.
TEST_F(StoreTest, AHardFactThatIsNotInTheNameCounts) {
  save_baseline(path(), baseline(), "");
  HostClass upgraded = here();
  upgraded.hard["compiler"] = "gcc 13";
  const Lookup lookup = find_baseline(root(), "core", upgraded);
  EXPECT_FALSE(lookup.baseline);
  EXPECT_THAT(lookup.because, HasSubstr(path()));
  EXPECT_THAT(lookup.differing,
              ElementsAre("compiler: gcc 12 in the baseline, gcc 13 here"));
}

TEST_F(StoreTest, ASoftFactIsAWarning) {
  save_baseline(path(), baseline(), "");
  HostClass other = here();
  other.soft["huge_pages"] = "always";
  const Lookup lookup = find_baseline(root(), "core", other);
  EXPECT_TRUE(lookup.baseline);
  EXPECT_THAT(lookup.warnings,
              ElementsAre("huge_pages: madvise in the baseline, always here"));
}

// daintree #10097: a bad baseline must not look like none.
TEST_F(StoreTest, ABadFileIsNotNoBaseline) {
  fs::create_directories(fs::path(path()).parent_path());
  std::ofstream(path()) << "{}";
  const Status bad = refusal([&] { (void)find_baseline(root(), "core", here()); });
  EXPECT_EQ(bad.code(), StatusCode::bad_file);
  EXPECT_THAT(std::string(bad.message()), testing::StartsWith(path() + ": "));

  Baseline moved = baseline();
  moved.host.name = "elsewhere";
  fs::remove(path());
  save_baseline(path(), moved, "");
  const Status wrong = refusal([&] { (void)find_baseline(root(), "core", here()); });
  EXPECT_EQ(wrong.code(), StatusCode::bad_file);
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("belongs elsewhere"));

  fs::remove(path());
  fs::create_directory(path());
  EXPECT_EQ(refusal([&] { (void)find_baseline(root(), "core", here()); }).code(),
            StatusCode::bad_file);
}

TEST_F(StoreTest, OnlyTheExpectedFileIsReplaced) {
  save_baseline(path(), baseline(0.2), "");
  const std::string first = file_sha256(path());
  EXPECT_EQ(first, sha256_hex(baseline_text(baseline(0.2))));

  const Status appeared = refusal([&] { save_baseline(path(), baseline(0.3), ""); });
  EXPECT_EQ(appeared.code(), StatusCode::failed_precondition);
  EXPECT_THAT(std::string(appeared.message()), HasSubstr("has appeared"));
  const Status changed =
      refusal([&] { save_baseline(path(), baseline(0.3), std::string(64, '0')); });
  EXPECT_EQ(changed.code(), StatusCode::failed_precondition);
  EXPECT_THAT(std::string(changed.message()), HasSubstr("has changed"));
  EXPECT_EQ(file_sha256(path()), first);

  save_baseline(path(), baseline(0.3), first);
  EXPECT_EQ(json::read_file(path()), baseline_text(baseline(0.3)));

  fs::remove(path());
  const Status gone = refusal([&] { save_baseline(path(), baseline(0.2), first); });
  EXPECT_EQ(gone.code(), StatusCode::failed_precondition);
  EXPECT_THAT(std::string(gone.message()), HasSubstr("is gone"));
  EXPECT_EQ(file_sha256(path()), "");
}

TEST_F(StoreTest, WhereNothingCanBeWrittenItSaysSo) {
  std::ofstream(folder_ / "file") << "x";
  const std::string inside = folder_ / "file/class/core.json";
  const Status status = refusal([&] { save_baseline(inside, baseline(), ""); });
  EXPECT_EQ(status.code(), StatusCode::failed_precondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace assay::baselines
