// SPDX-License-Identifier: MIT
// Kernel caches with a defect.
#ifndef TESTS_CONFORMANCE_MUTANTS_CACHES_H_
#define TESTS_CONFORMANCE_MUTANTS_CACHES_H_

#include <memory>

#include "backends/runtime/kernel_cache.h"

namespace assay::conformance {

std::shared_ptr<KernelCache> forwarding_cache(const runtime::KernelCacheDesc& desc);
// Takes keys that differ in their options for one.
std::shared_ptr<KernelCache> optionless_cache(const runtime::KernelCacheDesc& desc);
// Believes whatever is on disk under the key's name.
std::shared_ptr<KernelCache> credulous_cache(const runtime::KernelCacheDesc& desc);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_MUTANTS_CACHES_H_
