// SPDX-License-Identifier: MIT
// reduce: one number of all elements of a vector, or of two.
//
//   sum: y = sum over i of x[i]        dot: y = sum over i of x[i] * z[i]
//   max: y = the largest x[i]
//
// x (and for dot z) are n elements of f32, y is one. x and z may be the same memory.
//   * n = 0: a sum and a dot are 0, a maximum is -Inf.
//   * A NaN anywhere makes the result NaN, a maximum too. Infinities of a sum are what
//     adding them gives; where the magnitudes add up beyond f32 no sum is defined.
// Error bound of a correct f32 sum in any order, as in docs/numerics.md, u = 2^-24:
//   |got - exact| <= (4 sqrt(n) + 8) u * (sum of |x[i]|, or of |x[i] z[i]|)
// plus (n + 1) 2^-149 for products among the denormals. A maximum is exact. Our own
// sums are blocked: 8 vectors of partial sums over 65 536 elements, so that one lane
// adds at most 2048 (128 with 512-bit vectors: 512) terms in f32, then the blocks in
// double; their worst case is some 2 000 u where that of a loop is n u.
//
// Work: n flops (dot: 2 n) over 4 n bytes (dot: 8 n), so that beyond a cache its speed
// is that of memory.
#ifndef ASSAY_KERNELS_REDUCE_REDUCE_H_
#define ASSAY_KERNELS_REDUCE_REDUCE_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"

namespace assay::reduce {

enum class Kind : std::uint8_t { sum, dot, max };

struct Params {
  std::int64_t n = 0;
  Kind kind = Kind::sum;
};

// "N[:sum|:dot|:max]". Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires problem.op() == "reduce"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands: x, z of a dot, y the last.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kZ = 1;
constexpr std::size_t y_of(Kind kind) noexcept { return kind == Kind::dot ? 2 : 1; }

}  // namespace assay::reduce

#endif  // ASSAY_KERNELS_REDUCE_REDUCE_H_
