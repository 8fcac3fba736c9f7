// SPDX-License-Identifier: MIT
// The oracle in a worker process: plain loops take minutes at a shape that nobody
// meant, and only another process can be ended, by its time-out or by Ctrl-C.
#ifndef ASSAY_REGRESSION_MEASURE_ORACLE_H_
#define ASSAY_REGRESSION_MEASURE_ORACLE_H_

#include <cstdint>
#include <span>
#include <string>

#include "kernels/common/op.h"
#include "regression/measure/launch.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {

struct OracleAnswer {
  SharedExpected expected;
  // Not empty: there is none, and this is why. "ended on request" when cancelled.
  std::string failure;
};

// What compute_expected() gives, computed by a worker within `options.timeout`. Throws
// Error when none can be started.
OracleAnswer ask_oracle(const Problem& problem, DataFamily data, std::uint64_t seed,
                        const LaunchOptions& options);

// The worker's side: the answer goes to kSharedFd.
void answer_oracle(const WorkerRequest& request, std::span<const Op* const> ops);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_ORACLE_H_
