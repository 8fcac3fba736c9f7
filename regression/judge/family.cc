// SPDX-License-Identifier: MIT
// Holm (1979, Scand. J. Statist. 6:65): the i-th smallest of m p-values, from 0, is
// compared with alpha / (m - i); the first that is above stops it all. Controls the
// chance of any false rejection whatever the dependence between the gates, which share
// a machine and a session. Bonferroni does so too and rejects less; Benjamini-Hochberg
// would control a share of false alarms, and one false alarm already stops a commit.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "regression/judge/gate.h"

namespace assay::judge {

std::vector<bool> holm(std::span<const double> p_values, double alpha) {
  const std::size_t m = p_values.size();
  std::vector<bool> rejected(m, false);
  // NaN stays in the count: a gate that could not be tested is still one of the family.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < m; ++i) {
    if (!std::isnan(p_values[i])) order.push_back(i);
  }
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!(p_values[order[i]] <= alpha / static_cast<double>(m - i))) break;
    rejected[order[i]] = true;
  }
  return rejected;
}

}  // namespace assay::judge
