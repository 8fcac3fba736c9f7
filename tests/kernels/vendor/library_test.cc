// SPDX-License-Identifier: MIT
#include "kernels/vendor/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"
#include "kernels/vendor/core_isa.h"
#include "tests/kernels/vendor/installed.h"

namespace assay::vendor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class LibraryLoadTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  // The Error of loading `path`, checked for what every such error has.
  static Error error_of(const std::string& path) {
    try {
      Library::load(path, path);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path), Not(HasSubstr("\n"))));
      return error;
    }
    ADD_FAILURE() << path << " was loaded";
    return {StatusCode::ok, ""};
  }

  // Of this test alone: tests run beside each other.
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("assay-vendor-" + std::to_string(::getpid()) + "-" +
       testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(LibraryLoadTest, AMissingFileIsAbsentAndNotBroken) {
  const Error error = error_of((folder_ / "libnone.so").string());
  EXPECT_EQ(error.code(), StatusCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("does not exist"));
}

TEST_F(LibraryLoadTest, ADanglingLinkIsAbsent) {
  const auto link = folder_ / "libdangling.so";
  std::filesystem::create_symlink(folder_ / "libnone.so", link);
  EXPECT_EQ(error_of(link.string()).code(), StatusCode::unavailable);
}

TEST_F(LibraryLoadTest, ATextFileIsRefused) {
  const Error error = error_of(write("libtext.so", std::string(4096, 'x')));
  EXPECT_EQ(error.code(), StatusCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("invalid ELF header"));
}

TEST_F(LibraryLoadTest, AnEmptyFileIsRefused) {
  const Error error = error_of(write("libempty.so", ""));
  EXPECT_EQ(error.code(), StatusCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("file too short"));
}

TEST_F(LibraryLoadTest, ATruncatedLibraryIsRefused) {
  std::ifstream whole(ASSAY_WIDE_OPENBLAS, std::ios::binary);
  std::string head(256, '\0');
  ASSERT_TRUE(whole.read(head.data(), 256));
  EXPECT_EQ(error_of(write("libhead.so", head)).code(), StatusCode::invalid_argument);
}

TEST_F(LibraryLoadTest, AFolderIsRefused) {
  EXPECT_EQ(error_of(folder_.string()).code(), StatusCode::invalid_argument);
}

// dlopen would wait for somebody to write to it.
TEST_F(LibraryLoadTest, ANamedPipeIsRefused) {
  const std::string pipe = (folder_ / "libpipe.so").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of(pipe).code(), StatusCode::invalid_argument);
}

TEST_F(LibraryLoadTest, ALibraryWithoutSgemmIsRefused) {
  const Error error = error_of(ASSAY_CANARIES "/no_sgemm.so");
  EXPECT_EQ(error.code(), StatusCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("no cblas_sgemm"));
}

TEST_F(LibraryLoadTest, WideIntegersAreRefused) {
  const Error error = error_of(ASSAY_WIDE_OPENBLAS);
  EXPECT_EQ(error.code(), StatusCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("64-bit integers"));
}

TEST_F(LibraryLoadTest, AnUnknownLibrarySaysNothingOfItself) {
  const auto library = Library::load(ASSAY_CANARIES "/honest_but_slow.so", "mine");
  const Identity& identity = library->identity();
  EXPECT_EQ(identity.requested, "mine");
  EXPECT_EQ(identity.flavour, "unknown");
  EXPECT_EQ(identity.threading, "unknown");
  EXPECT_EQ(identity.core_name, "");
  EXPECT_EQ(identity.isa, "");
  EXPECT_EQ(library->threads(), 0);
  library->set_threads(2);  // no such call: does nothing
  EXPECT_NE(library->sgemm(), nullptr);
}

TEST_F(LibraryLoadTest, TheResolvedPathFollowsLinks) {
  const auto link = folder_ / "liblink.so";
  std::filesystem::create_symlink(ASSAY_CANARIES "/honest_but_slow.so", link);
  const auto library = Library::load(link.string(), link.string());
  EXPECT_EQ(library->identity().resolved_path,
            std::filesystem::canonical(ASSAY_CANARIES "/honest_but_slow.so").string());
}

TEST_F(LibraryLoadTest, ANameWithoutAFolderIsAFileOfTheCurrentOne) {
  // And is not searched for as dlopen would: there is a libm.so.6 on every system.
  EXPECT_EQ(error_of("libm.so.6").code(), StatusCode::unavailable);
}

// Aborted the process when the probe asked before initializing.
TEST_F(LibraryLoadTest, BlisSaysWhatItIs) {
  const auto library = Library::load(ASSAY_FAKE_BLIS, "blis");
  const Identity& identity = library->identity();
  EXPECT_EQ(identity.flavour, "BLIS");
  EXPECT_EQ(identity.version, "0.9.0");
  EXPECT_EQ(identity.core_name, "skx");
  EXPECT_EQ(identity.isa, "avx512");
  EXPECT_EQ(identity.threading, "pthread");
  EXPECT_EQ(identity.threads, 1) << "BLIS says -1 until it is told";
  library->set_threads(2);
  EXPECT_EQ(library->threads(), 2);
}

void expect_openblas(const Library& library) {
  const Identity& identity = library.identity();
  EXPECT_EQ(identity.flavour, "OpenBLAS");
  EXPECT_THAT(identity.version, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
  EXPECT_THAT(identity.config, HasSubstr(identity.core_name));
  EXPECT_NE(identity.core_name, "");
  EXPECT_TRUE(std::filesystem::path(identity.resolved_path).is_absolute());
  EXPECT_FALSE(std::filesystem::is_symlink(identity.resolved_path));
}

TEST(OpenBlasTest, TheThreadedFlavourSaysWhatItIs) {
  const auto library = load_known("openblas");
  if (!library) GTEST_SKIP() << skip_reason("openblas");
  expect_openblas(*library);
  EXPECT_NE(library->identity().threading, "unknown");
  EXPECT_GE(library->identity().threads, 1);
}

TEST(OpenBlasTest, TheSerialFlavourSaysWhatItIs) {
  const auto library = load_known("openblas-serial");
  if (!library) GTEST_SKIP() << skip_reason("openblas-serial");
  expect_openblas(*library);
  EXPECT_EQ(library->identity().threading, "serial");
  EXPECT_EQ(library->identity().threads, 1);
  library->set_threads(2);
  EXPECT_EQ(library->threads(), 1);
}

TEST(OpenBlasTest, TheThreadCountIsTheLibrarysAndCanBeSet) {
  const auto library = load_known("openblas");
  if (!library) GTEST_SKIP() << skip_reason("openblas");
  for (const int count : {2, 1}) {
    library->set_threads(count);
    EXPECT_EQ(library->threads(), count);
  }
}

// Both have the SONAME libopenblas.so.0, and a loader that went by it would hand out
// the first of them twice.
TEST(OpenBlasTest, BothFlavoursLiveInOneProcess) {
  const auto threaded = load_known("openblas");
  const auto serial = load_known("openblas-serial");
  if (!threaded) GTEST_SKIP() << skip_reason("openblas");
  if (!serial) GTEST_SKIP() << skip_reason("openblas-serial");
  EXPECT_NE(threaded->sgemm(), serial->sgemm());
  EXPECT_NE(threaded->identity().resolved_path, serial->identity().resolved_path);
  EXPECT_NE(threaded->identity().threading, serial->identity().threading);

  threaded->set_threads(2);
  EXPECT_EQ(threaded->threads(), 2);
  EXPECT_EQ(serial->threads(), 1);
  for (const Library* library : {threaded.get(), serial.get()}) {
    const float a[] = {1, 2, 3, 4};
    const float b[] = {5, 6, 7, 8};
    float c[] = {0, 0, 0, 0};
    library->sgemm()(kRowMajor, kNoTranspose, kNoTranspose, 2, 2, 2, 1.0F, a, 2, b, 2,
                     0.0F, c, 2);
    EXPECT_THAT(c, testing::ElementsAre(19, 22, 43, 50))
        << library->identity().resolved_path;
  }
}

// A serial library that is called from several threads: state must not be shared.
TEST(OpenBlasTest, EachInstanceIsALibraryOfItsOwn) {
  const auto library = load_known("openblas-serial");
  if (!library) GTEST_SKIP() << skip_reason("openblas-serial");
  EXPECT_EQ(&library->instance(0), library.get());
  std::set<SgemmFunction> functions;
  for (std::size_t index = 0; index < 4; ++index) {
    const Library& instance = library->instance(index);
    EXPECT_EQ(&library->instance(index), &instance) << "made once";
    EXPECT_TRUE(functions.insert(instance.sgemm()).second)
        << "instance " << index << " is mapped where another one is";
    EXPECT_EQ(instance.identity().resolved_path, library->identity().resolved_path);
    EXPECT_EQ(instance.identity().requested, library->identity().requested);
    EXPECT_EQ(instance.identity().core_name, library->identity().core_name);
  }
}

TEST(OpenBlasTest, CanBeLoadedAgainAfterClosing) {
  for (int round = 0; round < 3; ++round) {
    const auto library = load_known("openblas");
    if (!library) GTEST_SKIP() << skip_reason("openblas");
    library->set_threads(2);
    expect_openblas(*library);
  }
}

// Every core the installed OpenBLAS can be told to be has a row in the table.
TEST(OpenBlasTest, EveryCoreNameHasAnIsa) {
  for (const char* const core :
       {"Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX"}) {
    const std::optional<Isa> isa = isa_of_core(core);
    ASSERT_TRUE(isa.has_value()) << core;
    if (*isa > host_isa()) continue;
    const ScopedVariable forced("OPENBLAS_CORETYPE", core);
    const auto library = load_known("openblas-serial");
    if (!library) GTEST_SKIP() << skip_reason("openblas-serial");
    EXPECT_EQ(library->identity().isa, to_string(*isa))
        << library->identity().core_name;
  }
}

}  // namespace
}  // namespace assay::vendor
