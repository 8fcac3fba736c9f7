// SPDX-License-Identifier: MIT
#include "regression/baselines/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "backends/interface/status.h"
#include "regression/baselines/sha256.h"
#include "regression/json/file.h"

namespace assay::baselines {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, std::string_view step, int error) {
  throw Error(StatusCode::failed_precondition,
              fmt::format("{}: cannot {}: {}", path, step,
                          std::generic_category().message(error)));
}

// A folder's descriptor. Closing it gives its lock back.
class Folder {
 public:
  explicit Folder(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0) fail(path_, "open the folder", errno);
  }
  ~Folder() { ::close(fd_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void lock() const {
    int result = ::flock(fd_, LOCK_EX);
    while (result != 0 && errno == EINTR) result = ::flock(fd_, LOCK_EX);
    if (result != 0) fail(path_, "lock the folder", errno);
  }
  void sync() const {
    // Some file systems cannot sync a folder and say so.
    if (::fsync(fd_) != 0 && errno != EINVAL) fail(path_, "sync the folder", errno);
  }

 private:
  std::string path_;
  int fd_;
};

// Makes a folder and those above it, each of them on the disk before what it holds.
void make_folder(const fs::path& folder) {
  if (folder.empty()) return;
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) return;  // no folder: found when opened
  if (errno != ENOENT) fail(folder.string(), "look at the folder", errno);
  const fs::path parent = folder.parent_path();
  if (parent != folder) make_folder(parent);
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
    fail(folder.string(), "make the folder", errno);
  }
  Folder(parent.empty() ? "." : parent.string()).sync();
}

// All baselines of a suite below the root, by host class.
std::vector<Baseline> all_of(const std::string& root, const std::string& suite) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path path = it->path() / (suite + ".json");
    std::error_code absent;
    if (fs::exists(path, absent)) paths.push_back(path.string());
  }
  std::ranges::sort(paths);  // a folder's own order is no order
  std::vector<Baseline> result;
  result.reserve(paths.size());
  for (const std::string& path : paths) result.push_back(load_baseline(path));
  return result;
}

void tell_nearest(const std::string& root, const std::string& suite,
                  const HostClass& here, Lookup& lookup) {
  lookup.because = fmt::format("no baseline of '{}' for the host class {} below {}",
                               suite, here.name, root);
  const Baseline* nearest = nullptr;
  const std::vector<Baseline> others = all_of(root, suite);
  for (const Baseline& other : others) {
    std::vector<std::string> differing = hard_differences(other.host, here);
    if (nearest != nullptr && differing.size() >= lookup.differing.size()) continue;
    nearest = &other;
    lookup.differing = std::move(differing);
  }
  if (nearest != nullptr) lookup.because += "; nearest: " + nearest->host.name;
  lookup.because += "; 'gate --record' and 'baseline propose' make one";
}

std::optional<std::string> text_of(const std::string& path) {
  try {
    return json::read_file(path);
  } catch (const Error& error) {
    if (error.code() != StatusCode::unavailable) throw;
    return std::nullopt;
  }
}

}  // namespace

std::string baseline_path(const std::string& root, const std::string& suite,
                          const HostClass& host) {
  return (fs::path(root) / host.name / (suite + ".json")).string();
}

Lookup find_baseline(const std::string& root, const std::string& suite,
                     const HostClass& here) {
  Lookup lookup;
  lookup.path = baseline_path(root, suite, here);
  const std::optional<std::string> text = text_of(lookup.path);
  if (!text) {
    tell_nearest(root, suite, here, lookup);
    return lookup;
  }
  Baseline found = baseline_from_text(*text, lookup.path);
  if (found.suite != suite || found.host.name != here.name) {
    throw Error(StatusCode::bad_file,
                fmt::format("{}: holds the suite '{}' of {}: it belongs elsewhere",
                            lookup.path, found.suite, found.host.name));
  }
  lookup.differing = hard_differences(found.host, here);
  if (!lookup.differing.empty()) {
    lookup.because = fmt::format("{} was made where {} of the facts that decide differ",
                                 lookup.path, lookup.differing.size());
    return lookup;
  }
  lookup.warnings = soft_differences(found.host, here);
  lookup.baseline = std::move(found);
  return lookup;
}

void save_baseline(const std::string& path, const Baseline& baseline,
                   const std::string& expected_sha256) {
  const std::string text = baseline_text(baseline);
  const fs::path folder = fs::path(path).parent_path();
  make_folder(folder);
  const Folder held(folder.empty() ? "." : folder.string());
  held.lock();
  const std::string found = file_sha256(path);
  if (found != expected_sha256) {
    throw Error(
        StatusCode::failed_precondition,
        fmt::format("{} {}; nothing was written: propose again", path,
                    found.empty()             ? "is gone"
                    : expected_sha256.empty() ? "has appeared since the proposal"
                                              : "has changed since the proposal"));
  }
  json::write_file_atomically(path, text);
}

std::string file_sha256(const std::string& path) {
  const std::optional<std::string> text = text_of(path);
  return text ? sha256_hex(*text) : std::string();
}

}  // namespace assay::baselines
