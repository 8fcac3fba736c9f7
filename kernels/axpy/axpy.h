// SPDX-License-Identifier: MIT
// axpy: y[i] = alpha * x[i] + y[i]
//
// x and y are n elements of f32: the SAXPY contract with increments of 1.
//   * x and y must not overlap.
//   * n = 0: nothing is written.
//   * alpha = 0 leaves y as it is and does not read x (whose NaN or Inf do not reach
//   y).
// Error bound of a correct f32 implementation, fused or not: one rounding of the
// product, one of the sum, both of terms no larger than |alpha x| + |y|, so
//   |got - exact| <= 2 u (|alpha x| + |y|),  u = 2^-24
// plus 2^-149 for a product among the denormals, whose error is not relative. A product
// beyond f32 overflows unless it is fused: such elements have no defined result.
//
// Work: 2 n flops over 12 n bytes (x read, y read and written), so that beyond a cache
// its speed is that of memory: see kernels/peak for the bandwidth.
#ifndef ASSAY_KERNELS_AXPY_AXPY_H_
#define ASSAY_KERNELS_AXPY_AXPY_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::axpy {

struct Params {
  std::int64_t n = 0;
  // Not 1, so that a result without the factor is seen to be wrong.
  float alpha = 2.0F;
};

// "N[:alpha=X]". Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires problem.op() == "axpy"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kY = 1;

// Constants of a kernel that computes one part a group.
struct Parts {
  Params params;
  Split split;
};

// Elements that are worth a unit of their own. In two parts of 8192 on two units 16 384
// took 1.12 us instead of 0.79 (each unit's half moves between second-level caches when
// the other took it last time), in two of 32 768 65 536 gained 4 %.
inline constexpr std::int64_t kLeastPart = 65536;
// 16 floats are a cache line, which two units should not share.
inline constexpr std::int64_t kQuantum = 16;

}  // namespace assay::axpy

#endif  // ASSAY_KERNELS_AXPY_AXPY_H_
