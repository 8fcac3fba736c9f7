// SPDX-License-Identifier: MIT
// matmul_bf16 by oneDNN: its matmul primitive on operands as they lie.
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/vendor/onednn.h"

namespace assay::matmul {

std::optional<std::string> onednn_bf16_unsupported(const Problem& problem,
                                                   const Caps& caps) {
  const Params& p = params_of(problem);
  if (p.m == 0 || p.n == 0 || p.k == 0) return "oneDNN has no product without elements";
  // Its scales and sums are post-ops, which other kernels of it compute.
  if (p.alpha != 1.0F || p.beta != 0.0F) return "compared with alpha 1 and beta 0 only";
  return any_host_device(problem, caps);
}

std::unique_ptr<Prepared> onednn_bf16_prepare(const PrepareContext& context,
                                              const Problem& problem) {
  require_supported(onednn_bf16_unsupported(problem, context.device->caps()));
  const Params& p = params_of(problem);
  vendor::Bf16Product product{p.m, p.n, p.k, p.lda, 1, p.ldb, 1, p.ldc};
  if (p.transpose_a) std::swap(product.a_row, product.a_col);
  if (p.transpose_b) std::swap(product.b_row, product.b_col);
  return vendor::onednn_bf16_product(context, problem, product);
}

}  // namespace assay::matmul
