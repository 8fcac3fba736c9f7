// SPDX-License-Identifier: MIT
#include "regression/explore/clean_start.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/vendor/known_libraries.h"

namespace assay::explore {
namespace {

constexpr const char* kMarker = "ASSAY_EXPLORE_STARTED_CLEAN";

}  // namespace

void ensure_clean_start(char** argv, int threads) {
  // In a single thread: nothing was started yet.
  if (std::getenv(kMarker) != nullptr) return;
  std::vector<std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!vendor::is_library_variable(text.substr(0, text.find('=')))) {
      variables.emplace_back(text);
    }
  }
  // The union over the known libraries: they set the same variables alike, but for the
  // threads, which are asked for at run time.
  vendor::LibrarySpec any;
  for (const vendor::KnownLibrary& known : vendor::known_libraries()) {
    any.name = known.name;
    for (const auto& [name, value] : any.environment(threads)) {
      variables.push_back(name + "=" + value);
    }
  }
  variables.push_back(std::string(kMarker) + "=1");

  std::vector<char*> environment;
  environment.reserve(variables.size() + 1);
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  ::execve("/proc/self/exe", argv, environment.data());
  throw Error(StatusCode::failed_precondition,
              "cannot start again with a clean environment: " +
                  std::generic_category().message(errno));
}

}  // namespace assay::explore
