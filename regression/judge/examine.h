// SPDX-License-Identifier: MIT
// What judge() and judge_gates() share: the guards, both arms' figures and the usable
// blocks, before anything is said about speed.
#ifndef ASSAY_REGRESSION_JUDGE_EXAMINE_H_
#define ASSAY_REGRESSION_JUDGE_EXAMINE_H_

#include <cstddef>
#include <vector>

#include "regression/judge/verdict.h"

namespace assay::judge {

struct Examined {
  // When refused: the guard's verdict and reason. Figures as far as they were reached.
  Judged judged;
  bool refused = false;
  // ln(library time / custom time) of the usable blocks, a list for each process that
  // has any. Empty when refused, or when every block was dropped.
  std::vector<std::vector<double>> log_ratios;
  // Of each list above, its process's place in the comparison: A/B pairs by it.
  std::vector<std::size_t> numbers;
};

// The guards in judge()'s order of precedence, then the blocks.
Examined examine(const measure::Comparison& comparison, const Rules& rules);

// The share of a comparison's blocks that were dropped; 1 when there is none at all.
double dropped_share(const Judged& judged) noexcept;

}  // namespace assay::judge

#endif  // ASSAY_REGRESSION_JUDGE_EXAMINE_H_
