// SPDX-License-Identifier: MIT
// Cache sizes of this machine: what devices over host memory report, and what block
// sizes are computed from. Read here alone, and from sysfs: sysconf() repeats what
// CPUID tells, which in a virtual machine may be the host's (ten times the cache there
// is).
#ifndef ASSAY_BACKENDS_RUNTIME_HOST_CACHES_H_
#define ASSAY_BACKENDS_RUNTIME_HOST_CACHES_H_

#include <cstddef>
#include <string>

namespace assay::runtime {

struct CacheInfo {
  std::size_t l1d_bytes = 32 * 1024;
  std::size_t l2_bytes = 512 * 1024;
  std::size_t l3_bytes = 8 * 1024 * 1024;  // shared
  int l3_sharers = 1;                      // cpus on one L3
  bool l3_found = false;
};

// Read from sysfs once; the defaults above stand for what is not there (containers).
const CacheInfo& cache_info();
// The same from another root, for tests: "<root>/cpu0/cache/index0/size", ...
CacheInfo read_cache_info(const std::string& cpu_root);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_HOST_CACHES_H_
