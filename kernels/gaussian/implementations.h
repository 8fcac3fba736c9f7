// SPDX-License-Identifier: MIT
// What each file of this folder offers to the table in implementations.cc.
#ifndef ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_
#define ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_

#include <cstddef>
#include <memory>
#include <span>

#include "kernels/common/isa.h"
#include "kernels/common/op.h"

namespace assay::gaussian {

std::span<const Implementation> implementations() noexcept;

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem);
std::unique_ptr<Prepared> separable_prepare(const PrepareContext& context,
                                            const Problem& problem);
std::unique_ptr<Prepared> fused_prepare(const PrepareContext& context,
                                        const Problem& problem);
// What `fused` dispatches with Parts and so much local memory. Where they say that
// stores bypass the cache the image is beyond the last one, too large for a test, which
// sets it for small ones.
HostKernel fused_kernel(Isa isa) noexcept;
std::size_t fused_local_bytes() noexcept;

}  // namespace assay::gaussian

#endif  // ASSAY_KERNELS_GAUSSIAN_IMPLEMENTATIONS_H_
