// SPDX-License-Identifier: MIT
// Rows of op(A) as tiles of bf16 (kernels/common/tile_unit.h): where they lie, or in
// group-local memory.
#ifndef ASSAY_KERNELS_MATMUL_ROWS_OF_A_H_
#define ASSAY_KERNELS_MATMUL_ROWS_OF_A_H_

#include <cstddef>
#include <cstdint>

#include "kernels/matmul/matmul.h"
#include "kernels/matmul/panels_of_b.h"

namespace assay::matmul {

// Rows and steps of op(A), the sum padded to whole tiles.
struct RowsOfA {
  const Params& params;
  const std::uint16_t* a = nullptr;
  Range rows;
  Range steps;
  std::int64_t padded = 0;
};

// Whether rows are tiles as they lie: whole lines, and the sum whole tiles. The same
// for any rows of A.
bool lies_in_tiles(const RowsOfA& x) noexcept;

// Where rows are brought: `row_bytes` apart, with zeros behind the last step.
struct Nearer {
  std::byte* to = nullptr;
  std::int64_t row_bytes = 0;
};
void bring_near(const RowsOfA& x, const Nearer& near) noexcept;

// The first of the rows where they lie. Requires an A that is not transposed.
const std::byte* first_of(const RowsOfA& x) noexcept;

// Of near rows of so many bytes: an odd number of lines, so that the rows of a block
// begin in as many sets of a cache.
std::int64_t spread_row_bytes(std::int64_t bytes) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_ROWS_OF_A_H_
