// SPDX-License-Identifier: MIT
#include "backends/runtime/host_caches.h"

#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace assay::runtime {
namespace {

// The first line of a file, empty when it cannot be read.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// "48K", "1024K", "32M" or plain bytes.
std::optional<std::size_t> parse_size(std::string_view text) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || value == 0) return std::nullopt;
  std::size_t unit = 1;
  if (rest != end) {
    if (rest + 1 != end) return std::nullopt;
    if (*rest == 'K') {
      unit = 1024;
    } else if (*rest == 'M') {
      unit = 1024 * 1024;
    } else {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(value, unit, &value)) return std::nullopt;
  return value;
}

// The number of cpus in a list such as "0-3,8,10-11"; 0 when it does not parse.
int count_cpus(std::string_view list) {
  int count = 0;
  while (!list.empty()) {
    const std::string_view range = list.substr(0, list.find(','));
    list.remove_prefix(range.size() < list.size() ? range.size() + 1 : list.size());
    int first = 0;
    int last = 0;
    const char* const end = range.data() + range.size();
    auto [rest, error] = std::from_chars(range.data(), end, first);
    if (error != std::errc()) return 0;
    last = first;
    if (rest != end && *rest == '-') {
      const auto upper = std::from_chars(rest + 1, end, last);
      if (upper.ec != std::errc()) return 0;
      rest = upper.ptr;
    }
    if (rest != end || first < 0 || last < first || last > 1'000'000) return 0;
    count += last - first + 1;
  }
  return count;
}

}  // namespace

CacheInfo read_cache_info(const std::string& cpu_root) {
  CacheInfo info;
  // Index numbers are consecutive, but their order is the kernel's choice.
  for (int index = 0; index < 16; ++index) {
    const std::string base =
        cpu_root + "/cpu0/cache/index" + std::to_string(index) + "/";
    const std::optional<std::size_t> size = parse_size(first_line(base + "size"));
    if (!size) continue;
    const std::string level = first_line(base + "level");
    const std::string type = first_line(base + "type");
    if (type == "Instruction") continue;
    if (level == "1") info.l1d_bytes = *size;
    if (level == "2") info.l2_bytes = *size;
    if (level == "3") {
      info.l3_bytes = *size;
      info.l3_found = true;
      const int sharers = count_cpus(first_line(base + "shared_cpu_list"));
      if (sharers > 0) info.l3_sharers = sharers;
    }
  }
  return info;
}

const CacheInfo& cache_info() {
  static const CacheInfo info = read_cache_info("/sys/devices/system/cpu");
  return info;
}

}  // namespace assay::runtime
