// SPDX-License-Identifier: MIT
// Where the level of a series moved. Advisory: it needs points after the move, so it
// decides nothing, but it sees what many small steps inside the tolerance add up to.
#ifndef ASSAY_REGRESSION_HISTORY_CHANGE_POINTS_H_
#define ASSAY_REGRESSION_HISTORY_CHANGE_POINTS_H_

#include <cstddef>
#include <span>
#include <vector>

namespace assay::history {

struct ChangePoint {
  std::size_t index = 0;  // of the first value of the new level
  double change = 0;      // new level minus old, over the windows around it
  double p = 0;           // corrected for the number of places tried
};

struct ChangePointRules {
  // A spike of one or two values is no level.
  std::size_t min_segment = 3;
  // Values of each side that are looked at: what is further off may be another level.
  std::size_t window = 20;
  double p = 0.001;
  double magnitude = 0.01980262729617973;  // ln 1.02: the tight indifference margin
};

// Deterministic: no resampling, so the same series has the same change points (the
// permutation test of E-divisive was given up by its users for that reason).
//
// In a segment every place is tried that leaves min_segment values on both sides, with
// Student's t of the windows before and after (one variance for both). The place with
// the smallest p splits the segment when p times the number of places of the series
// (Bonferroni) is below rules.p and the levels differ by rules.magnitude; both parts
// are then searched alike. The largest change wins among equal p, then the first. NaN
// anywhere: no change points. Sorted by index.
std::vector<ChangePoint> find_change_points(std::span<const double> values,
                                            const ChangePointRules& rules = {});

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_CHANGE_POINTS_H_
