// SPDX-License-Identifier: MIT
#include "backends/runtime/usable_cpus.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <thread>

namespace assay::runtime {
namespace {

// 0 for anything but a number, "-1" and "max" among them.
std::uint64_t number(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc() && end == last ? value : 0;
}

std::vector<std::string> with_parents(std::string_view folder) {
  std::vector<std::string> folders;
  while (folder.size() > 1) {
    folders.emplace_back(folder);
    folder = folder.substr(0, folder.rfind('/'));
  }
  folders.emplace_back("/");
  return folders;
}

bool lists_cpu(std::string_view controllers) {
  for (;;) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

// Empty when there is none.
std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

unsigned quota_cpus(std::string_view quota_us, std::string_view period_us) {
  const std::uint64_t quota = number(quota_us);
  const std::uint64_t period = number(period_us);
  if (quota == 0 || period == 0) return 0;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(quota / period, 1, 65536));
}

unsigned quota_cpus(std::string_view cpu_max) {
  const std::size_t space = cpu_max.find(' ');
  if (space == std::string_view::npos) return 0;
  return quota_cpus(cpu_max.substr(0, space), cpu_max.substr(space + 1));
}

CgroupFolders cgroup_folders(std::string_view proc_self_cgroup) {
  // Lines "number:controllers:folder"; version 2 has number 0 and no controllers.
  CgroupFolders folders;
  while (!proc_self_cgroup.empty()) {
    const std::size_t end = proc_self_cgroup.find('\n');
    const std::string_view line = proc_self_cgroup.substr(0, end);
    proc_self_cgroup.remove_prefix(
        end == std::string_view::npos ? proc_self_cgroup.size() : end + 1);
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view folder = line.substr(second + 1);
    if (!folder.starts_with('/')) continue;
    if (line.substr(0, first) == "0" && controllers.empty()) {
      folders.v2 = with_parents(folder);
    } else if (lists_cpu(controllers)) {
      folders.v1 = with_parents(folder);
    }
  }
  return folders;
}

unsigned usable_cpus() {
  unsigned count = std::thread::hardware_concurrency();
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    count = static_cast<unsigned>(CPU_COUNT(&set));
  }
  const auto limit = [&count](unsigned quota) {
    if (quota != 0) count = std::min(count, quota);
  };
  const CgroupFolders folders = cgroup_folders(contents("/proc/self/cgroup"));
  for (const std::string& folder : folders.v2) {
    limit(quota_cpus(contents("/sys/fs/cgroup" + folder + "/cpu.max")));
  }
  for (const std::string& folder : folders.v1) {
    const std::string at = "/sys/fs/cgroup/cpu" + folder;
    limit(quota_cpus(contents(at + "/cpu.cfs_quota_us"),
                     contents(at + "/cpu.cfs_period_us")));
  }
  // In a container the root of the mount is the container's own group, whatever
  // /proc/self/cgroup calls it.
  limit(quota_cpus(contents("/sys/fs/cgroup/cpu.max")));
  return std::max(count, 1U);
}

}  // namespace assay::runtime
