// SPDX-License-Identifier: MIT
// What one worker wrote down while it ran, and what that says about all of them.
#ifndef ASSAY_REGRESSION_SCALING_LOG_H_
#define ASSAY_REGRESSION_SCALING_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backends/interface/queue.h"
#include "regression/scaling/cell.h"

namespace assay::scaling {

// Times are nanoseconds of the host's steady clock.
struct Wait {
  std::size_t submission = 0;  // the last of the own ones that it covers
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  bool last = false;  // the one at the end, which everybody has
};

struct WorkerLog {
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  std::vector<double> submit_ns;  // one a submission
  std::vector<Wait> waits;
  // One a submission, as far as the device still had them, on the host's clock.
  std::vector<std::optional<Timestamps>> times;
};

// Everything of a cell that comes from the logs; not operations, groups and failure.
// What the device had no timestamps for is taken to be as the rest.
Cell cell_of(std::span<const WorkerLog> logs);

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_LOG_H_
