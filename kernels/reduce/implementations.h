// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_REDUCE_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_REDUCE_IMPLEMENTATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/op.h"

namespace assay::reduce {

std::span<const Implementation> implementations() noexcept;

std::optional<std::string> folded_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> folded_prepare(const PrepareContext& context,
                                         const Problem& problem);
std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> blocked_prepare(const PrepareContext& context,
                                          const Problem& problem);
std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps);
std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem);

std::optional<std::string> cublas_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Peer> cublas_prepare_peer(const vendor::cuda::Cublas& library,
                                          const Problem& problem);

}  // namespace assay::reduce

#endif  // ASSAY_KERNELS_REDUCE_IMPLEMENTATIONS_H_
