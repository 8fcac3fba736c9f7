// SPDX-License-Identifier: MIT
// The left-hand matrix of the product that a convolution is: row i holds the part of
// the image that output pixel i sees, zeros where that is padding.
#ifndef ASSAY_KERNELS_CONV2D_PATCHES_H_
#define ASSAY_KERNELS_CONV2D_PATCHES_H_

#include <cstdint>

#include "kernels/conv2d/conv2d.h"

namespace assay::conv2d {

struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const noexcept { return end - begin; }
};

// Steps of the sum `steps` of output pixels `pixels`: element (i, l) to
// dst[(i - pixels.begin) * stride + l - steps.begin]. What lies beyond steps.size() in
// a row of dst is not touched.
void gather_patches(const Params& p, const float* x, const Range& pixels,
                    const Range& steps, float* dst, std::int64_t stride) noexcept;

}  // namespace assay::conv2d

#endif  // ASSAY_KERNELS_CONV2D_PATCHES_H_
