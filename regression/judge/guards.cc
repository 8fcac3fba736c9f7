// SPDX-License-Identifier: MIT
#include "regression/judge/guards.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/limits.h"
#include "regression/measure/ceiling.h"

namespace assay::judge {
namespace {

bool positive(double value) { return value > 0 && value < kInfinity; }
bool not_negative(double value) { return value >= 0 && value < kInfinity; }

Finding invalid(std::string reason) {
  return {Verdict::invalid_run, std::move(reason)};
}

std::string arm_name(const measure::Comparison& comparison, Arm arm) {
  const measure::ArmInfo& info =
      arm == Arm::custom ? comparison.custom : comparison.library;
  return fmt::format("{} ({})", to_string(arm), info.implementation);
}

// What is wrong with a check; empty when nothing.
std::string problem_of(const measure::ArmCheck& check) {
  const std::string detail = check.detail.empty() ? "" : "; " + check.detail;
  if (check.never_written != 0) {
    return fmt::format("coverage: {} of {} checked elements never written{}",
                       check.never_written, check.checked, detail);
  }
  if (!check.guards_intact) return "wrote outside of its operands" + detail;
  if (check.checked == 0) return "no element was checked" + detail;
  if (!(check.ok && check.wrong == 0 && check.worst <= 1)) {
    return fmt::format(
        "{} of {} checked elements wrong, worst error {:.3g} x its bound{}",
        check.wrong, check.checked, check.worst, detail);
  }
  return {};
}

// A process that stopped before its first check has nothing to say about results.
bool has_result(const measure::ProcessSamples& process,
                const measure::ArmCheck& check) {
  return !process.blocks.empty() || check.checked != 0 || check.never_written != 0 ||
         !check.guards_intact;
}

std::optional<Finding> check_process(const measure::ProcessSamples& process,
                                     std::size_t number) {
  if (process.blocks.empty()) return std::nullopt;
  if (process.iterations == 0) {
    return invalid(fmt::format("process {}: epochs of 0 iterations", number));
  }
  for (std::size_t b = 0; b < process.blocks.size(); ++b) {
    for (const Arm arm : kArms) {
      for (const double time : times_of(process.blocks[b], arm)) {
        if (positive(time)) continue;
        return invalid(fmt::format("process {}, block {}: a {} time of {:g} ns", number,
                                   b, to_string(arm), time));
      }
    }
  }
  return std::nullopt;
}

std::optional<Finding> check_flops(const measure::Comparison& comparison,
                                   const Judged& judged, const Rules& rules) {
  if (comparison.flops == 0) return std::nullopt;
  if (!positive(judged.peak_gflops)) {
    return invalid("the FMA peak was not measured: plausibility is unknown");
  }
  // A library may bring more threads than the device has compute units.
  const double units = std::max(1U, comparison.compute_units);
  const double library_peak =
      judged.peak_gflops * std::max(1.0, comparison.audit.threads / units);
  for (const Arm arm : kArms) {
    const double rate =
        arm == Arm::custom ? judged.custom.gflops : judged.library.gflops;
    const double peak = arm == Arm::custom ? judged.peak_gflops : library_peak;
    if (rate <= rules.plausible_of_peak * peak) continue;
    return Finding{
        Verdict::implausible,
        fmt::format("{}: {:.1f} GFLOP/s is above {:g} x the measured peak of "
                    "{:.1f} GFLOP/s: work was skipped or the clock is wrong",
                    arm_name(comparison, arm), rate, rules.plausible_of_peak, peak)};
  }
  return std::nullopt;
}

}  // namespace

double cache_bytes_of(const measure::Comparison& comparison, const Rules& rules) {
  if (comparison.device_cache_bytes > 0) return comparison.device_cache_bytes;
  return comparison.device_cache_bytes < 0 ? rules.cache_bytes : Rules().cache_bytes;
}

namespace {

std::optional<Finding> check_bytes(const measure::Comparison& comparison,
                                   const Judged& judged, const Rules& rules) {
  const double from_memory = measure::beyond_cache(comparison.compulsory_bytes,
                                                   cache_bytes_of(comparison, rules));
  if (from_memory <= 0) return std::nullopt;
  if (!positive(judged.peak_gbs)) {
    return invalid("the memory peak was not measured: plausibility is unknown");
  }
  const double limit = rules.plausible_of_bandwidth * measure::kTriadTraffic;
  for (const Arm arm : kArms) {
    const double time =
        arm == Arm::custom ? judged.custom.median_ns : judged.library.median_ns;
    const double rate = from_memory / time;
    if (rate <= limit * judged.peak_gbs) continue;
    return Finding{
        Verdict::implausible,
        fmt::format(
            "{}: {:.1f} GB/s from beyond the cache is above {:.2f} x the measured "
            "triad of {:.1f} GB/s: work was skipped or the clock is wrong",
            arm_name(comparison, arm), rate, limit, judged.peak_gbs)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Finding> check_scopes(const measure::Comparison& comparison) {
  if (comparison.custom_scope == comparison.library_scope) return std::nullopt;
  return invalid(
      fmt::format("unlike scopes: {} / {}: a ratio of the two does not exist",
                  measure::to_string(comparison.custom_scope),
                  measure::to_string(comparison.library_scope)));
}

std::optional<Finding> check_results(const measure::Comparison& comparison) {
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    const measure::ProcessSamples& process = comparison.processes[p];
    for (const Arm arm : kArms) {
      const measure::ArmCheck& check =
          arm == Arm::custom ? process.custom_check : process.library_check;
      if (!has_result(process, check)) continue;
      const std::string problem = problem_of(check);
      if (problem.empty()) continue;
      return Finding{
          Verdict::wrong_result,
          fmt::format("process {}: {}: {}", p, arm_name(comparison, arm), problem)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> check_samples(const measure::Comparison& comparison) {
  const auto measured = std::ranges::count_if(
      comparison.processes,
      [](const measure::ProcessSamples& process) { return !process.blocks.empty(); });
  if (measured == 0) {
    if (!comparison.failure.empty()) return invalid(comparison.failure);
    return invalid(comparison.complete ? "no samples"
                                       : "no samples: stopped before any");
  }
  if (!comparison.failure.empty()) {
    return invalid(fmt::format("{} (after {} good process{})", comparison.failure,
                               measured, measured == 1 ? "" : "es"));
  }
  if (!not_negative(comparison.flops) || !not_negative(comparison.compulsory_bytes)) {
    return invalid(fmt::format("a count of work is none: {:g} flops, {:g} bytes",
                               comparison.flops, comparison.compulsory_bytes));
  }
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    if (auto finding = check_process(comparison.processes[p], p)) return finding;
  }
  return std::nullopt;
}

std::optional<Finding> check_warm(const measure::Comparison& comparison) {
  if (comparison.custom_scope == measure::Scope::cold) return std::nullopt;
  for (std::size_t p = 0; p < comparison.processes.size(); ++p) {
    const measure::ProcessSamples& process = comparison.processes[p];
    for (std::size_t b = 0; b < process.blocks.size(); ++b) {
      const measure::Spoilers& spoilers = process.blocks[b].spoilers;
      if (spoilers.compiles == 0 && spoilers.allocations == 0) continue;
      return invalid(
          fmt::format("process {}, block {}: {} compiles and {} allocations in "
                      "the timed region: only the scope cold may hold them",
                      p, b, spoilers.compiles, spoilers.allocations));
    }
  }
  return std::nullopt;
}

std::optional<Finding> check_plausible(const measure::Comparison& comparison,
                                       const Judged& judged, const Rules& rules) {
  if (auto finding = check_flops(comparison, judged, rules)) return finding;
  return check_bytes(comparison, judged, rules);
}

std::optional<Finding> check_library(const measure::Comparison& comparison) {
  if (!comparison.audit.impaired) return std::nullopt;
  return Finding{Verdict::library_impaired, comparison.audit.reason.empty()
                                                ? "the audit found the library impaired"
                                                : comparison.audit.reason};
}

}  // namespace assay::judge
