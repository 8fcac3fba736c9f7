// SPDX-License-Identifier: MIT
// What kernels are to reach, held against what `assay compare` measured: each bar is
// met, missed, or its interval does not say.
#ifndef ASSAY_REGRESSION_REPORT_BARS_H_
#define ASSAY_REGRESSION_REPORT_BARS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regression/report/rows.h"

namespace assay::report {

struct Bar {
  // What the number is of: the library's time / ours; or our rate, of the FMA peak, of
  // the triad, of our own f32 product of the same shape.
  enum class Of : std::uint8_t { library, peak, triad, f32 };

  std::string_view part;  // what is measured together, a word
  std::string_view op;
  std::span<const std::string_view> shapes;
  Of of = Of::library;
  double at_least = 1;
  // How the names of the libraries that count begin: their best one does. Empty: all.
  std::string_view against = {};
  std::uint32_t units = 0;   // compute units that it is for; 0: one and two
  bool mean_of_all = false;  // the geometric mean over the shapes
};

// The bars of the kernels in this tree.
std::span<const Bar> kernel_bars() noexcept;

enum class Standing : std::uint8_t { met, cannot_tell, missed, not_measured };
std::string_view to_string(Standing standing) noexcept;  // "met", "cannot tell"

// A bar at one shape, or the mean of its shapes, on so many units.
struct Score {
  const Bar* bar = nullptr;  // never null, not owned
  std::string_view shape;    // empty: the mean
  std::uint32_t units = 1;
  Standing standing = Standing::not_measured;
  double value = 0;          // 0: there is none
  judge::Interval interval;  // of 95 %
  const Row* row = nullptr;  // whose rates are shown; null: none
  std::string why;           // one line, where no interval was held against the bar
};

// Met when the whole interval is at or above the bar, missed when it is below. What was
// refused, or lost more blocks than a verdict may, says nothing. Rates are of all our
// runs of the case, whatever library ran beside them, each process's beside its own
// peak, since a clock that moves scales both; a mean's interval is that of independent
// runs. In the order of the bars; points into both. Of rows in the scope "kernel"; of
// several of one pair the first that has not lost its blocks.
std::vector<Score> score(std::span<const Bar> bars, std::span<const Row> rows);

// A Markdown table of what was measured, and a line that counts every bar.
std::string render_bars(std::span<const Score> scores);

// What to measure: a line for each part and op, "PART OP SHAPE,SHAPE...".
std::string runs_of(std::span<const Bar> bars);
// What lost its blocks to others on the machine, and may be measured again: "PART OP
// UNITS SHAPE,SHAPE...".
std::string lost_runs(std::span<const Bar> bars, std::span<const Row> rows);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_BARS_H_
