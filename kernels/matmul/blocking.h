// SPDX-License-Identifier: MIT
// How the packed matmul cuts a problem: pure functions of shape, register tile, caches
// and device.
#ifndef ASSAY_KERNELS_MATMUL_BLOCKING_H_
#define ASSAY_KERNELS_MATMUL_BLOCKING_H_

#include <cstddef>
#include <cstdint>

#include "kernels/common/cache_info.h"

namespace assay::matmul {

// The largest blocks.
struct BlockLimits {
  std::int64_t kc = 0;             // steps of the sum
  std::int64_t a_block_bytes = 0;  // packed rows of op(A), in group-local memory
};

// mr x nr is the register tile. Depends on the machine's caches, and through kc so does
// rounding; never on the number of compute units.
BlockLimits block_limits(const CacheInfo& caches, std::int64_t mr, std::int64_t nr,
                         std::size_t max_local_bytes) noexcept;

// The cuts of one problem. All parts along one direction differ by at most one row,
// panel or step; see balanced_begin().
struct Cuts {
  std::int64_t depth_blocks = 0;  // of k
  std::int64_t row_groups = 0;    // of m
  std::int64_t col_groups = 0;    // of the panels of op(B)
  std::int64_t pack_groups = 0;   // of the panels of op(B), for the packing dispatch
  std::size_t local_bytes = 0;    // packed block of op(A)
};

// All of op(B) in panels, k slots deep, and what packing may overwrite behind them; -1:
// the count overflows.
std::int64_t panels_bytes(std::int64_t n, std::int64_t k, std::int64_t nr) noexcept;

// As many of the units as get a group of an m x n x k product that is worth its cost;
// at least one.
std::int64_t useful_units(std::int64_t m, std::int64_t n, std::int64_t k,
                          std::uint32_t units) noexcept;

// A grid of groups over C.
struct Grid {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
};
// The grid that shares m x n x k among the units, or among fewer where there is little
// to do. Columns are cut into multiples of nr. Requires m, n, k > 0.
Grid share(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t mr,
           std::int64_t nr, std::uint32_t units) noexcept;

// Requires m, n, k > 0.
Cuts cut(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t mr,
         std::int64_t nr, const BlockLimits& limits, std::uint32_t units) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_BLOCKING_H_
