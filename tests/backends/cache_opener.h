// SPDX-License-Identifier: MIT
// How the tests of the kernel cache open what is under test: open_kernel_cache(),
// unless a program that tests these tests says otherwise, before they start.
#ifndef TESTS_BACKENDS_CACHE_OPENER_H_
#define TESTS_BACKENDS_CACHE_OPENER_H_

#include <memory>

#include "backends/runtime/kernel_cache.h"

namespace assay::runtime {

using CacheOpener = std::shared_ptr<KernelCache> (*)(const KernelCacheDesc& desc);
void set_cache_opener(CacheOpener opener);

}  // namespace assay::runtime

#endif  // TESTS_BACKENDS_CACHE_OPENER_H_
