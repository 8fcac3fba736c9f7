// SPDX-License-Identifier: MIT
// transpose: B[j,i] = A[i,j]
//
// A is m x n, B is n x m, both row-major f32, out of place: somatcopy with alpha = 1.
//   * A leading dimension counts elements from one stored row to the next and is at
//     least the row's length (at least 1). The gaps are not read and not written.
//   * A and B must not overlap.
//   * m = 0 or n = 0: nothing is written.
// Elements are moved and never computed with: every result is exact, whatever it holds.
//
// Work: no flops, 8 m n bytes.
#ifndef ASSAY_KERNELS_TRANSPOSE_TRANSPOSE_H_
#define ASSAY_KERNELS_TRANSPOSE_TRANSPOSE_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::transpose {

struct Params {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t lda = 0;
  std::int64_t ldb = 0;
};

// "MxN[:lda=L][:ldb=L]", tightest by default. Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires op() == "transpose"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kA = 0;
inline constexpr std::size_t kB = 1;

// Constants of a kernel that writes some rows of B a group.
struct Parts {
  Params params;
  Split split;           // of the n rows of B
  bool streams = false;  // stores bypass the cache
};

// The rows of B that one of `units` compute units writes: some 64 KiB are worth a unit,
// and 16 columns of A are a cache line, which two units should not both read.
Split split_of(const Params& params, std::uint32_t units) noexcept;

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_TRANSPOSE_H_
