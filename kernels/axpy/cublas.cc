// SPDX-License-Identifier: MIT
// axpy by cublasSaxpy.
#include "kernels/vendor/cuda/cublas.h"

#include "kernels/axpy/axpy.h"
#include "kernels/axpy/implementations.h"

namespace assay::axpy {
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
        cublas.saxpy(vendor::cuda::extent(p.n), p.alpha, operands[kX], operands[kY]);
      });
}

}  // namespace assay::axpy
