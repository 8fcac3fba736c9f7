// SPDX-License-Identifier: MIT
#include "regression/measure/environment.h"

#include <unistd.h>

#include <map>
#include <string_view>

#include "kernels/vendor/known_libraries.h"

namespace assay::measure {

Environment worker_environment(const Environment& additions) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equal = text.find('=');
    if (equal == std::string_view::npos || equal == 0) continue;
    const std::string_view name = text.substr(0, equal);
    if (vendor::is_library_variable(name)) continue;
    merged.insert_or_assign(std::string(name), std::string(text.substr(equal + 1)));
  }
  for (const auto& [name, value] : additions) merged.insert_or_assign(name, value);
  return {merged.begin(), merged.end()};
}

}  // namespace assay::measure
