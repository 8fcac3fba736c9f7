// SPDX-License-Identifier: MIT
// mlp: Y = relu(X * W1 + b1) * W2 + b2, relu(z) = max(z, 0)
//
// X is batch x in, W1 in x hidden, b1 hidden, W2 hidden x out, b2 out, Y batch x out:
// two linear layers of f32, row-major and tight. Biases are added to every row.
//   * Y must not overlap an input. Weights and biases are constant operands: an
//     implementation may rearrange them once, in Prepared::record_setup().
//   * batch = 0 or out = 0: nothing is written. in = 0: the products with W1 are 0.
//     hidden = 0: Y = b2 in every row.
//   * Finite data only: which way relu takes a NaN is not part of the contract. (Ours
//     for the host let it through, so that Y shows it.)
// Error bound of a correct f32 implementation with any order of summation, element by
// element, with s(t) = (4 sqrt(t) + 8) u and u = 2^-24 (docs/numerics.md). A hidden
// value, a sum of in + 1 terms, errs by at most e = s(in + 1) (|X||W1| + |b1|), and
// relu does not make an error larger. In the second sum these errors are as likely up
// as down, so they add up as their squares do; e is some four standard deviations of
// one, so the root of the sum of their squares is four of the sum of all:
//   |got - exact| <= sqrt(sum over l of (e[l] |W2[l,j]|)^2)
//                    + s(hidden + 1) (sum over l of (h[l] + e[l]) |W2[l,j]| + |b2[j]|)
// plus (in + 2) (1 + |W2|) + hidden + 2 times 2^-149 for denormals, |W2| the sum of a
// column.
#ifndef ASSAY_KERNELS_MLP_MLP_H_
#define ASSAY_KERNELS_MLP_MLP_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"

namespace assay::mlp {

struct Params {
  std::int64_t batch = 0;
  std::int64_t in = 0;
  std::int64_t hidden = 0;
  std::int64_t out = 0;
};

// "BxIxHxO". Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires problem.op() == "mlp"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Positions of the operands.
inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kW1 = 1;
inline constexpr std::size_t kB1 = 2;
inline constexpr std::size_t kW2 = 3;
inline constexpr std::size_t kB2 = 4;
inline constexpr std::size_t kY = 5;

}  // namespace assay::mlp

#endif  // ASSAY_KERNELS_MLP_MLP_H_
