// SPDX-License-Identifier: MIT
// What this machine and this build are, for results files and `assay doctor`.
#ifndef ASSAY_REGRESSION_MEASURE_MACHINE_H_
#define ASSAY_REGRESSION_MEASURE_MACHINE_H_

#include <string>

#include "regression/measure/results.h"

namespace assay::measure {

Machine this_machine();
Build this_build();
// "2026-01-31T12:00:00Z"
std::string utc_now();

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_MACHINE_H_
