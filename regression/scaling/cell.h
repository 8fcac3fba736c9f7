// SPDX-License-Identifier: MIT
// What one run of a workload under one condition gave.
#ifndef ASSAY_REGRESSION_SCALING_CELL_H_
#define ASSAY_REGRESSION_SCALING_CELL_H_

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::scaling {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// All doubles, so that reading, writing and taking medians need one table (figures()).
// Those that come from device timestamps are NaN where there are none.
struct Cell {
  // From the first worker's first submit to the last worker's last return.
  double seconds = 0;
  // How late the first worker began, where a start was agreed on.
  double begin_s = 0;
  double operations = 0;  // of all workers together: submissions x batch
  double rate() const noexcept { return operations / seconds; }

  // Single calls as the host sees them, over all workers.
  double submit_p50_ns = 0;
  double submit_p95_ns = 0;
  double wait_p50_ns = kUnknown;  // NaN: nobody waited before the end
  double wait_p95_ns = kUnknown;
  // Enqueued to ended, of submissions.
  double latency_p50_ns = kUnknown;
  double latency_p95_ns = kUnknown;
  double execute_p50_ns = kUnknown;  // started to ended

  // Parts of the workers' time, 0 to 1.
  double submit_share = 0;
  double wait_share = 0;
  // Inside a wait although what the worker had submitted itself had ended: waiting for
  // the work of others, or for being woken.
  double after_share = kUnknown;

  // Submissions that executed at the same time, on average.
  double overlap = kUnknown;
  // Groups the device ran for each operation; 0 for a library call.
  double groups = 0;

  // Of a run through the trace layer alone, NaN otherwise: groups, host and library
  // calls under way at a time, on average, and parts of the workers' time inside calls.
  double traced_work = kUnknown;
  double traced_submit_share = kUnknown;
  double traced_sync_share = kUnknown;  // wait and synchronize

  std::string failure;  // not empty: a wrong result or no run at all, and no figures
};

// The failure of a run whose processes did not start together: of no use, and nobody's
// fault. Other rounds stand.
inline constexpr std::string_view kApart = "the processes did not start together";

// Name and place of each double, for everything that treats them alike.
struct Figure {
  std::string_view name;
  double Cell::*value;
};
std::span<const Figure> figures() noexcept;

// Figure by figure, over the cells without a failure; NaNs left out, and NaN when none
// is left. Seconds and operations too: all rounds do the same number of operations.
Cell median_cell(std::span<const Cell> cells);

// One cell of several processes that ran at the same time and agreed on a start. Calls:
// the median of the processes' p50 and the worst p95.
Cell merged_cell(std::span<const Cell> cells);

// The value below which a share `q` of the values lie (nearest rank); NaN of none.
// Reorders them.
double quantile(std::vector<double>& values, double q);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_CELL_H_
