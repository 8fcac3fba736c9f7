// SPDX-License-Identifier: MIT
#include "kernels/vendor/known_libraries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"

namespace assay::vendor {
namespace {

using testing::HasSubstr;

class KnownLibrariesTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }

  // Makes "<root>/<folder>/<file>" and returns its path.
  std::string install(const std::string& folder, const std::string& file) const {
    const std::filesystem::path path = root_ / folder / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "library";
    return path.string();
  }
  LibrarySpec resolve(std::string_view name) const {
    const std::vector<std::string> folders = {(root_ / "first").string(),
                                              (root_ / "second").string()};
    return resolve_library_in(name, folders);
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) /
      ("assay-known-" + std::to_string(::getpid()) + "-" +
       testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(KnownLibrariesTest, AnAbsentLibrarySaysWhichPackageBringsIt) {
  const std::map<std::string_view, std::string_view> packages = {
      {"openblas", "libopenblas0-pthread"},
      {"openblas-serial", "libopenblas0-serial"},
      {"blis", "libblis4-pthread"},
      {"onednn", "libdnnl-dev"}};
  ASSERT_EQ(known_libraries().size(), packages.size());
  for (const KnownLibrary& library : known_libraries()) {
    const LibrarySpec spec = resolve(library.name);
    EXPECT_EQ(spec.name, library.name);
    EXPECT_EQ(spec.path, "");
    EXPECT_THAT(spec.absent_because, HasSubstr(packages.at(library.name)));
    EXPECT_THAT(spec.absent_because, HasSubstr((root_ / "first").string()));
  }
}

// The plain name is a link that may lead to any flavour.
TEST_F(KnownLibrariesTest, TheThreadedFlavourWinsOverThePlainName) {
  const std::string plain = install("first", "libopenblas.so.0");
  EXPECT_EQ(resolve("openblas").path, plain);
  const std::string threaded = install("second", "openblas-pthread/libopenblas.so.0");
  EXPECT_EQ(resolve("openblas").path, threaded);
  EXPECT_EQ(resolve("openblas").absent_because, "");
  EXPECT_EQ(resolve("openblas").calling, Calling::whole);
}

TEST_F(KnownLibrariesTest, TheSerialFlavourHasNoSubstitute) {
  install("first", "libopenblas.so.0");
  install("first", "openblas-pthread/libopenblas.so.0");
  EXPECT_EQ(resolve("openblas-serial").path, "");
  const std::string serial = install("first", "openblas-serial/libopenblas.so.0");
  EXPECT_EQ(resolve("openblas-serial").path, serial);
  EXPECT_EQ(resolve("openblas-serial").calling, Calling::partitioned);
}

TEST_F(KnownLibrariesTest, APathIsTakenAsItIs) {
  const std::string path = install("anywhere", "libmine.so");
  const LibrarySpec spec = resolve(path);
  EXPECT_EQ(spec.name, path);
  EXPECT_EQ(spec.path, path);
  EXPECT_EQ(spec.calling, Calling::whole);

  const LibrarySpec missing = resolve("./no/such.so");
  EXPECT_EQ(missing.name, "./no/such.so");
  EXPECT_EQ(missing.path, "");
  EXPECT_THAT(missing.absent_because, HasSubstr("./no/such.so"));
}

TEST_F(KnownLibrariesTest, ARelativePathBecomesAbsolute) {
  install("anywhere", "libmine.so");
  const std::string relative =
      "./" + std::filesystem::relative(root_ / "anywhere" / "libmine.so").string();
  const LibrarySpec spec = resolve(relative);
  EXPECT_TRUE(std::filesystem::path(spec.path).is_absolute()) << spec.path;
  EXPECT_TRUE(std::filesystem::exists(spec.path));
}

TEST_F(KnownLibrariesTest, AnUnknownNameListsTheKnownOnes) {
  for (const std::string_view name : {"", "openblass", "OpenBLAS"}) {
    try {
      resolve_library(name);
      ADD_FAILURE() << "'" << name << "' was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), StatusCode::invalid_argument);
      EXPECT_THAT(error.what(), HasSubstr("openblas openblas-serial blis"));
    }
  }
}

std::map<std::string, std::string> environment_of(const LibrarySpec& spec,
                                                  int threads) {
  const auto list = spec.environment(threads);
  std::map<std::string, std::string> map(list.begin(), list.end());
  EXPECT_EQ(map.size(), list.size()) << "a variable is set twice";
  return map;
}

TEST_F(KnownLibrariesTest, TheEnvironmentSetsEveryThreadCount) {
  for (const std::string_view name : {"openblas", "blis", "/any/path.so"}) {
    const auto variables = environment_of(resolve(name), 2);
    EXPECT_EQ(variables.at("OPENBLAS_NUM_THREADS"), "2") << name;
    EXPECT_EQ(variables.at("OMP_NUM_THREADS"), "2") << name;
    EXPECT_EQ(variables.at("BLIS_NUM_THREADS"), "2") << name;
    EXPECT_EQ(variables.at("OPENBLAS_THREAD_TIMEOUT"), "4") << name;
  }
}

TEST_F(KnownLibrariesTest, APartitionedLibraryNeverGetsThreads) {
  const auto variables = environment_of(resolve("openblas-serial"), 8);
  EXPECT_EQ(variables.at("OPENBLAS_NUM_THREADS"), "1");
  EXPECT_EQ(variables.at("OMP_NUM_THREADS"), "1");
}

TEST_F(KnownLibrariesTest, BlisIsToldItsKernelsWhereItCannotKnowThem) {
  const bool told = environment_of(resolve("blis"), 1).contains("BLIS_ARCH_TYPE");
  EXPECT_EQ(told, host_isa() == Isa::avx512);
  EXPECT_FALSE(environment_of(resolve("/a/libblis.so"), 1).contains("BLIS_ARCH_TYPE"));
}

// Else a worker's environment would be cleaned of what was put there for it, or keep
// what the shell had left.
TEST_F(KnownLibrariesTest, EveryVariableItSetsIsALibraryVariable) {
  for (const KnownLibrary& library : known_libraries()) {
    for (const auto& [name, value] : resolve(library.name).environment(2)) {
      EXPECT_TRUE(is_library_variable(name)) << name;
    }
  }
}

TEST_F(KnownLibrariesTest, LibraryVariablesAreKnownByTheirPrefix) {
  for (const std::string_view name :
       {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS",
        "GOTO_NUM_THREADS", "BLIS_ARCH_TYPE", "OMP_NUM_THREADS", "GOMP_SPINCOUNT",
        "KMP_AFFINITY", "MKL_NUM_THREADS", "DNNL_MAX_CPU_ISA", "ONEDNN_VERBOSE"}) {
    EXPECT_TRUE(is_library_variable(name)) << name;
  }
  for (const std::string_view name :
       {"", "PATH", "HOME", "ASSAY_ISA", "OMP", "COMPUTE_", "MY_OPENBLAS_CORETYPE",
        "openblas_coretype"}) {
    EXPECT_FALSE(is_library_variable(name)) << name;
  }
}

}  // namespace
}  // namespace assay::vendor
