// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_MLP_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_MLP_IMPLEMENTATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/op.h"

namespace assay::mlp {

std::span<const Implementation> implementations() noexcept;

std::optional<std::string> narrow_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> narrow_prepare(const PrepareContext& context,
                                         const Problem& problem);
std::optional<std::string> openblas_unsupported(const Problem& problem,
                                                const Caps& caps);
std::optional<std::string> onednn_unsupported(const Problem& problem, const Caps& caps);

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> fused_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> prepacked_prepare(const PrepareContext& context,
                                            const Problem& problem);
std::unique_ptr<Prepared> openblas_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> openblas_serial_prepare(const PrepareContext& context,
                                                  const Problem& problem);
std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem);

}  // namespace assay::mlp

#endif  // ASSAY_KERNELS_MLP_IMPLEMENTATIONS_H_
