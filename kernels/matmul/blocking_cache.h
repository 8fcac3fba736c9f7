// SPDX-License-Identifier: MIT
// The choice of block sizes for a machine, kept: what a CPU device has to compile.
#ifndef ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_
#define ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/caps.h"
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

// What may be better than `chosen` on a machine that the formula does not fit: blocks
// of the sum and of op(A) from half to twice as large, one after the other and
// together, that parse_block_limits() takes. (op(B) is packed whole: its size is no
// choice.) Nothing when `chosen` is not a text of to_text().
std::vector<std::string> other_block_limits(std::string_view chosen, std::int64_t mr,
                                            std::size_t max_local_bytes);
// The same for the ISA in use: an Implementation::other_choices.
std::vector<std::string> packed_other_choices(const Caps& caps,
                                              std::string_view chosen);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_BLOCKING_CACHE_H_
