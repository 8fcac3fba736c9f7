// SPDX-License-Identifier: MIT
// gemv: y = A x, A of m x n in rows without gaps. An op of one's own, in three parts:
// its contract (gemv.cc), its implementations (kernels.cc), its gates (main.cc).
//
// Error bound: a sum of n products of f32 in any order (docs/numerics.md), so
//   |got - exact| <= sum_error(n) * sum_j |A[i][j] x[j]|
#ifndef ASSAY_EXAMPLES_OWN_KERNEL_GEMV_H_
#define ASSAY_EXAMPLES_OWN_KERNEL_GEMV_H_

#include <cstdint>
#include <span>

#include "kernels/common/op.h"

namespace gemv {

struct Params {
  std::int64_t m = 0;
  std::int64_t n = 0;
};

// Positions of the operands.
inline constexpr std::size_t kA = 0;
inline constexpr std::size_t kX = 1;
inline constexpr std::size_t kY = 2;

const assay::Op& op();
const Params& params_of(const assay::Problem& problem);
std::span<const assay::Implementation> implementations() noexcept;

}  // namespace gemv

#endif  // ASSAY_EXAMPLES_OWN_KERNEL_GEMV_H_
