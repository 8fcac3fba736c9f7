// SPDX-License-Identifier: MIT
#include "backends/runtime/diagnostics.h"

#include <mutex>
#include <utility>

namespace assay::runtime {
namespace {

struct Diagnostics {
  std::mutex mutex;
  std::vector<std::string> lines;
};

// Never destroyed: a driver's thread may report while the process ends.
Diagnostics& diagnostics() {
  static auto* const instance = new Diagnostics();
  return *instance;
}

}  // namespace

void report_diagnostic(std::string line) {
  Diagnostics& all = diagnostics();
  const std::lock_guard lock(all.mutex);
  if (all.lines.size() < kMostDiagnostics) all.lines.push_back(std::move(line));
}

std::vector<std::string> take_diagnostics() {
  Diagnostics& all = diagnostics();
  const std::lock_guard lock(all.mutex);
  return std::exchange(all.lines, {});
}

}  // namespace assay::runtime
