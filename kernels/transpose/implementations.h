// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_TRANSPOSE_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_TRANSPOSE_IMPLEMENTATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/isa.h"
#include "kernels/common/op.h"

namespace assay::transpose {

std::span<const Implementation> implementations() noexcept;

std::optional<std::string> staged_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> staged_prepare(const PrepareContext& context,
                                         const Problem& problem);
std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem);
// What `tiled` dispatches with Parts, and with kBufferBytes of local memory where the
// way of a matrix has a buffer. Stores bypass the cache of matrices beyond the last
// cache alone, too large for a test, which sets it in Parts of small ones.
HostKernel tiled_kernel(Isa isa) noexcept;
std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem);

std::optional<std::string> cublas_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Peer> cublas_prepare_peer(const vendor::cuda::Cublas& library,
                                          const Problem& problem);

}  // namespace assay::transpose

#endif  // ASSAY_KERNELS_TRANSPOSE_IMPLEMENTATIONS_H_
