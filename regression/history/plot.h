// SPDX-License-Identifier: MIT
// A gate's ratio over time, drawn with characters. The same series is the same text.
#ifndef ASSAY_REGRESSION_HISTORY_PLOT_H_
#define ASSAY_REGRESSION_HISTORY_PLOT_H_

#include <cstddef>
#include <span>
#include <string>

#include "regression/history/change_points.h"
#include "regression/history/series.h"

namespace assay::history {

// Eight levels, one character a point, of the last `max_width` points; a point without
// a ratio is a dot. The scale spans at least 4 %: noise of half a percent looks flat.
// ASCII: 1 to 8.
std::string sparkline(const Series& series, std::size_t max_width, bool ascii);

struct PlotOptions {
  std::size_t width = 100;  // columns, at least 40
  std::size_t height = 16;  // rows of the plot alone, at least 3
  bool ascii = false;
};

// Ratio upwards with a mark a point (regressed and inconclusive ones have marks of
// their own) and the session's 95 % interval, dates below; a row under the axis marks
// points without a ratio (!) and where the level moved (^). Of a series that is longer
// than wide, the last points. No line is longer than the width.
std::string plot(const Series& series, std::span<const ChangePoint> moved,
                 const PlotOptions& options = {});

}  // namespace assay::history

#endif  // ASSAY_REGRESSION_HISTORY_PLOT_H_
