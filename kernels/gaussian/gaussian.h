// SPDX-License-Identifier: MIT
// gaussian: the smoothing filter of an image, separable
//
//   y[p,i,j] = sum over s, t in -r .. r of w[|s|] w[|t|] x[p, row(i + s), col(j + t)]
//
// x and y are planes x height x width of f32, dense, row-major: one channel, or
// channels one after the other (planar).
//   * row() and col() clamp to the image: what is outside of it is its nearest element.
//   * r, the radius, is 1 .. 4: windows of 3x3 to 9x9; 2 when not given.
//   * w[t] is exp(-t^2 / (2 sigma^2)), scaled to a sum of 1 over -r .. r and rounded to
//     a multiple of 2^-11; w[0] is what is left to 1. sigma, above 0, is 0.3 (r - 1) +
//     0.8 when not given: what OpenCV takes for such a window.
//   * y must not overlap x.
//   * A height, a width or planes of 0: nothing is written.
//   * Where a window has a NaN, so does y; of infinities y has the sign, and NaN where
//     a window has both signs or one under a weight of 0. Elements beyond half of the
//     largest f32 have no defined result: two may be added before they are weighted.
// Why such weights: a constant image keeps its value, and on integers up to 3 all sums
// are multiples of 2^-22 below 4, exact in f32 for any order of summation, in one pass
// or two. No weight is further than r 2^-11 from the curve's.
//
// Error bound of a correct f32 implementation, element by element, with u = 2^-24 and
// the n = (2 r + 1)^2 terms of a window (docs/numerics.md):
//   |got - exact| <= (4 sqrt(n) + 8) u sum w w |x| + (n + 2) 2^-149
// In two passes no term is rounded more often than 2 (2 r + 1) times, which is less
// than 4 (2 r + 1) + 8: for them the bound is rigorous.
//
// Work, by convention: what two passes over pairs of equal weights take, 2 (4 r + 1)
// flops an element, over 8 bytes (x read once, y written once). At r = 2 that is 2.25
// flops a byte: beyond a cache its speed is that of memory.
#ifndef ASSAY_KERNELS_GAUSSIAN_GAUSSIAN_H_
#define ASSAY_KERNELS_GAUSSIAN_GAUSSIAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::gaussian {

inline constexpr std::int64_t kMostRadius = 4;

struct Params {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t planes = 1;
  std::int64_t radius = 2;
  float sigma = 0;

  constexpr std::int64_t rows() const noexcept { return planes * height; }
};

// "HxW[:planes=P][:radius=R][:sigma=S]". Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires op() == "gaussian"

// w[0] .. w[radius]; the rest is 0.
using Weights = std::array<float, kMostRadius + 1>;
Weights weights_of(const Params& params) noexcept;

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kY = 1;

// Constants of a kernel that computes some rows a group, counted over all planes.
struct Parts {
  Params params;
  Weights weights;
  Split split;
  bool streams = false;  // stores bypass the cache
};

// The row of its plane that stands for `row`, which may lie outside: 0 .. extent - 1.
constexpr std::int64_t clamped(std::int64_t at, std::int64_t extent) noexcept {
  return at < 0 ? 0 : at >= extent ? extent - 1 : at;
}

}  // namespace assay::gaussian

#endif  // ASSAY_KERNELS_GAUSSIAN_GAUSSIAN_H_
