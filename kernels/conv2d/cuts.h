// SPDX-License-Identifier: MIT
// How a convolution, as a product of pixels x depth by depth x filters, is cut: pure
// functions of its shape and of the device.
#ifndef ASSAY_KERNELS_CONV2D_CUTS_H_
#define ASSAY_KERNELS_CONV2D_CUTS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d.h"

namespace assay::conv2d {

// Where the tiles read the left-hand matrix. A function of the shape alone.
enum class Patches : std::uint8_t {
  in_place,  // in X: patches of one pixel
  lines,     // in padded copies of X's lines, one row of the filter after the other
  gathered,  // in copies of the patches
};
Patches patches_of(const Params& p) noexcept;

// All parts along one direction differ by at most one: see balanced_begin().
struct Cuts {
  // Of the sum. Rounding depends on it, so it is a function of the shape alone.
  std::int64_t depth_blocks = 1;
  Patches patches = Patches::in_place;
  // Of the pixels, or lines of them; 0 when there is nothing to write.
  std::int64_t row_groups = 0;
  std::int64_t col_groups = 0;  // of the panels of filters
  std::int64_t stride = 0;      // from one copied line or patch to the next, in floats
  std::size_t local_bytes = 0;  // of what a group copies
};

// `panel` filters are computed at a time, or twice as many; `l2_bytes` is what a group
// may count on.
Cuts cut(const Params& p, std::int64_t panel, std::size_t l2_bytes,
         std::size_t max_local_bytes, std::uint32_t units) noexcept;

}  // namespace assay::conv2d

#endif  // ASSAY_KERNELS_CONV2D_CUTS_H_
