// SPDX-License-Identifier: MIT
#ifndef ASSAY_BACKENDS_RUNTIME_KERNEL_CACHE_H_
#define ASSAY_BACKENDS_RUNTIME_KERNEL_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "backends/interface/kernel_cache.h"

namespace assay::runtime {

struct KernelCacheDesc {
  // Empty: in memory alone. Made when it is not there (its parent must be). Whoever can
  // write to it decides what code runs, so it must be a folder of mode 0700, owned by
  // the effective user, and not a symbolic link.
  std::string folder;
  // Of all entries on disk together. When a new one makes it more, those that were used
  // the longest ago go, by any process; the new one stays, however large. An entry is
  // some hundred bytes (block sizes) to some hundred KiB (a driver's pipeline).
  std::uint64_t most_bytes = std::uint64_t{64} << 20;
};

// Throws failed_precondition when the folder cannot be made or is not private.
std::shared_ptr<KernelCache> open_kernel_cache(const KernelCacheDesc& desc);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_KERNEL_CACHE_H_
