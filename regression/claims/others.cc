// SPDX-License-Identifier: MIT
#include "regression/claims/others.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>

namespace assay::claims {
namespace {

// Below this many seconds of all processors, ticks are too coarse to say anything.
constexpr double kLeastWatchedS = 0.2;

std::optional<CpuUse> read_cpu_use() {
  std::string line;
  std::ifstream file("/proc/stat");
  std::getline(file, line);
  return parse_cpu_use(line, static_cast<double>(sysconf(_SC_CLK_TCK)));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double own_seconds() {
  double total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    if (getrusage(who, &usage) != 0) continue;
    total += seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return total;
}

}  // namespace

std::optional<CpuUse> parse_cpu_use(std::string_view proc_stat, double ticks_per_s) {
  // "cpu  user nice system idle iowait irq softirq steal ..."; guest times, which
  // follow, are in user and nice already.
  constexpr std::size_t kIdle = 3;
  constexpr std::size_t kWaiting = 4;
  constexpr std::size_t kFields = 8;
  std::string_view line = proc_stat.substr(0, proc_stat.find('\n'));
  if (!line.starts_with("cpu ") || !(ticks_per_s > 0)) return std::nullopt;
  line.remove_prefix(4);
  CpuUse use;
  for (std::size_t field = 0; field < kFields; ++field) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::uint64_t ticks = 0;
    const auto [end, error] =
        std::from_chars(line.data(), line.data() + line.size(), ticks);
    if (error != std::errc()) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    const double time = static_cast<double>(ticks) / ticks_per_s;
    use.total_s += time;
    if (field != kIdle && field != kWaiting) use.busy_s += time;
  }
  return use;
}

Others::Others() : before_(read_cpu_use()), own_before_s_(own_seconds()) {}

double Others::share() const {
  const std::optional<CpuUse> now = read_cpu_use();
  if (!now || !before_) return 0;
  const double total = now->total_s - before_->total_s;
  if (!(total >= kLeastWatchedS)) return 0;
  const double own = own_seconds() - own_before_s_;
  return std::clamp((now->busy_s - before_->busy_s - own) / total, 0.0, 1.0);
}

}  // namespace assay::claims
