// SPDX-License-Identifier: MIT
// transpose by cublasSgeam. Column-major it sees A as n x m with the same leading
// dimension, and writes B as m x n: op(A), transposed.
#include "kernels/vendor/cuda/cublas.h"

#include "kernels/transpose/implementations.h"
#include "kernels/transpose/transpose.h"

namespace assay::transpose {
namespace {

using vendor::cuda::Cublas;
using vendor::cuda::DevicePointer;

}  // namespace

std::optional<std::string> cublas_unsupported(const Problem& problem,
                                              const Caps& caps) {
  return vendor::cuda::needs_gpu(problem, caps);
}

std::unique_ptr<Peer> cublas_prepare_peer(const Cublas& library,
                                          const Problem& problem) {
  return vendor::cuda::make_peer(
      library, problem,
      [p = params_of(problem)](const Cublas& cublas,
                               std::span<const DevicePointer> operands) {
        if (p.m == 0 || p.n == 0) return;
        cublas.transpose(vendor::cuda::extent(p.m), vendor::cuda::extent(p.n),
                         operands[kA], vendor::cuda::extent(p.lda), operands[kB],
                         vendor::cuda::extent(p.ldb));
      });
}

}  // namespace assay::transpose
