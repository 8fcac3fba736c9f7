// SPDX-License-Identifier: MIT
// conv2d:
//   Y[n,p,q,k] = sum over r, s, c of X[n, p t + r - d, q t + s - d, c] W[r,s,c,k]
//                (+ b[k]) (then max(.., 0)),   t the stride, d the padding
//
// X is batch x height x width x channels (NHWC), W rows x cols x channels x filters
// (the order that makes it the right-hand matrix of a product), Y batch x out_height x
// out_width x filters; f32, tight. Elements of X outside the image are 0. The bias and
// the cut below 0 are options of the shape, one group, no dilation.
//   * out_height = (height + 2 d - rows) / t + 1, rounded down, and so the width.
//   * Height, width, rows, cols and t are at least 1, d is less than rows and cols, and
//     the filter is not larger than the padded image.
//   * Y must not overlap an input. W and b are constant operands: an implementation may
//     rearrange them once, in Prepared::record_setup().
//   * batch = 0 or filters = 0: nothing is written. channels = 0: the sums are 0.
//   * Without a cut a NaN among the terms makes the sum one, as infinities of both
//     signs do. Which way a cut takes a NaN is not part of the contract (ours let it
//     through, oneDNN's makes it 0), nor is what an infinite weight beside the padding
//     gives: some multiply the zeros there, others skip them.
// Error bound of a correct f32 implementation with any order of summation, element by
// element, with `terms` the products inside the image and one for a bias
// (docs/numerics.md); a cut does not make an error larger:
//   |got - exact| <= (4 sqrt(terms) + 8) u (|X||W| + |b|) + (terms + 2) 2^-149
// with u = 2^-24. Algorithms that trade accuracy for multiplications (Winograd) are not
// inside it.
#ifndef ASSAY_KERNELS_CONV2D_CONV2D_H_
#define ASSAY_KERNELS_CONV2D_CONV2D_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"

namespace assay::conv2d {

struct Params {
  std::int64_t batch = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t filters = 0;
  std::int64_t rows = 0;  // of a filter
  std::int64_t cols = 0;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  bool bias = false;
  bool relu = false;

  constexpr std::int64_t out_height() const noexcept {
    return (height + 2 * pad - rows) / stride + 1;
  }
  constexpr std::int64_t out_width() const noexcept {
    return (width + 2 * pad - cols) / stride + 1;
  }
  // As a product: pixels x depth times depth x filters.
  constexpr std::int64_t pixels() const noexcept {
    return batch * out_height() * out_width();
  }
  constexpr std::int64_t depth() const noexcept { return rows * cols * channels; }
  // The left-hand matrix is X as it lies.
  constexpr bool is_product() const noexcept {
    return rows == 1 && cols == 1 && stride == 1 && pad == 0;
  }
};

// "NxHxWxCxKxRxS[:stride=T][:pad=D][:bias][:relu]". Throws invalid_argument on anything
// else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires problem.op() == "conv2d"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands. The bias is there with Params::bias only.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kW = 1;
inline constexpr std::size_t kBias = 2;
constexpr std::size_t output_of(const Params& p) noexcept { return p.bias ? 3 : 2; }

}  // namespace assay::conv2d

#endif  // ASSAY_KERNELS_CONV2D_CONV2D_H_
