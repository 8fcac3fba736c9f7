// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_LAYERNORM_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_LAYERNORM_IMPLEMENTATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/op.h"

namespace assay::layernorm {

std::span<const Implementation> implementations() noexcept;

std::optional<std::string> kept_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> kept_prepare(const PrepareContext& context,
                                       const Problem& problem);
std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> vectorized_prepare(const PrepareContext& context,
                                             const Problem& problem);
std::unique_ptr<Prepared> streamed_prepare(const PrepareContext& context,
                                           const Problem& problem);
std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem);

}  // namespace assay::layernorm

#endif  // ASSAY_KERNELS_LAYERNORM_IMPLEMENTATIONS_H_
