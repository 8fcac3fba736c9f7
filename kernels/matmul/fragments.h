// SPDX-License-Identifier: MIT
// matmul_f16 by units that multiply matrices, in device code.
#ifndef ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
#define ASSAY_KERNELS_MATMUL_FRAGMENTS_H_

#include <memory>
#include <optional>
#include <string>

#include "kernels/common/op.h"

namespace assay::matmul {

// Refuses what the contract allows and the units do not take whole: m and n that are no
// multiples of a tile, k of a slice, rows that do not start at multiples of 16 bytes.
std::optional<std::string> fragments_unsupported(const Problem& problem,
                                                 const Caps& caps);
std::unique_ptr<Prepared> fragments_prepare(const PrepareContext& context,
                                            const Problem& problem);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
