// SPDX-License-Identifier: MIT
#include "regression/measure/process_threads.h"

#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

namespace assay::measure {

std::vector<pid_t> process_threads() {
  std::vector<pid_t> threads;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    const std::string name = entry.path().filename().string();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    threads.push_back(thread);
  }
  return threads;
}

}  // namespace assay::measure
