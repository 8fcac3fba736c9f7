// SPDX-License-Identifier: MIT
// One gate over time.
#ifndef ASSAY_REGRESSION_HISTORY_SERIES_H_
#define ASSAY_REGRESSION_HISTORY_SERIES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/history/change_points.h"
#include "regression/history/history.h"

namespace assay::history {

struct SeriesPoint {
  std::string utc;
  std::string commit;
  std::string suite;
  GatePoint gate;
};

struct Series {
  std::string gate;
  std::vector<SeriesPoint> points;  // in the order of the history
};

// A series for each gate whose id contains `substring`, sorted by id. `last`: of each
// only the last so many points; 0: all. Sessions with injected work are left out.
std::vector<Series> series_of(const History& history, std::string_view substring,
                              std::size_t last);

// From the first to the last point with a ratio: logarithms, above 0 the ratio grew and
// custom became faster.
//   half_width = max( sqrt(h_first^2 + h_last^2),  z_0.975 sqrt(2) s )
// h: each session's own interval; s: standard deviation from one session to the next,
// median |d| / (z_0.75 sqrt(2)) of successive differences d from 5 points on, and never
// below the gate's floor. A session's own interval alone would promise more than the
// next session keeps. The median, because one step of 5 % in ten points made the
// variance of the differences four times that of the noise.
struct Change {
  double first = 0;  // log ratios
  double last = 0;
  double change = 0;
  double half_width = 0;
};
std::optional<Change> change_of(const Series& series);  // none below 2 points

// find_change_points() over the points with a ratio; indices of `series.points`.
std::vector<ChangePoint> change_points_of(const Series& series);

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_SERIES_H_
