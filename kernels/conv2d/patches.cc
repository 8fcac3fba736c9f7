// SPDX-License-Identifier: MIT
#include "kernels/conv2d/patches.h"

#include <algorithm>
#include <cstring>

namespace assay::conv2d {
namespace {

std::size_t bytes(std::int64_t floats) {
  return static_cast<std::size_t>(floats) * sizeof(float);
}

}  // namespace

// In NHWC a row of the filter covers one run of the image, cols * channels floats: a
// patch is a copy for each row of the filter, cut at the ends of the image's line. A
// transposing pack, as matmul has for its left-hand operand, would touch each element
// of it one by one; the register tile reads rows as well as panels.
void gather_patches(const Params& p, const float* x, const Range& pixels,
                    const Range& steps, float* dst, std::int64_t stride) noexcept {
  const std::int64_t run = p.cols * p.channels;
  const std::int64_t line = p.width * p.channels;
  const std::int64_t out_width = p.out_width();
  const std::int64_t out_height = p.out_height();
  for (std::int64_t i = pixels.begin; i < pixels.end; ++i, dst += stride) {
    const std::int64_t row = i / out_width;
    const std::int64_t image = row / out_height;
    const std::int64_t top = row % out_height * p.stride - p.pad;
    // Where the patch begins in a line; negative in the padding.
    const std::int64_t left = (i % out_width * p.stride - p.pad) * p.channels;
    float* to = dst;
    for (std::int64_t l = steps.begin; l < steps.end;) {
      const std::int64_t r = l / run;
      const std::int64_t first = l - r * run;
      const std::int64_t last = std::min(run, first + steps.end - l);
      const std::int64_t y = top + r;
      std::int64_t begin = last;
      std::int64_t end = last;
      if (y >= 0 && y < p.height) {
        begin = std::clamp(-left, first, last);
        end = std::clamp(line - left, begin, last);
      }
      if (begin > first) std::memset(to, 0, bytes(begin - first));
      if (end > begin) {
        const std::int64_t at = (image * p.height + y) * line + left + begin;
        std::memcpy(to + (begin - first), x + at, bytes(end - begin));
      }
      if (last > end) std::memset(to + (end - first), 0, bytes(last - end));
      to += last - first;
      l += last - first;
    }
  }
}

void copy_lines(const Params& p, const float* x, const Range& lines, float* dst,
                std::int64_t stride) noexcept {
  const std::int64_t high = (p.out_height() - 1) * p.stride + p.rows;
  const std::int64_t margin = p.pad * p.channels;
  const std::int64_t line = p.width * p.channels;
  const std::int64_t end = line_of(p, lines.end - 1, p.rows);
  for (std::int64_t i = line_of(p, lines.begin, 0); i < end; ++i, dst += stride) {
    const std::int64_t y = i % high - p.pad;
    if (y < 0 || y >= p.height) continue;
    std::memset(dst, 0, bytes(margin));
    std::memcpy(dst + margin, x + (i / high * p.height + y) * line, bytes(line));
    std::memset(dst + margin + line, 0, bytes(margin));
  }
}

}  // namespace assay::conv2d
