// SPDX-License-Identifier: MIT
// A folder of a test's own.
#ifndef ASSAY_TESTS_REGRESSION_BASELINES_TEMPORARY_FOLDER_H_
#define ASSAY_TESTS_REGRESSION_BASELINES_TEMPORARY_FOLDER_H_

#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace assay::baselines {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              fmt::format("assay_{}_{}", name, ::getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace assay::baselines

#endif  // ASSAY_TESTS_REGRESSION_BASELINES_TEMPORARY_FOLDER_H_
