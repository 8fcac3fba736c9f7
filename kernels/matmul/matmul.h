// SPDX-License-Identifier: MIT
// matmul: C[i,j] = alpha * sum over l of op(A)[i,l] * op(B)[l,j]  +  beta * C[i,j]
//
// op(A) is m x k, op(B) is k x n, C is m x n, all row-major f32: the SGEMM contract.
//   * op(X) is X or its transpose. A is stored m x k (k x m when transposed), B k x n
//     (n x k when transposed). A leading dimension counts elements from one stored row
//     to the next and is at least the stored row's length (at least 1). The gaps are
//     not read and not written.
//   * C must not overlap A or B. A and B may be the same memory.
//   * m = 0 or n = 0: nothing is written. k = 0: C = beta * C.
//   * NaN rules of BLAS: with alpha = 0, A and B are not read (their NaN or Inf do not
//     reach C). With beta = 0, C is not read and is overwritten, whatever it held.
// Error bound of a correct f32 implementation with any order of summation, element by
// element (docs/numerics.md derives and measures it):
//   |got - exact| <= (4 * sqrt(k) + 8) * u * (|alpha| |A||B| + |beta| |C|),  u = 2^-24
// plus (|alpha| (k + 1) + 2) * 2^-149 for products and results among the denormals,
// whose error is not relative, and which alpha may make large. A partial sum, of
// products before or after alpha, may overflow where the result would not: elements
// whose magnitude |A||B|, or that times |alpha| with |beta| |C|, exceeds f32 have no
// defined result.
#ifndef ASSAY_KERNELS_MATMUL_MATMUL_H_
#define ASSAY_KERNELS_MATMUL_MATMUL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/common/op.h"

namespace assay::matmul {

struct Params {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  bool transpose_a = false;
  bool transpose_b = false;
  float alpha = 1.0F;
  float beta = 0.0F;
  std::int64_t lda = 0;
  std::int64_t ldb = 0;
  std::int64_t ldc = 0;

  // Stored extents of A and B.
  std::int64_t a_rows() const noexcept { return transpose_a ? k : m; }
  std::int64_t a_cols() const noexcept { return transpose_a ? m : k; }
  std::int64_t b_rows() const noexcept { return transpose_b ? n : k; }
  std::int64_t b_cols() const noexcept { return transpose_b ? k : n; }
};

// "MxNxK[:tt][:alpha=X][:beta=X][:lda=L][:ldb=L][:ldc=L]", tt one of nn nt tn tt.
// Leading dimensions default to the tightest. Throws invalid_argument on anything else,
// on negative extents, on a leading dimension that is too small, and when any extent
// exceeds 2^31-1 (CBLAS takes ints) or any byte count overflows.
Params parse_params(std::string_view shape);
// The canonical text; parse_params(to_string(p)) == p.
std::string to_string(const Params& params);

// Elements of each operand: rows * leading dimension, without the last row's gap.
std::int64_t a_elements(const Params& p) noexcept;
std::int64_t b_elements(const Params& p) noexcept;
std::int64_t c_elements(const Params& p) noexcept;

// The Problem of these parameters; operands a, b, c in that order. c is `write` when
// beta is 0, else `read_write`.
class MatmulProblem;
const Params& params_of(const Problem& problem);  // requires problem.op() == "matmul"

// A constant, though a reference is a variable to the check of names.
extern const Op& kOp;  // NOLINT(readability-identifier-naming)

// Adds an ordinary pointer view to Params, for code that computes on the host.
struct Arrays {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
};

// The oracle: see reference.cc. value and bound are m x n, tight rows.
struct OracleResult {
  std::vector<double> value;
  std::vector<double> magnitude;  // |alpha| |A||B| + |beta| |C|
};
OracleResult reference(const Params& params, const Arrays& arrays);
// The same numbers, their rows shared among threads: see reference_bands.cc.
OracleResult reference_in_bands(const Params& params, const Arrays& arrays,
                                unsigned threads);
// As many as are worth starting.
unsigned oracle_threads(const Params& params) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_MATMUL_H_
