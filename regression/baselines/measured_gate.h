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
  // Why there is no reference, or none that a gate could stand on. One line each.
  std::vector<std::string> problems;
};

// The reference of gate `id`. Problems: missing or without usable blocks in a session,
// not the same library in all of them, an interval too wide for a run to decide
// anything, sessions that differ by more than kMaxSessionSd.
MeasuredGate measure_gate(const std::string& id,
                          std::span<const RecordedSession* const> sessions,
                          const judge::GateRules& rules);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_MEASURED_GATE_H_
