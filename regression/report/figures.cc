// SPDX-License-Identifier: MIT
#include "regression/report/figures.h"

#include <cmath>

#include "regression/report/gate_cells.h"

namespace assay::report {

std::vector<Figure> gate_figures(const gates::GateReport& report,
                                 const judge::GateJudged& gate) {
  std::vector<Figure> figures;
  const auto add = [&](std::string_view name, double value) {
    if (std::isfinite(value)) figures.push_back({name, value});
  };
  if (shows_ratio(gate)) {
    add("ratio", gate.comparison.ratio);
    add("low", gate.comparison.interval.low);
    add("high", gate.comparison.interval.high);
  }
  if (const double reference = reference_ratio(report, gate); reference > 0) {
    add("baseline", reference);
  }
  if (drift_evaluated(gate)) {
    const judge::Drift& drift = gate.drift;
    add("slowdown", std::expm1(drift.slowdown));
    // An interval without an end: expm1 makes a harmless looking -1 of its low one.
    if (std::isfinite(drift.low)) add("slowdown_low", std::expm1(drift.low));
    add("slowdown_high", std::expm1(drift.high));
    add("half_width", drift.half_width);
    add("can_decide", judge::widest_half_width(judge::margins_of(gate.tier)));
  }
  return figures;
}

}  // namespace assay::report
