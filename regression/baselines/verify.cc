// SPDX-License-Identifier: MIT
#include "regression/baselines/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "backends/interface/status.h"
#include "regression/baselines/store.h"
#include "regression/json/file.h"

namespace assay::baselines {
namespace {

namespace fs = std::filesystem;

class Verifier {
 public:
  Verifier(std::string root, const Registry& registry)
      : root_(std::move(root)), registry_(registry) {}

  Verified run() {
    for (const auto& [suite, ids] : registry_) check_unique(suite, ids);
    for (const std::string& path : files()) {
      ++result_.files;
      try {
        check_file(path);
      } catch (const Error& error) {
        result_.problems.emplace_back(error.what());
      }
    }
    return std::move(result_);
  }

 private:
  void report(const std::string& where, const std::string& problem) {
    result_.problems.push_back(where + ": " + problem);
  }

  // Sorted; a temporary file of a writer that was killed begins with a dot.
  std::vector<std::string> files() {
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::recursive_directory_iterator it(root_, error), end; !error && it != end;
         it.increment(error)) {
      const fs::path& path = it->path();
      const bool hidden = path.filename().string().starts_with('.');
      if (!hidden && path.extension() == ".json") paths.push_back(path.string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      report(root_, "cannot look into it: " + error.message());
    }
    std::ranges::sort(paths);
    return paths;
  }

  void check_unique(const std::string& suite, std::vector<std::string> ids) {
    std::ranges::sort(ids);
    for (auto it = std::ranges::adjacent_find(ids); it != ids.end();
         it = std::adjacent_find(it + 1, ids.end())) {
      report("suite " + suite, "has the gate " + *it + " twice");
    }
  }

  void check_file(const std::string& path) {
    const std::string text = json::read_file(path);
    const Baseline baseline = baseline_from_text(text, path);
    if (text != baseline_text(baseline)) {
      report(
          path,
          "is not as this program writes it: change it with assay baseline apply, or "
          "an anchor by hand with six digits");
    }
    const std::string expected = baseline_path(root_, baseline.suite, baseline.host);
    if (fs::path(path).lexically_normal() != fs::path(expected).lexically_normal()) {
      report(path, "belongs to " + expected);
    }
    check_gates(path, baseline);
  }

  void check_gates(const std::string& path, const Baseline& baseline) {
    const auto suite = registry_.find(baseline.suite);
    if (suite == registry_.end()) {
      report(path, "there is no suite '" + baseline.suite + "'");
      return;
    }
    const std::vector<std::string>& ids = suite->second;
    for (const std::string& id : ids) {
      if (!baseline.gates.contains(id) && !baseline.left_out.contains(id)) {
        report(path, "has no entry for the gate " + id);
      }
    }
    for (const auto& [id, left_out] : baseline.left_out) {
      if (std::ranges::find(ids, id) == ids.end()) {
        report(path, "leaves out " + id + ", which is no gate");
      }
    }
    for (const auto& [id, entry] : baseline.gates) {
      if (std::ranges::find(ids, id) == ids.end()) {
        report(path, "has an entry for " + id + ", which is no gate");
      }
    }
  }

  const std::string root_;
  const Registry& registry_;
  Verified result_;
};

}  // namespace

Verified verify(const std::string& root, const Registry& registry) {
  return Verifier(root, registry).run();
}

}  // namespace assay::baselines
