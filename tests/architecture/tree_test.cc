// SPDX-License-Identifier: MIT
// The rules of the tree, held against the tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/include_rules.h"
#include "tests/architecture/source_tree.h"

namespace assay::architecture {
namespace {

constexpr std::size_t kMaxLines = 500;

struct LongFile {
  std::string_view path;
  std::string_view reason;
};

// Files over kMaxLines that are better whole.
const std::vector<LongFile> kLongFiles = {};

class TreeTest : public testing::Test {
 protected:
  const std::filesystem::path root_ = ASSAY_SOURCE_DIR;
  const std::vector<std::string> files_ = code_folder_files(root_);
};

TEST_F(TreeTest, IncludesObeyTheLayers) {
  std::size_t includes = 0;
  for (const std::string& file : files_) {
    if (!is_code(file)) continue;
    for (const Include& include : parse_includes(read_text(root_ / file))) {
      ++includes;
      const Rule* rule = broken_rule(file, include);
      if (rule == nullptr) continue;
      ADD_FAILURE() << file << " includes " << include.path << "\n  rule " << rule->name
                    << ": " << rule->reason;
    }
  }
  // An empty walk would pass everything.
  EXPECT_GT(includes, 20U);
}

// A contract that is told in the words of one driver has bent to it.
TEST_F(TreeTest, TheInterfaceNamesNoDriver) {
  for (const std::string& file : files_) {
    if (!file.starts_with("backends/interface/")) continue;
    const std::string text = read_text(root_ / file);
    for (const char* const word : {"Vulkan", "vulkan", "Vk", "CUDA", "cuda"}) {
      EXPECT_EQ(text.find(word), std::string::npos) << file << " says " << word;
    }
  }
}

TEST_F(TreeTest, OnlyOneFileUsesGoogleBenchmark) {
  const auto users = std::ranges::count_if(files_, [&](const std::string& file) {
    return is_code(file) &&
           std::ranges::any_of(parse_includes(read_text(root_ / file)),
                               [](const Include& include) {
                                 return include.path == "benchmark/benchmark.h";
                               });
  });
  EXPECT_LE(users, 1);
}

TEST_F(TreeTest, FilesStayShort) {
  for (const std::string& file : files_) {
    if (!is_code(file)) continue;
    const std::size_t lines = count_lines(read_text(root_ / file));
    const bool listed = std::ranges::any_of(
        kLongFiles, [&](const LongFile& exception) { return exception.path == file; });
    if (lines > kMaxLines) {
      EXPECT_TRUE(listed) << file << " has " << lines << " lines: split it";
    } else {
      EXPECT_FALSE(listed) << file << " is short again: drop its exception";
    }
  }
}

TEST_F(TreeTest, CodeFilesHaveTheTwoEndings) {
  for (const std::string& file : files_) {
    const std::string ending = std::filesystem::path(file).extension().string();
    EXPECT_FALSE(ending == ".cpp" || ending == ".cxx" || ending == ".hpp" ||
                 ending == ".hh" || ending == ".c")
        << file << ": code files end with .cc or .h";
  }
}

// A header that no library lists is a header that nobody compiles alone.
TEST_F(TreeTest, EveryHeaderIsCheckedAlone) {
  std::set<std::string> checked;
  std::istringstream list(read_text(ASSAY_CHECKED_HEADERS));
  for (std::string line; std::getline(list, line);) checked.insert(line);

  std::vector<std::string> unchecked;
  for (const std::string& file : files_) {
    if (!file.ends_with(".h") || file.ends_with("-inl.h")) continue;
    if (file.starts_with("tests/") || checked.contains(file)) continue;
    unchecked.push_back(file);
  }
  EXPECT_THAT(unchecked, testing::IsEmpty())
      << "list them under HEADERS of their assay_library()";
}

}  // namespace
}  // namespace assay::architecture
