// SPDX-License-Identifier: MIT
// Sessions and series with known values.
#ifndef ASSAY_TESTS_REGRESSION_HISTORY_MADE_UP_HISTORY_H_
#define ASSAY_TESTS_REGRESSION_HISTORY_MADE_UP_HISTORY_H_

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "regression/history/history.h"
#include "regression/history/series.h"

namespace assay::history {

// Sessions are a day apart.
inline std::string made_up_utc(int day) {
  char text[32];
  std::snprintf(text, sizeof text, "2026-%02d-%02dT12:00:00Z", 1 + day / 28 % 12,
                1 + day % 28);
  return text;
}

inline GatePoint made_up_point(const std::string& id, double log_ratio,
                               judge::Verdict verdict = judge::Verdict::pass) {
  GatePoint point;
  point.id = id;
  point.verdict = verdict;
  point.log_ratio = log_ratio;
  point.half_width = 0.005;
  point.slowdown = 0.01;
  return point;
}

inline Entry made_up_entry(int day, std::vector<GatePoint> gates) {
  Entry entry;
  entry.utc = made_up_utc(day);
  entry.commit = "c" + std::to_string(day);
  entry.host_class = "x86_64-madeup-2c";
  entry.suite = "core";
  entry.gates = std::move(gates);
  return entry;
}

inline Series made_up_series(std::span<const double> log_ratios) {
  Series series;
  series.gate = "gate";
  for (const double value : log_ratios) {
    const int day = static_cast<int>(series.points.size());
    series.points.push_back({made_up_utc(day), "c" + std::to_string(day), "core",
                             made_up_point("gate", value)});
  }
  return series;
}

}  // namespace assay::history

#endif  // ASSAY_TESTS_REGRESSION_HISTORY_MADE_UP_HISTORY_H_
