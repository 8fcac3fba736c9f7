// SPDX-License-Identifier: MIT
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <thread>

#include "backends/vgpu/executor.h"

namespace assay::vgpu {

unsigned quota_cpus(std::string_view cpu_max) {
  // "max 100000" or "<quota us> <period us>".
  const std::size_t space = cpu_max.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto parse = [](std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
      text.remove_suffix(1);
    }
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
  };
  const std::uint64_t quota = parse(cpu_max.substr(0, space));
  const std::uint64_t period = parse(cpu_max.substr(space + 1));
  if (quota == 0 || period == 0) return 0;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(quota / period, 1, 65536));
}

unsigned usable_cpus() {
  unsigned count = std::thread::hardware_concurrency();
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    count = static_cast<unsigned>(CPU_COUNT(&set));
  }
  std::string line;
  if (std::ifstream file("/sys/fs/cgroup/cpu.max"); std::getline(file, line)) {
    if (const unsigned quota = quota_cpus(line)) count = std::min(count, quota);
  }
  return std::max(count, 1U);
}

}  // namespace assay::vgpu
