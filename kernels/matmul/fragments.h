// SPDX-License-Identifier: MIT
// matmul_f16 by units that multiply matrices, in device code.
#ifndef ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
#define ASSAY_KERNELS_MATMUL_FRAGMENTS_H_

#include <cstddef>
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

// rows x cols of C a group, in slices of `depth` terms.
struct FragmentsTile {
  std::size_t local_bytes() const noexcept;
  std::int64_t groups(const Params& p) const noexcept {
    return p.m / rows * (p.n / cols);
  }
  // What `slices` take on a unit with the most of `groups`. What every dispatch takes,
  // the first fetches and the way back to memory are left out.
  double us(std::int64_t groups, std::int64_t slices, const Caps& caps) const noexcept;
  std::uint32_t rows;
  std::uint32_t cols;
  std::uint32_t depth;
  double alone_us;   // a slice of a group that has a unit to itself
  double shared_us;  // a slice of a unit that several groups keep busy, for each
};
// The fastest by us() of those that divide the problem and fit into group-local memory;
// nullptr: none.
const FragmentsTile* fragments_tile(const Params& p, const Caps& caps) noexcept;
double fragments_us(const Params& p, const Caps& caps) noexcept;  // by that, of a whole

// For split: tiles that need the least group-local memory, each with `part` terms of
// the depth, a multiple of the tile's, by its z, of which the grid has one here. C is
// that of z = 0, and behind it those of the others.
const FragmentsTile& fragments_parts_tile() noexcept;
DeviceDispatch::What fragments_parts(const Params& p, std::uint32_t part);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_FRAGMENTS_H_
