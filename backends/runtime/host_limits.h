// SPDX-License-Identifier: MIT
// Limits that all devices over host memory share.
#ifndef ASSAY_BACKENDS_RUNTIME_HOST_LIMITS_H_
#define ASSAY_BACKENDS_RUNTIME_HOST_LIMITS_H_

#include <cstddef>

#include "backends/interface/caps.h"

namespace assay::runtime {

// Group-local memory is the second-level cache of one core, at least 256 KiB; a buffer
// may take half of physical memory.
Limits host_limits();

// Of the processors; 0: the system does not say.
std::size_t host_last_level_cache_bytes();

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_HOST_LIMITS_H_
