// SPDX-License-Identifier: MIT
// Cache sizes of this machine, as its devices report them: block sizes are computed
// from them.
#ifndef ASSAY_KERNELS_COMMON_CACHE_INFO_H_
#define ASSAY_KERNELS_COMMON_CACHE_INFO_H_

#include "backends/runtime/host_caches.h"

namespace assay {

using runtime::cache_info;
using runtime::CacheInfo;
using runtime::read_cache_info;

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_CACHE_INFO_H_
