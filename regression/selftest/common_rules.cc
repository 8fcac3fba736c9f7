// SPDX-License-Identifier: MIT
#include "regression/selftest/common_rules.h"

#include <algorithm>
#include <cmath>

#include "regression/judge/distributions.h"
#include "regression/judge/limits.h"
#include "regression/judge/statistics.h"

namespace assay::selftest {
namespace {

using judge::kNaN;
constexpr double kTenPercent = 1.10;
constexpr double kSignificant = 0.05;

const measure::ProcessSamples* first_measured(const measure::Comparison& comparison) {
  for (const measure::ProcessSamples& process : comparison.processes) {
    if (!process.blocks.empty()) return &process;
  }
  return nullptr;
}

// Median over the blocks of the first process.
double one_process_log_ratio(const measure::Comparison& comparison) {
  const measure::ProcessSamples* process = first_measured(comparison);
  if (process == nullptr) return kNaN;
  std::vector<double> values;
  for (const measure::Block& block : process->blocks) {
    values.push_back(judge::block_log_ratio(block));
  }
  return judge::median(values);
}

double minimum(std::span<const double> values) {
  return values.empty() ? kNaN : *std::ranges::min_element(values);
}

struct Ranked {
  double sum_a = 0;  // of the ranks of a, tied values sharing their mean rank
  double ties = 0;   // sum of t^3 - t
};

Ranked rank(std::span<const double> a, std::span<const double> b) {
  struct Entry {
    double value;
    bool of_a;
  };
  std::vector<Entry> all;
  for (const double value : a) all.push_back({value, true});
  for (const double value : b) all.push_back({value, false});
  std::ranges::sort(all, {}, &Entry::value);
  Ranked ranked;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin + 1;
    while (end < all.size() && all[end].value == all[begin].value) ++end;
    const auto length = static_cast<double>(end - begin);
    const double shared = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) {
      if (all[i].of_a) ranked.sum_a += shared;
    }
    ranked.ties += length * length * length - length;
    begin = end;
  }
  return ranked;
}

}  // namespace

std::string_view to_string(CommonRule rule) noexcept {
  switch (rule) {
    case CommonRule::mean_of_ten:
      return "mean of 10 > 10 %";
    case CommonRule::min_of_ten:
      return "min of 10 > 10 %";
    case CommonRule::mann_whitney:
      return "Mann-Whitney p < .05";
    case CommonRule::one_process:
      return "one process' ratio > 10 %";
  }
  return "unknown";
}

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (a.empty() || b.empty() || std::ranges::any_of(a, is_nan) ||
      std::ranges::any_of(b, is_nan)) {
    return kNaN;
  }
  const auto n1 = static_cast<double>(a.size());
  const auto n2 = static_cast<double>(b.size());
  const double all = n1 + n2;
  const Ranked ranked = rank(a, b);
  const double u = ranked.sum_a - n1 * (n1 + 1) / 2;
  const double variance = n1 * n2 / 12 * (all + 1 - ranked.ties / (all * (all - 1)));
  if (!(variance > 0)) return 1;
  const double distance = std::fabs(u - n1 * n2 / 2) - 0.5;
  const double p = 2 * judge::normal_cdf(-distance / std::sqrt(variance));
  return std::min(1.0, p);
}

std::vector<double> ten_times(const measure::Comparison& comparison) {
  constexpr std::size_t kTen = 10;
  std::vector<double> times;
  const measure::ProcessSamples* process = first_measured(comparison);
  if (process == nullptr) return times;
  for (const measure::Block& block : process->blocks) {
    for (const double time : block.custom_ns) {
      if (times.size() < kTen) times.push_back(time);
    }
  }
  return times;
}

bool alarm(CommonRule rule, const measure::Comparison& stored,
           const measure::Comparison& now) {
  const std::vector<double> before = ten_times(stored);
  const std::vector<double> after = ten_times(now);
  switch (rule) {
    case CommonRule::mean_of_ten:
      return judge::mean(after) > kTenPercent * judge::mean(before);
    case CommonRule::min_of_ten:
      return minimum(after) > kTenPercent * minimum(before);
    case CommonRule::mann_whitney:
      return mann_whitney_p(after, before) < kSignificant &&
             judge::median(after) > judge::median(before);
    case CommonRule::one_process:
      return one_process_log_ratio(stored) - one_process_log_ratio(now) >
             std::log(kTenPercent);
  }
  return false;
}

}  // namespace assay::selftest
