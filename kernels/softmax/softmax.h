// SPDX-License-Identifier: MIT
// softmax: y[r,i] = exp(x[r,i] - m[r]) / sum over j of exp(x[r,j] - m[r]),
// where m[r] is the largest element of row r.
//
// x and y are dense rows x cols of f32, row-major.
//   * x and y must not overlap.
//   * rows = 0 or cols = 0: nothing is written.
//   * A row with a NaN, with +Inf, or of nothing but -Inf is NaN altogether; -Inf
//     beside finite elements gives 0.
//   * Results below 2^-126 may be flushed to 0.
// Error bound of a correct f32 implementation, element by element, with d[i] = m - x[i]
// and u = 2^-24. The difference is rounded (d[i] u in the exponent, so as much of the
// result), exp and its scaling round (8 u, twice: in the numerator and in the sum), the
// sum of c positive terms errs by (4 sqrt(c) + 8) u as in docs/numerics.md and inherits
// the terms' errors weighted by their size, the division rounds (2 u); 8 are to spare:
//   |got - exact| <= (d[i] + sum over j of y[j] d[j] + 4 sqrt(c) + 34) u y[i] + 2^-126
//
// Work, by convention: 4 flops an element (difference, exp as one, sum, division) over
// 8 bytes, so that beyond a cache its speed is that of memory.
#ifndef ASSAY_KERNELS_SOFTMAX_SOFTMAX_H_
#define ASSAY_KERNELS_SOFTMAX_SOFTMAX_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::softmax {

struct Params {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

// "RxC". Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires problem.op() == "softmax"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kY = 1;

// Constants of a kernel that computes some rows a group.
struct Parts {
  Params params;
  Split split;
  bool streams = false;  // stores bypass the cache
};

}  // namespace assay::softmax

#endif  // ASSAY_KERNELS_SOFTMAX_SOFTMAX_H_
