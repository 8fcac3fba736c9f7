// SPDX-License-Identifier: MIT
// The choice of block sizes for a machine, kept: what a CPU device has to compile.
#ifndef ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_
#define ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backends/interface/kernel_cache.h"
#include "kernels/common/isa.h"
#include "kernels/matmul/blocking.h"

namespace assay::matmul {

// block_limits() of these arguments, from the cache when it has them.
BlockLimits cached_block_limits(KernelCache& cache, const CacheInfo& caches, Isa isa,
                                std::int64_t mr, std::int64_t nr,
                                std::size_t max_local_bytes);

// "kc=256 a_block_bytes=262144", and back: nothing for any other text, and for limits
// that a register tile of mr x nr could not work with in max_local_bytes.
std::string to_text(const BlockLimits& limits);
std::optional<BlockLimits> parse_block_limits(std::string_view text, std::int64_t mr,
                                              std::size_t max_local_bytes);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_
