// SPDX-License-Identifier: MIT
// matmul_bf16 and matmul_f16: C = alpha * op(A) * op(B) + beta * C with A and B stored
// in 16 bits, summed in f32.
//
// A and B are bf16, or f16 (kernels/common/narrow_floats.h); C, alpha and beta are f32.
// Shapes, leading dimensions (in elements), aliasing, zero sizes and special values are
// matmul's (matmul.h), and so is its text. A problem's dtype() is f32, what it computes
// in: what A and B are stored in is the op.
//   * Nothing is rounded to 16 bits: not a product, not a sum, not C. A product of two
//     bf16 (8 significant bits each) or two f16 (11) is exact in f32.
//   * f16: subnormal numbers count; infinities and NaNs are what they are in f32.
//   * bf16: instructions for its dot products take subnormal operands for zeros and
//     flush sums below 2^-126 to zero, the usual f32 ones do not. Both are right, and
//     so what a subnormal number times an infinity gives is not part of the contract.
// Error bound of a correct implementation with any order of summation, element by
// element (docs/numerics.md derives it), with u = 2^-24, P = |alpha| |A||B| + |beta|
// |C|:
//   f16:  (4 sqrt(k) + 8) u P + (|alpha| (k + 1) + 2) 2^-149
//   bf16: (4 sqrt(k) + 8) u P + (|alpha| (k + 1) + 2) 2^-126
//         + |alpha| times the sum of |a||b| over products with a subnormal factor
#ifndef ASSAY_KERNELS_MATMUL_NARROW_H_
#define ASSAY_KERNELS_MATMUL_NARROW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {

// Constants, though references are variables to the check of names.
extern const Op& kBf16Op;  // NOLINT(readability-identifier-naming)
extern const Op& kF16Op;   // NOLINT(readability-identifier-naming)

// What A and B of a problem of matmul, matmul_bf16 or matmul_f16 are stored as.
DType storage_of(const Problem& problem);

// One number of a 16-bit type, exactly; and the nearest one of it, ties to even. `type`
// is bf16 or f16.
float widen(DType type, std::uint16_t bits) noexcept;
std::uint16_t narrow(DType type, float value) noexcept;

// One element as it lies in memory, of f32 too. Element-wise bytes: `out` may be
// unaligned and its memory has no type yet.
void store(DType type, float value, std::byte* out) noexcept;

// What the oracle needs of the operands, which are whole 16-bit elements of `type`.
std::vector<float> widened(DType type, std::span<const std::byte> elements);

// How the bound of `type` exceeds f32's relative one, element by element of C, m x n in
// tight rows; empty: nowhere. `oracle` is reference()'s result for the widened
// operands.
std::vector<double> allowance(DType type, const Params& params, const Arrays& arrays,
                              const OracleResult& oracle);

// The smallest numbers make an absolute error, not a relative one.
double absolute_error(DType type, const Params& params) noexcept;

// The two tables.
std::span<const Implementation> bf16_implementations() noexcept;
std::span<const Implementation> f16_implementations() noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_NARROW_H_
