// SPDX-License-Identifier: MIT
#include "regression/judge/arms.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "regression/judge/statistics.h"

namespace assay::judge {
namespace {

// All four epochs of a block.
double block_ms(const measure::ProcessSamples& process, const measure::Block& block) {
  double ns = 0;
  for (const Arm arm : kArms) {
    for (const double time : times_of(block, arm)) ns += time;
  }
  return ns * static_cast<double>(process.iterations) * 1e-6;
}

// Above this many involuntary switches a block is dropped.
double switch_limit(const measure::Comparison& comparison, const Rules& rules) {
  std::vector<double> switches;
  for (const measure::ProcessSamples& process : comparison.processes) {
    for (const measure::Block& block : process.blocks) {
      switches.push_back(static_cast<double>(block.spoilers.involuntary_switches));
    }
  }
  if (switches.empty()) return std::numeric_limits<double>::infinity();
  return median(switches) +
         rules.switch_deviations * median_absolute_deviation(switches);
}

// Above this probe time a block is dropped.
double probe_limit(const measure::Comparison& comparison, const Rules& rules) {
  std::vector<double> probes;
  for (const measure::ProcessSamples& process : comparison.processes) {
    for (const measure::Block& block : process.blocks) {
      if (block.spoilers.probe_ns > 0) probes.push_back(block.spoilers.probe_ns);
    }
  }
  if (probes.empty() || !(rules.max_probe_factor > 0)) {
    return std::numeric_limits<double>::infinity();
  }
  std::ranges::sort(probes);
  return rules.max_probe_factor * probes[probes.size() / 20];
}

struct Drops {
  std::uint64_t by_steal = 0;
  std::uint64_t by_switches = 0;
  std::uint64_t by_probe = 0;
  std::uint64_t by_few = 0;
};

std::string describe_drops(const Drops& drops, double limit, const Rules& rules) {
  std::string text;
  const auto add = [&](std::uint64_t count, const std::string& why) {
    if (count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, why);
    }
  };
  add(drops.by_steal,
      fmt::format("for steal above {:g} % of their time", 100 * rules.max_steal_share));
  add(drops.by_switches,
      fmt::format("for involuntary switches above {:g}",
                  std::max(limit, static_cast<double>(rules.min_switches) - 1)));
  add(drops.by_probe, "because others used our cores");
  add(drops.by_few, "in processes with too few others left");
  return text;
}

}  // namespace

std::string_view to_string(Arm arm) noexcept {
  switch (arm) {
    case Arm::custom:
      return "custom";
    case Arm::library:
      return "library";
  }
  return "unknown";
}

const std::array<double, 2>& times_of(const measure::Block& block, Arm arm) noexcept {
  return arm == Arm::custom ? block.custom_ns : block.library_ns;
}

UsableBlocks usable_blocks(const measure::Comparison& comparison, const Rules& rules) {
  UsableBlocks result;
  const double limit = switch_limit(comparison, rules);
  const double longest_probe = probe_limit(comparison, rules);
  std::uint64_t by_steal = 0;
  std::uint64_t by_probe = 0;
  std::uint64_t by_few = 0;  // of processes that had too few others left
  std::uint64_t by_switches = 0;
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    const measure::ProcessSamples& process = comparison.processes[p];
    std::vector<const measure::Block*> kept;
    for (const measure::Block& block : process.blocks) {
      const measure::Spoilers& spoilers = block.spoilers;
      const auto switches = static_cast<double>(spoilers.involuntary_switches);
      const double ms = block_ms(process, block);
      // A time that is none spoils no block: dropped, it would be out of sight.
      const double allowed = rules.max_steal_share * ms + rules.steal_tick_ms;
      if (!(spoilers.steal_ms <= allowed) && !std::isnan(ms)) {
        ++by_steal;
      } else if (spoilers.involuntary_switches >= rules.min_switches &&
                 switches > limit) {
        ++by_switches;
      } else if (!(spoilers.probe_ns <= longest_probe)) {
        ++by_probe;
      } else {
        kept.push_back(&block);
      }
    }
    if (kept.size() < std::max<std::size_t>(1, rules.min_process_blocks)) {
      by_few += kept.size();
      continue;
    }
    result.used += kept.size();
    result.processes.push_back(std::move(kept));
    result.numbers.push_back(p);
  }
  result.dropped = by_steal + by_switches + by_probe + by_few;
  result.dropped_because =
      describe_drops({by_steal, by_switches, by_probe, by_few}, limit, rules);
  return result;
}

UsableBlocks all_blocks(const measure::Comparison& comparison) {
  UsableBlocks result;
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    std::vector<const measure::Block*> kept;
    for (const measure::Block& block : comparison.processes[p].blocks)
      kept.push_back(&block);
    result.used += kept.size();
    if (kept.empty()) continue;
    result.processes.push_back(std::move(kept));
    result.numbers.push_back(p);
  }
  return result;
}

double cost_of(const measure::Comparison& comparison, const UsableBlocks& blocks,
               Arm arm) {
  std::vector<double> costs;
  for (std::size_t i = 0; i < blocks.processes.size(); ++i) {
    std::vector<double> times;
    for (const measure::Block* block : blocks.processes[i]) {
      for (const double time : times_of(*block, arm)) times.push_back(time);
    }
    const double peak = comparison.processes[blocks.numbers[i]].peak_gflops;
    if (peak == 0) return 0;
    costs.push_back(median(times) * peak);
  }
  return costs.empty() ? 0 : median(costs);
}

ArmSummary summarize(const measure::Comparison& comparison, const UsableBlocks& blocks,
                     Arm arm, double peak_gflops) {
  ArmSummary result;
  std::vector<double> medians;
  double fastest = std::numeric_limits<double>::infinity();
  for (const auto& process : blocks.processes) {
    std::vector<double> times;
    for (const measure::Block* block : process) {
      for (const double time : times_of(*block, arm)) {
        times.push_back(time);
        fastest = std::min(fastest, time);
      }
    }
    medians.push_back(median(times));
  }
  if (!medians.empty()) {
    result.median_ns = median(medians);
    result.min_ns = fastest;
    // One floating-point operation a nanosecond is one GFLOP/s.
    result.gflops = comparison.flops / result.median_ns;
    result.gbs = comparison.compulsory_bytes / result.median_ns;
    result.share_of_peak = peak_gflops > 0 ? result.gflops / peak_gflops : 0;
  }
  for (const measure::ProcessSamples& process : comparison.processes) {
    const double worst =
        arm == Arm::custom ? process.custom_check.worst : process.library_check.worst;
    // NaN is the worst there is and stays.
    if (!(worst <= result.worst_error)) {
      if (!std::isnan(result.worst_error)) result.worst_error = worst;
    }
  }
  return result;
}

}  // namespace assay::judge
