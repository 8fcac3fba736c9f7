// SPDX-License-Identifier: MIT
// A dot by cublasSdot; cuBLAS has no plain sum, and no maximum but of magnitudes.
#include "kernels/vendor/cuda/cublas.h"

#include "kernels/reduce/implementations.h"
#include "kernels/reduce/reduce.h"

namespace assay::reduce {
namespace {

using vendor::cuda::Cublas;
using vendor::cuda::DevicePointer;

}  // namespace

std::optional<std::string> cublas_unsupported(const Problem& problem,
                                              const Caps& caps) {
  if (params_of(problem).kind != Kind::dot) return "cuBLAS has no sum and no maximum";
  return vendor::cuda::needs_gpu(problem, caps);
}

std::unique_ptr<Peer> cublas_prepare_peer(const Cublas& library,
                                          const Problem& problem) {
  return vendor::cuda::make_peer(
      library, problem,
      [n = vendor::cuda::extent(params_of(problem).n)](
          const Cublas& cublas, std::span<const DevicePointer> operands) {
        cublas.sdot(n, operands[kX], operands[kZ], operands[y_of(Kind::dot)]);
      });
}

}  // namespace assay::reduce
