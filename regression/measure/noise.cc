// SPDX-License-Identifier: MIT
#include "regression/measure/noise.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

namespace assay::measure {
namespace {

// Small /proc files, read without allocation: this runs between timed regions.
std::string_view read_small(const char* path, std::array<char, 512>& buffer) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = read(file, buffer.data(), buffer.size());
  close(file);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "cpu  user nice system idle iowait irq softirq steal ...", in ticks.
std::uint64_t steal_ticks(std::string_view stat) {
  constexpr int kStealField = 8;
  for (int field = 0; field < kStealField; ++field) {
    const std::size_t space = stat.find(' ');
    if (space == std::string_view::npos) return 0;
    stat.remove_prefix(space);
    stat.remove_prefix(std::min(stat.find_first_not_of(' '), stat.size()));
  }
  return to_number(stat);
}

}  // namespace

NoiseCounters read_noise() {
  NoiseCounters counters;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    counters.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
  }
  std::array<char, 512> buffer{};
  static const auto ticks_per_second = sysconf(_SC_CLK_TCK);
  counters.steal_ms = steal_ticks(read_small("/proc/stat", buffer)) * 1000 /
                      static_cast<std::uint64_t>(ticks_per_second);
  const std::string_view pressure = read_small("/proc/pressure/cpu", buffer);
  constexpr std::string_view kTotal = "total=";
  if (const std::size_t at = pressure.find(kTotal); at != std::string_view::npos) {
    counters.pressure_us = to_number(pressure.substr(at + kTotal.size()));
  }
  return counters;
}

SpoilerWatch::SpoilerWatch(const Device& device, Spoilers& spoilers)
    : device_(device),
      spoilers_(spoilers),
      counters_(device.counters()),
      noise_(read_noise()) {}

void SpoilerWatch::stop() {
  const NoiseCounters noise = read_noise();
  const Counters counters = device_.counters();
  spoilers_.compiles += counters.kernels_compiled - counters_.kernels_compiled;
  spoilers_.allocations += counters.buffers_allocated - counters_.buffers_allocated;
  spoilers_.involuntary_switches +=
      noise.involuntary_switches - noise_.involuntary_switches;
  spoilers_.steal_ms += static_cast<double>(noise.steal_ms - noise_.steal_ms);
  spoilers_.pressure_ms +=
      static_cast<double>(noise.pressure_us - noise_.pressure_us) / 1e3;
}

}  // namespace assay::measure
