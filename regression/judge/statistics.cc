// SPDX-License-Identifier: MIT
#include "regression/judge/statistics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "regression/judge/distributions.h"
#include "regression/judge/limits.h"

namespace assay::judge {
namespace {

constexpr Interval kEverything = {-kInfinity, kInfinity};
constexpr Interval kUndefined = {kNaN, kNaN};

bool any_nan(std::span<const double> values) {
  return std::ranges::any_of(values, [](double value) { return std::isnan(value); });
}

double sum_of_squares_around(std::span<const double> values, double center) {
  double sum = 0;
  for (const double value : values) sum += (value - center) * (value - center);
  return sum;
}

// The sign-test interval of one process, wider when its blocks are not independent.
Interval interval_of_blocks(std::span<const double> blocks, double confidence) {
  const double center = median(blocks);
  const double widening = autocorrelation_widening(blocks);
  const Interval interval = sign_test_interval(blocks, confidence);
  return {center - (center - interval.low) * widening,
          center + (interval.high - center) * widening};
}

}  // namespace

double median(std::span<const double> values) {
  // A sort of NaN is undefined behaviour, so the check comes first.
  if (values.empty() || any_nan(values)) return kNaN;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[half];
  return 0.5 * (sorted[half - 1] + sorted[half]);
}

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double sample_sd(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  return std::sqrt(sum_of_squares_around(values, mean(values)) /
                   static_cast<double>(values.size() - 1));
}

double median_absolute_deviation(std::span<const double> values) {
  const double center = median(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::fabs(value - center));
  return median(deviations);
}

double block_log_ratio(const measure::Block& block) {
  for (const auto& times : {block.custom_ns, block.library_ns}) {
    for (const double time : times) {
      if (!(time > 0 && time < kInfinity)) return kNaN;
    }
  }
  return 0.5 * ((std::log(block.library_ns[0]) + std::log(block.library_ns[1])) -
                (std::log(block.custom_ns[0]) + std::log(block.custom_ns[1])));
}

Interval sign_test_interval(std::span<const double> values, double confidence) {
  if (any_nan(values)) return kUndefined;
  const std::size_t k = sign_test_rank(values.size(), confidence);
  if (k == 0) return kEverything;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  // x_(k) and x_(n+1-k) count from 1.
  return {sorted[k - 1], sorted[sorted.size() - k]};
}

Interval t_interval(std::span<const double> values, double confidence) {
  if (any_nan(values)) return kUndefined;
  if (values.size() < 2) return kEverything;
  const auto n = static_cast<double>(values.size());
  const double center = mean(values);
  const double half = student_t_quantile((1 + confidence) / 2, n - 1) *
                      sample_sd(values) / std::sqrt(n);
  return {center - half, center + half};
}

double lag1_autocorrelation(std::span<const double> values) {
  if (any_nan(values)) return kNaN;
  if (values.size() < 3) return 0;
  // Compared and not subtracted: the mean of equal values may be off by a rounding.
  if (std::ranges::all_of(values, [&](double v) { return v == values[0]; })) return 0;
  const double center = mean(values);
  const double total = sum_of_squares_around(values, center);
  double lagged = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    lagged += (values[i] - center) * (values[i + 1] - center);
  }
  return lagged / total;
}

double autocorrelation_widening(std::span<const double> values) {
  const double r = lag1_autocorrelation(values);
  if (std::isnan(r)) return kNaN;
  if (r <= 2 / std::sqrt(static_cast<double>(values.size()))) return 1;
  return std::sqrt((1 + r) / (1 - r));
}

Estimate estimate_log_ratio(std::span<const std::vector<double>> processes,
                            double confidence) {
  std::vector<double> medians;
  medians.reserve(processes.size());
  for (const std::vector<double>& blocks : processes) medians.push_back(median(blocks));

  if (processes.empty()) return {kNaN, kUndefined, "no process"};
  if (processes.size() >= 3) {
    return {mean(medians), t_interval(medians, confidence),
            fmt::format("t over {} processes", processes.size())};
  }
  const Interval first = interval_of_blocks(processes[0], confidence);
  if (processes.size() == 1) {
    return {medians[0], first,
            fmt::format("sign test over {} blocks", processes[0].size())};
  }
  const Interval second = interval_of_blocks(processes[1], confidence);
  Interval hull = {std::min(first.low, second.low), std::max(first.high, second.high)};
  // std::min keeps a number beside NaN.
  if (std::isnan(medians[0]) || std::isnan(medians[1])) hull = kUndefined;
  return {mean(medians), hull,
          fmt::format("hull of sign tests over {} and {} blocks", processes[0].size(),
                      processes[1].size())};
}

}  // namespace assay::judge
