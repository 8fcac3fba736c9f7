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

// The lines of the image that a filter passes over, image after image: a pixel of
// output line `line` reads lines line_of(p, line, 0) to line_of(p, line, rows - 1).
// Those above and below an image are numbered too.
constexpr std::int64_t line_of(const Params& p, std::int64_t line,
                               std::int64_t r) noexcept {
  const std::int64_t high = (p.out_height() - 1) * p.stride + p.rows;
  return line / p.out_height() * high + line % p.out_height() * p.stride + r;
}
// Floats of a line with its padding.
constexpr std::int64_t padded_line(const Params& p) noexcept {
  return (p.width + 2 * p.pad) * p.channels;
}
// Lines `lines` of the output read line_of(first, 0) to line_of(last, rows - 1): these,
// padded, to dst[i * stride]. Lines outside an image are left as they are.
void copy_lines(const Params& p, const float* x, const Range& lines, float* dst,
                std::int64_t stride) noexcept;

}  // namespace assay::conv2d

#endif  // ASSAY_KERNELS_CONV2D_PATCHES_H_
