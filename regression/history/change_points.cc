// SPDX-License-Identifier: MIT
#include "regression/history/change_points.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "regression/judge/distributions.h"
#include "regression/judge/statistics.h"

namespace assay::history {
namespace {

double sum_of_squares(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

// Student's t of two windows, two-sided.
ChangePoint compare(std::span<const double> before, std::span<const double> after) {
  const double a = judge::mean(before);
  const double b = judge::mean(after);
  const auto degrees = static_cast<double>(before.size() + after.size() - 2);
  const double variance =
      (sum_of_squares(before, a) + sum_of_squares(after, b)) / degrees;
  const double error = std::sqrt(variance * (1 / static_cast<double>(before.size()) +
                                             1 / static_cast<double>(after.size())));
  ChangePoint point;
  point.change = b - a;
  if (error > 0) {
    point.p = 2 * judge::student_t_cdf(-std::abs(point.change) / error, degrees);
  } else {
    point.p = point.change == 0 ? 1 : 0;
  }
  return point;
}

class Search {
 public:
  Search(std::span<const double> values, const ChangePointRules& rules)
      : values_(values), rules_(rules) {}

  std::vector<ChangePoint> run() {
    const std::size_t shortest = 2 * rules_.min_segment;
    if (rules_.min_segment < 2 || values_.size() < shortest) return {};
    places_ = static_cast<double>(values_.size() - shortest + 1);
    split(0, values_.size());
    std::ranges::sort(found_, {}, &ChangePoint::index);
    return std::move(found_);
  }

 private:
  std::optional<ChangePoint> best(std::size_t begin, std::size_t end) const {
    std::optional<ChangePoint> result;
    for (std::size_t k = begin + rules_.min_segment; k + rules_.min_segment <= end;
         ++k) {
      const std::size_t from = k - std::min(k - begin, rules_.window);
      const std::size_t to = k + std::min(end - k, rules_.window);
      ChangePoint point =
          compare(values_.subspan(from, k - from), values_.subspan(k, to - k));
      point.index = k;
      const bool better =
          !result || point.p < result->p ||
          (point.p == result->p && std::abs(point.change) > std::abs(result->change));
      if (better) result = point;
    }
    return result;
  }

  void split(std::size_t begin, std::size_t end) {
    std::optional<ChangePoint> point = best(begin, end);
    if (!point) return;
    point->p = std::min(1.0, point->p * places_);
    const bool moved =
        point->p < rules_.p && std::abs(point->change) >= rules_.magnitude;
    if (!moved) return;
    found_.push_back(*point);
    split(begin, point->index);
    split(point->index, end);
  }

  std::span<const double> values_;
  const ChangePointRules& rules_;
  double places_ = 1;
  std::vector<ChangePoint> found_;
};

}  // namespace

std::vector<ChangePoint> find_change_points(std::span<const double> values,
                                            const ChangePointRules& rules) {
  const bool numbers =
      std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
  if (!numbers) return {};
  return Search(values, rules).run();
}

}  // namespace assay::history
