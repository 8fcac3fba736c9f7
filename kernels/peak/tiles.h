// SPDX-License-Identifier: MIT
// Products of whole tiles of bf16 (kernels/common/tile_unit.h), as many as the machine
// can issue.
#ifndef ASSAY_KERNELS_PEAK_TILES_H_
#define ASSAY_KERNELS_PEAK_TILES_H_

#include <cstdint>

namespace assay::peak {

// `steps` rounds of kTileChains products of ones and `seed`, each added to a tile of
// its own; returns the first elements of those added up: kTileChains * steps * 32 *
// seed while f32 has it.
// Precondition: has_bf16_tiles().
float bf16_tiles(std::int64_t steps, float seed) noexcept;

// The unit starts a product every 16 cycles and ends it after 52: four keep it busy.
inline constexpr int kTileChains = 6;
// 16 x 16 sums of 32 terms.
inline constexpr double kFlopsATileStep = 2.0 * 16 * 16 * 32 * kTileChains;

}  // namespace assay::peak

#endif  // ASSAY_KERNELS_PEAK_TILES_H_
