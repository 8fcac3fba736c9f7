// SPDX-License-Identifier: MIT
// Cache sizes of this machine: block sizes are computed from them.
#ifndef ASSAY_KERNELS_COMMON_CACHE_INFO_H_
#define ASSAY_KERNELS_COMMON_CACHE_INFO_H_

#include <cstddef>
#include <string>

namespace assay {

struct CacheInfo {
  std::size_t l1d_bytes = 32 * 1024;
  std::size_t l2_bytes = 512 * 1024;
  std::size_t l3_bytes = 8 * 1024 * 1024;  // shared
  int l3_sharers = 1;                      // cpus on one L3
};

// Read from sysfs once; the defaults above stand for what is not there (containers).
const CacheInfo& cache_info();
// The same from another root, for tests: "<root>/cpu0/cache/index0/size", ...
CacheInfo read_cache_info(const std::string& cpu_root);

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_CACHE_INFO_H_
