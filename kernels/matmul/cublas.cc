// SPDX-License-Identifier: MIT
// matmul by cublasSgemm, matmul_f16 by cublasGemmEx. Column-major it sees C, A and B
// transposed: C^T = op(B)^T op(A)^T, so that the operands change places and nothing is
// moved.
#include "kernels/vendor/cuda/cublas.h"

#include "kernels/matmul/implementations.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {
namespace {

using vendor::cuda::Cublas;
using vendor::cuda::DevicePointer;

// `kProduct` is a product of Cublas: they differ in the type of A and B alone.
template <auto kProduct>
std::unique_ptr<Peer> peer_by(const Cublas& library, const Problem& problem) {
  return vendor::cuda::make_peer(
      library, problem,
      [p = params_of(problem)](const Cublas& cublas,
                               std::span<const DevicePointer> operands) {
        if (p.m == 0 || p.n == 0) return;
        (cublas.*kProduct)(p.transpose_b, p.transpose_a, vendor::cuda::extent(p.n),
                           vendor::cuda::extent(p.m), vendor::cuda::extent(p.k),
                           p.alpha, operands[1], vendor::cuda::extent(p.ldb),
                           operands[0], vendor::cuda::extent(p.lda), p.beta,
                           operands[2], vendor::cuda::extent(p.ldc));
      });
}

}  // namespace

std::optional<std::string> cublas_unsupported(const Problem& problem,
                                              const Caps& caps) {
  return vendor::cuda::needs_gpu(problem, caps);
}

std::unique_ptr<Peer> cublas_prepare_peer(const Cublas& library,
                                          const Problem& problem) {
  return peer_by<&Cublas::sgemm>(library, problem);
}

std::unique_ptr<Peer> cublas_f16_prepare_peer(const Cublas& library,
                                              const Problem& problem) {
  return peer_by<&Cublas::gemm_f16>(library, problem);
}

}  // namespace assay::matmul
