// SPDX-License-Identifier: MIT
#ifndef ASSAY_REGRESSION_MEASURE_PROCESS_THREADS_H_
#define ASSAY_REGRESSION_MEASURE_PROCESS_THREADS_H_

#include <sys/types.h>

#include <vector>

namespace assay::measure {

// The threads of this process, whoever started them, by Linux's numbers. One may have
// ended by the time that it is asked about.
std::vector<pid_t> process_threads();

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_PROCESS_THREADS_H_
