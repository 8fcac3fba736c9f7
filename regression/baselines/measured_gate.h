// SPDX-License-Identifier: MIT
// One gate over the sessions of a refresh.
#ifndef ASSAY_REGRESSION_BASELINES_MEASURED_GATE_H_
#define ASSAY_REGRESSION_BASELINES_MEASURED_GATE_H_

#include <span>
#include <string>
#include <vector>

#include "regression/baselines/refresh.h"
#include "regression/judge/gate.h"

namespace assay::baselines {

struct MeasuredGate {
  judge::GateReference reference;  // six digits; with its tier and costs
  std::string library;
  // Why there is no reference. One line each.
  std::vector<std::string> problems;
  // Why the reference is none that a gate could stand on: its half width in a fresh run
  // is above half_width_limit(). One line each; such a gate may be left out.
  std::vector<std::string> noise;
  // As judge::expected_half_width() has it; 0 with problems.
  double half_width = 0;
};

// The reference of gate `id`. Problems: missing or without usable blocks in a session,
// not the same library in all of them. Noise: an interval too wide for a run to decide
// anything; sessions that differ by more than kMaxSessionSd, which alone makes it so:
//   h >= z_0.975 * 3 % > 5.8 %.
MeasuredGate measure_gate(const std::string& id,
                          std::span<const RecordedSession* const> sessions,
                          const judge::GateRules& rules);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_MEASURED_GATE_H_
