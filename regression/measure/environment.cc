// SPDX-License-Identifier: MIT
#include "regression/measure/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace assay::measure {
namespace {

constexpr std::array<std::string_view, 11> kInherited = {
    "PATH",         "HOME",         "TMPDIR",
    "LANG",         "LC_ALL",       "LD_LIBRARY_PATH",
    "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
    "TSAN_OPTIONS", "LD_PRELOAD"};

bool inherited(std::string_view name) {
  // Which driver, and so which device, is behind a URI is the caller's choice.
  return name.starts_with("ASSAY_") || name.starts_with("VK_") ||
         name.starts_with("CUDA_VISIBLE_") ||
         std::find(kInherited.begin(), kInherited.end(), name) != kInherited.end();
}

}  // namespace

Environment worker_environment(const Environment& additions) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equal = text.find('=');
    if (equal == std::string_view::npos || equal == 0) continue;
    const std::string_view name = text.substr(0, equal);
    if (!inherited(name)) continue;
    merged.insert_or_assign(std::string(name), std::string(text.substr(equal + 1)));
  }
  for (const auto& [name, value] : additions) merged.insert_or_assign(name, value);
  return {merged.begin(), merged.end()};
}

}  // namespace assay::measure
