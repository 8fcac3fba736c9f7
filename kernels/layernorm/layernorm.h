// SPDX-License-Identifier: MIT
// layernorm: y[r,i] = (x[r,i] - mean[r]) / sqrt(var[r] + eps) * gamma[i] + beta[i]
//
// mean[r] is the mean of row r and var[r] the mean of (x[r,i] - mean[r])^2, taken in a
// second pass: E[x^2] - mean^2 loses every digit where the mean is large.
// x and y are dense rows x cols of f32, row-major, gamma and beta have cols elements.
//   * y must not overlap the inputs.
//   * rows = 0 or cols = 0: nothing is written.
//   * A row with a NaN or an infinity is NaN altogether. Rows whose sum, or whose sum
//     of squares, is beyond f32 have no defined result.
// Error bound of a correct f32 implementation, element by element, with u = 2^-24,
// s = 4 sqrt(cols) + 8 as in docs/numerics.md, t = 1 / sqrt(var + eps) and exact means:
//   the mean errs by         dm = (s + 2) u * mean of |x| + 2^-149,
//   var, relatively, by      dv = (s + 6) u + (dm^2 + 2^-148) / (var + eps): sums of
//                            squares, positive terms; a shift of the mean adds its
//                            square, squares among the denormals are rounded by 2^-150,
//   t therefore by           dv / 2 + 3 u, and with z = (x - mean) t
//   |got - exact| <= (|gamma| t dm + |gamma z| (dv / 2 + 10 u) + 2 u |beta|) (1 + dv)
// plus 2^-126 for what is lost among the denormals.
//
// Work, by convention: 7 flops an element (two sums, a square, two differences, scaling
// and shifting) over 8 bytes, so that beyond a cache its speed is that of memory.
#ifndef ASSAY_KERNELS_LAYERNORM_LAYERNORM_H_
#define ASSAY_KERNELS_LAYERNORM_LAYERNORM_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::layernorm {

struct Params {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  float epsilon = 1e-5F;
};

// "RxC[:eps=X]", X above 0. Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires op() == "layernorm"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kGamma = 1;
inline constexpr std::size_t kBeta = 2;
inline constexpr std::size_t kY = 3;

// Constants of a kernel that computes some rows a group.
struct Parts {
  Params params;
  Split split;
  bool streams = false;  // stores bypass the cache
};

}  // namespace assay::layernorm

#endif  // ASSAY_KERNELS_LAYERNORM_LAYERNORM_H_
