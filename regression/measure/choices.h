// SPDX-License-Identifier: MIT
// Where this process keeps what implementations chose for this machine (the block sizes
// of a matmul): PrepareContext::cache of everything that is prepared to be run warm.
// What is timed cold gets none: making the choice belongs to its time.
#ifndef ASSAY_REGRESSION_MEASURE_CHOICES_H_
#define ASSAY_REGRESSION_MEASURE_CHOICES_H_

#include "backends/interface/kernel_cache.h"

namespace assay::measure {

// Names a folder in which choices outlive the process; unset or empty: in memory alone.
// Worker processes inherit it.
inline constexpr const char* kKernelCacheVariable = "ASSAY_KERNEL_CACHE";

// The same for the whole process, thread-safe. Throws Error(failed_precondition) when
// the folder that the variable names cannot be made or is not private (mode 0700, ours,
// no symbolic link); then the next call tries again.
KernelCache& kernel_cache();

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CHOICES_H_
