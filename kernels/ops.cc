// SPDX-License-Identifier: MIT
#include "kernels/ops.h"

#include "kernels/axpy/axpy.h"
#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/gaussian/gaussian.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/narrow.h"
#include "kernels/mlp/mlp.h"
#include "kernels/reduce/reduce.h"
#include "kernels/softmax/softmax.h"
#include "kernels/transpose/transpose.h"

namespace assay {

std::span<const Op* const> all_ops() noexcept {
  static const Op* const table[] = {
      &matmul::kOp, &axpy::kOp,      &softmax::kOp,        &layernorm::kOp,
      &reduce::kOp, &transpose::kOp, &batched_matmul::kOp, &mlp::kOp,
      &conv2d::kOp, &gaussian::kOp,  &matmul::kBf16Op,     &matmul::kF16Op};
  return table;
}

const Op* find_op(std::string_view name) noexcept {
  for (const Op* const op : all_ops()) {
    if (op->name() == name) return op;
  }
  return nullptr;
}

const Implementation* find_implementation(const Op& op,
                                          std::string_view name) noexcept {
  for (const Implementation& implementation : op.implementations()) {
    if (implementation.name == name) return &implementation;
  }
  return nullptr;
}

}  // namespace assay
