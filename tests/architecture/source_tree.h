// SPDX-License-Identifier: MIT
// Reads the source tree for the tests in this folder: which files there are, what they
// include, how long they are.
#ifndef ASSAY_TESTS_ARCHITECTURE_SOURCE_TREE_H_
#define ASSAY_TESTS_ARCHITECTURE_SOURCE_TREE_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/include_rules.h"

namespace assay::architecture {

// The folders that hold C++ code of this project.
inline constexpr std::string_view kCodeFolders[] = {"backends", "kernels", "regression",
                                                    "tests"};

// Every regular file below the code folders of `root`, as paths from `root`, sorted.
std::vector<std::string> code_folder_files(const std::filesystem::path& root);

// The whole file. Throws std::runtime_error if it cannot be read.
std::string read_text(const std::filesystem::path& file);

// The #include lines of a text, in order; those in comments of one line are none.
std::vector<Include> parse_includes(std::string_view text);

std::size_t count_lines(std::string_view text);

// Ends with .cc or .h, the two kinds of C++ file here.
bool is_code(std::string_view path);

}  // namespace assay::architecture

#endif  // ASSAY_TESTS_ARCHITECTURE_SOURCE_TREE_H_
