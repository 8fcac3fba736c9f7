// SPDX-License-Identifier: MIT
#include "regression/history/series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "regression/judge/distributions.h"
#include "regression/judge/statistics.h"

namespace assay::history {
namespace {

constexpr std::size_t kEnoughToTell = 5;

std::vector<const GatePoint*> points_with_ratio(const Series& series) {
  std::vector<const GatePoint*> points;
  for (const SeriesPoint& point : series.points) {
    if (point.gate.log_ratio) points.push_back(&point.gate);
  }
  return points;
}

double session_sd(const std::vector<const GatePoint*>& points) {
  const double floor = judge::GateRules().session_sd_floor;
  if (points.size() < kEnoughToTell) return floor;
  std::vector<double> moves;
  for (std::size_t i = 1; i < points.size(); ++i) {
    moves.push_back(std::abs(*points[i]->log_ratio - *points[i - 1]->log_ratio));
  }
  return std::max(
      floor, judge::median(moves) / (judge::normal_quantile(0.75) * std::sqrt(2.0)));
}

}  // namespace

std::vector<Series> series_of(const History& history, std::string_view substring,
                              std::size_t last) {
  std::map<std::string, Series> by_gate;
  for (const Entry& entry : history.entries) {
    if (!counts(entry)) continue;
    for (const GatePoint& gate : entry.gates) {
      if (gate.id.find(substring) == std::string::npos) continue;
      by_gate[gate.id].points.push_back({entry.utc, entry.commit, entry.suite, gate});
    }
  }
  std::vector<Series> all;
  for (auto& [id, series] : by_gate) {
    series.gate = id;
    auto& points = series.points;
    if (last > 0 && points.size() > last) {
      points.erase(points.begin(), points.end() - static_cast<std::ptrdiff_t>(last));
    }
    all.push_back(std::move(series));
  }
  return all;
}

std::optional<Change> change_of(const Series& series) {
  const auto points = points_with_ratio(series);
  if (points.size() < 2) return std::nullopt;
  const GatePoint& first = *points.front();
  const GatePoint& last = *points.back();
  const double own = std::hypot(first.half_width, last.half_width);
  const double between =
      judge::normal_quantile(0.975) * std::sqrt(2.0) * session_sd(points);
  return Change{*first.log_ratio, *last.log_ratio, *last.log_ratio - *first.log_ratio,
                std::max(own, between)};
}

std::vector<ChangePoint> change_points_of(const Series& series) {
  std::vector<double> values;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const auto& log_ratio = series.points[i].gate.log_ratio;
    if (!log_ratio) continue;
    values.push_back(*log_ratio);
    places.push_back(i);
  }
  std::vector<ChangePoint> points = find_change_points(values);
  for (ChangePoint& point : points) point.index = places[point.index];
  return points;
}

}  // namespace assay::history
