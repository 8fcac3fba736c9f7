// SPDX-License-Identifier: MIT
// The functions behind the table of experiment.cc. All throw Error: unavailable or
// not_supported where the device, the library or what they are asked for is not here,
// invalid_argument where the conditions make no sense.
#ifndef ASSAY_REGRESSION_CLAIMS_EXPERIMENTS_H_
#define ASSAY_REGRESSION_CLAIMS_EXPERIMENTS_H_

#include "regression/claims/experiment.h"
#include "regression/report/rows.h"

namespace assay::claims {

// Inside a process of their own.
Finding figure_time(const Job& job);
Finding figure_ratio(const Job& job);
Finding cold_start(const Job& job);
Finding memory_round_trip(const Job& job);
Finding pool_saving(const Job& job);

// In the process that judges; they start measuring processes by themselves.
Measurement library_speedup(const Job& job);
// What a judged comparison says of it. Pure. Undecided where the rules have too many
// blocks dropped, whatever the interval of the rest.
Measurement speedup_of(const report::Row& row, const judge::Rules& rules);
Measurement efficiency(const Job& job);
Measurement event_over_device_sync(const Job& job);

}  // namespace assay::claims

#endif  // ASSAY_REGRESSION_CLAIMS_EXPERIMENTS_H_
