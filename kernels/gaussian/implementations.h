// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_

#include <memory>
#include <span>

#include "kernels/common/op.h"

namespace assay::gaussian {

std::span<const Implementation> implementations() noexcept;

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> separable_prepare(const PrepareContext& context,
                                            const Problem& problem);
std::unique_ptr<Prepared> fused_prepare(const PrepareContext& context,
                                        const Problem& problem);

}  // namespace assay::gaussian

#endif  // ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_
