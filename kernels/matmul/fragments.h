// SPDX-License-Identifier: MIT
// matmul_f16 by units that multiply matrices, in device code.
#ifndef ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
#define ASSAY_KERNELS_MATMUL_FRAGMENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kernels/common/device_dispatch.h"
#include "kernels/common/op.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {

// Refuses what the contract allows and the units do not take whole: m and n that are no
// multiples of a tile, k of a slice, rows that do not start at multiples of 16 bytes.
std::optional<std::string> fragments_unsupported(const Problem& problem,
                                                 const Caps& caps);
std::unique_ptr<Prepared> fragments_prepare(const PrepareContext& context,
                                            const Problem& problem);

// For split: what takes the most groups, tiles of the smallest size, each with `part`
// terms of the depth, a multiple of kFragmentsDepth, by its z, of which the grid has
// one here. C is that of z = 0, and behind it those of the others.
inline constexpr std::uint32_t kFragmentsDepth = 32;
std::int64_t fragments_tiles(const Params& p) noexcept;
DeviceDispatch::What fragments_parts(const Params& p, std::uint32_t part);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
