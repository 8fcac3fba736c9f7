// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_AXPY_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_AXPY_IMPLEMENTATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/op.h"

namespace assay::axpy {

std::span<const Implementation> implementations() noexcept;

std::optional<std::string> wide_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> wide_prepare(const PrepareContext& context,
                                       const Problem& problem);
std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> unrolled_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem);

std::optional<std::string> cublas_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Peer> cublas_prepare_peer(const vendor::cuda::Cublas& library,
                                          const Problem& problem);

}  // namespace assay::axpy

#endif  // ASSAY_KERNELS_AXPY_IMPLEMENTATIONS_H_
