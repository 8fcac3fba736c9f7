// SPDX-License-Identifier: MIT
#include "regression/measure/choices.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "backends/interface/status.h"
#include "backends/runtime/kernel_cache.h"

namespace assay::measure {

KernelCache& kernel_cache() {
  static const std::shared_ptr<KernelCache> cache = [] {
    runtime::KernelCacheDesc desc;
    if (const char* const folder = std::getenv(kKernelCacheVariable)) {
      desc.folder = folder;
    }
    try {
      return runtime::open_kernel_cache(desc);
    } catch (const Error& error) {
      throw Error(error.code(),
                  std::string(kKernelCacheVariable) + ": " + error.what());
    }
  }();
  return *cache;
}

}  // namespace assay::measure
