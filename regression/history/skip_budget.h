// SPDX-License-Identifier: MIT
// Skips that add up to a gate that never gates are a failure: a skipped test is green.
#ifndef ASSAY_REGRESSION_HISTORY_SKIP_BUDGET_H_
#define ASSAY_REGRESSION_HISTORY_SKIP_BUDGET_H_

#include <cstddef>
#include <string>

#include "regression/gates/gate_report.h"
#include "regression/history/history.h"

namespace assay::history {

inline constexpr double kMaxSkippedShare = 0.10;
inline constexpr std::size_t kMaxSkippedSessions = 2;  // in a row; one more fails

struct SkipBudget {
  bool ok = true;
  std::string message;  // one line: the gates that broke it, or what was spent
};

// A gate is skipped when it is inconclusive, or when it is missing in a baseline that
// there is. No baseline at all for this host is told and is no rot
// (--require-baseline makes it an error), nor is a run against another build. A gate
// that the baseline leaves out is neither skipped nor one of those whose share counts:
// a person said why and another agreed. The message tells how many there are.
// Fails when more than kMaxSkippedShare of the gates are skipped, or when one was
// skipped in more than kMaxSkippedSessions sessions in a row, this one included.
// `history`: of this host class, with or without the line of this very session.
SkipBudget check_skips(const gates::GateReport& report, const History& history);

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_SKIP_BUDGET_H_
