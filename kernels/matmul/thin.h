// SPDX-License-Identifier: MIT
// Products of which one extent is small: which way they are computed, and when.
#ifndef ASSAY_KERNELS_MATMUL_THIN_H_
#define ASSAY_KERNELS_MATMUL_THIN_H_

#include <cstdint>
#include <memory>

#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {

enum class Thin : std::uint8_t {
  no,        // another way is better, or none of these computes it
  few_rows,  // B is read once, in strips of columns, or where that is from memory in
             // rows
  dots,      // one row, B transposed: a dot product for each column
  shallow,   // few steps of the sum: C is written row after row
};

// The problem as one of these sees it. A product with one column is the transposed one
// with one row: C is the same memory when its column has no gaps.
struct ThinView {
  Thin way = Thin::no;
  bool swapped = false;  // op(B)^T * op(A)^T
};
// Requires m, n, k > 0 and alpha != 0. A pure function: the same on every machine. Of
// 16-bit storage few_rows alone.
ThinView thin_view(const Params& params, DType storage = DType::f32) noexcept;

// Requires thin_view(params, storage).way != Thin::no and a device that runs host
// kernels.
std::unique_ptr<Prepared> thin_prepare(const PrepareContext& context,
                                       const Params& params, DType storage);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_THIN_H_
