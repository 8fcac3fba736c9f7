// SPDX-License-Identifier: MIT
// Where this process keeps what implementations chose for this machine (the block sizes
// of a matmul): PrepareContext::cache of everything that is prepared to be run warm.
// What is timed cold gets none: making the choice belongs to its time.
#ifndef ASSAY_REGRESSION_MEASURE_CHOICES_H_
#define ASSAY_REGRESSION_MEASURE_CHOICES_H_

#include <memory>

#include "backends/interface/kernel_cache.h"

namespace assay::measure {

// Names a folder in which choices outlive the process; unset or empty: in memory alone.
// Worker processes inherit it.
inline constexpr const char* kKernelCacheVariable = "ASSAY_KERNEL_CACHE";

// The same for the whole process, thread-safe. Throws Error(failed_precondition) when
// the folder that the variable names cannot be made or is not private (mode 0700, ours,
// no symbolic link) or kTunedVariable holds anything else; then the next call tries
// again.
KernelCache& kernel_cache();

// "1": what `assay tune` kept in that folder is taken before what a formula chooses;
// unset, empty or "0": it is not, though it be there. Worker processes inherit it; the
// gates run without.
inline constexpr const char* kTunedVariable = "ASSAY_TUNED";

// Where a tuned choice stands in place of what is kept under `key`.
KernelKey tuned_key(KernelKey key);

// `cache`, but for keys that it has a tuned choice for. Keeps `cache` alive.
std::shared_ptr<KernelCache> with_tuned_choices(std::shared_ptr<KernelCache> cache);
// The tuned choice, or null.
KernelBinary tuned_choice(KernelCache& cache, const KernelKey& key);

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_CHOICES_H_
