// SPDX-License-Identifier: MIT
// batched_matmul: C[t,i,j] = sum over l of A[t,i,l] * B[t,l,j], t = 0 .. count-1
//
// Many small products of one shape, row-major f32. A holds count matrices of m x k, B
// of k x n, C of m x n, each with tight rows.
//   * A stride counts elements from one matrix to the next and is at least a matrix's
//     size (at least 1). The gaps are not read and not written.
//   * C must not overlap A or B. A and B may be the same memory.
//   * count, m or n = 0: nothing is written. k = 0: C = 0.
//   * C is not read.
// Error bound of a correct f32 implementation with any order of summation, element by
// element, as for matmul (docs/numerics.md):
//   |got - exact| <= (4 * sqrt(k) + 8) * u * |A||B| + (k + 2) * 2^-149,  u = 2^-24
#ifndef ASSAY_KERNELS_BATCHED_MATMUL_BATCHED_MATMUL_H_
#define ASSAY_KERNELS_BATCHED_MATMUL_BATCHED_MATMUL_H_

#include <cstdint>
#include <string_view>

#include "kernels/common/op.h"
#include "kernels/common/split.h"

namespace assay::batched_matmul {

struct Params {
  std::int64_t count = 0;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t stride_a = 0;
  std::int64_t stride_b = 0;
  std::int64_t stride_c = 0;
};

// "TxMxNxK[:stride_a=S][:stride_b=S][:stride_c=S]", matrices one after the other by
// default. Throws invalid_argument on anything else.
Params parse_params(std::string_view shape);
const Params& params_of(const Problem& problem);  // requires op() == "batched_matmul"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Where matrix t of an operand begins, in elements; 0 of operands without elements,
// whose pointers are null.
constexpr std::int64_t begin_of_a(const Params& p, std::int64_t t) noexcept {
  return p.k == 0 ? 0 : t * p.stride_a;
}
constexpr std::int64_t begin_of_b(const Params& p, std::int64_t t) noexcept {
  return p.k == 0 ? 0 : t * p.stride_b;
}

// Positions of the operands.
inline constexpr std::size_t kA = 0;
inline constexpr std::size_t kB = 1;
inline constexpr std::size_t kC = 2;

// Constants of a kernel that computes some of the matrices a group.
struct Parts {
  Params params;
  Split split;  // of the count
};

// One group a unit, where a unit's matrices are worth what a group costs.
Split split_of(const Params& params, std::uint32_t units) noexcept;

}  // namespace assay::batched_matmul

#endif  // ASSAY_KERNELS_BATCHED_MATMUL_BATCHED_MATMUL_H_
