// SPDX-License-Identifier: MIT
#include "regression/scaling/cell.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "regression/judge/statistics.h"

namespace assay::scaling {
namespace {

constexpr Figure kFigures[] = {
    {"seconds", &Cell::seconds},
    {"begin_s", &Cell::begin_s},
    {"operations", &Cell::operations},
    {"submit_p50_ns", &Cell::submit_p50_ns},
    {"submit_p95_ns", &Cell::submit_p95_ns},
    {"wait_p50_ns", &Cell::wait_p50_ns},
    {"wait_p95_ns", &Cell::wait_p95_ns},
    {"latency_p50_ns", &Cell::latency_p50_ns},
    {"latency_p95_ns", &Cell::latency_p95_ns},
    {"execute_p50_ns", &Cell::execute_p50_ns},
    {"submit_share", &Cell::submit_share},
    {"wait_share", &Cell::wait_share},
    {"after_share", &Cell::after_share},
    {"overlap", &Cell::overlap},
    {"groups", &Cell::groups},
    {"traced_work", &Cell::traced_work},
    {"traced_submit_share", &Cell::traced_submit_share},
    {"traced_sync_share", &Cell::traced_sync_share},
};

}  // namespace

std::span<const Figure> figures() noexcept { return kFigures; }

Cell median_cell(std::span<const Cell> cells) {
  Cell result;
  for (const Figure& figure : kFigures) {
    std::vector<double> values;
    for (const Cell& cell : cells) {
      const double value = cell.*figure.value;
      if (cell.failure.empty() && !std::isnan(value)) values.push_back(value);
    }
    result.*figure.value = judge::median(values);
  }
  return result;
}

Cell merged_cell(std::span<const Cell> cells) {
  if (cells.empty()) return {};
  Cell merged = median_cell(cells);
  double begin = cells.front().begin_s;
  double end = begin;
  double executing = 0;
  merged.operations = 0;
  for (const Cell& cell : cells) {
    begin = std::min(begin, cell.begin_s);
    end = std::max(end, cell.begin_s + cell.seconds);
    executing += cell.overlap * cell.seconds;
    merged.operations += cell.operations;
    merged.submit_p95_ns = std::max(merged.submit_p95_ns, cell.submit_p95_ns);
    merged.wait_p95_ns = std::max(merged.wait_p95_ns, cell.wait_p95_ns);
    merged.latency_p95_ns = std::max(merged.latency_p95_ns, cell.latency_p95_ns);
    if (merged.failure.empty()) merged.failure = cell.failure;
  }
  merged.begin_s = begin;
  merged.seconds = end - begin;
  merged.overlap = executing / merged.seconds;
  return merged;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return kUnknown;
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(values.size()));
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace assay::scaling
