// SPDX-License-Identifier: MIT
// Step 2, implicit: a product of patches by weights, without the matrix of patches. The
// register tiles of matmul read patches in group-local memory (the second-level cache),
// where a group copies what its pixels see: lines of the image, each once, in which the
// patches of an output line are rows a pixel apart; or, where lines are short or too
// long, the patches themselves, a few copies a pixel, for one block of the sum. Where a
// patch is one pixel they read the image. The bias is what the first block adds to, the
// cut below 0 what the last one does before it stores. What naive wasted is gone.
// Still wasted: a tile's rows of weights lie a row of all filters apart, at a power of
// two all in one cache set, and the prefetchers do not follow.
//
// Step 3, prepacked: weights are the same in every computation, so they are packed
// once, in the order the tiles read them, and stream. Still wasted: patches overlap,
// and each element of the image is copied once for every tap.
//
// Both compute each element as sums in order of l over the same blocks: the same bits.
//
// How far it can go. One thread of a Zen 5, ResNet-50 at batch 1, share of the measured
// multiply-add peak; `ceiling` is what peak itself would have over im2col + sgemm:
//
//   shape                   prepacked  im2col + sgemm  ratio  ceiling  / oneDNN
//   56x56    64 ->   64 1x1      0.92            0.79   1.18     1.26      0.96
//   56x56    64 ->  256 1x1      0.91            0.84   1.09     1.19      0.96
//   56x56   256 ->   64 1x1      0.94            0.81   1.14     1.23      0.98
//   28x28   512 ->  128 1x1      0.93            0.87   1.07     1.15      0.97
//   28x28   128 ->  512 1x1      0.94            0.89   1.05     1.12      0.99
//   14x14  1024 ->  256 1x1      0.92            0.85   1.09     1.18      0.98
//   14x14   256 -> 1024 1x1      0.92            0.86   1.10     1.16      0.98
//   7x7    2048 ->  512 1x1      0.92            0.66   1.44     1.52      1.00
//   7x7     512 -> 2048 1x1      0.95            0.65   1.51     1.53      1.01
//   56x56    64 ->   64 3x3      0.92            0.68   1.35     1.47      1.00
//   28x28   128 ->  128 3x3      0.90            0.76   1.20     1.32      0.97
//   14x14   256 ->  256 3x3      0.90            0.75   1.21     1.34      0.95
//   7x7     512 ->  512 3x3      0.78            0.44   1.71     2.26      1.01
//   geometric mean                                      1.23     1.34      0.98
//
// A 1x1 convolution needs no im2col, and sgemm alone is at 0.8 of peak and more: 1.5
// times its rate is beyond the machine unless multiplications are saved (Winograd,
// which does not keep the bound of conv2d.h). 7x7 with 512 channels reads 9.4 MB of
// weights for 49 pixels, 10 GB/s at this rate, and oneDNN stands where we do.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "kernels/common/cache_info.h"
#include "kernels/common/isa.h"
#include "kernels/common/packed_weights.h"
#include "kernels/common/simd_targets.h"
#include "kernels/conv2d/implementations.h"
#include "kernels/conv2d/patches.h"
#include "kernels/conv2d/product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv2d/tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/product_tile-inl.h"

#ifndef ASSAY_KERNELS_CONV2D_TILES_ONCE
#define ASSAY_KERNELS_CONV2D_TILES_ONCE
namespace assay::conv2d {

struct TileKernels {
  HostKernel implicit = nullptr;
  HostKernel prepacked = nullptr;
  std::int64_t width = 0;  // of a panel
};

}  // namespace assay::conv2d
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::conv2d {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::at_least;
using assay::HWY_NAMESPACE::kProductLanes;
using assay::HWY_NAMESPACE::load_sum;
using assay::HWY_NAMESPACE::product_block;
using assay::HWY_NAMESPACE::ProductOperands;
using assay::HWY_NAMESPACE::ProductTag;
using assay::HWY_NAMESPACE::store_sum;
using assay::HWY_NAMESPACE::TilePlace;
using assay::HWY_NAMESPACE::wide_tiles_pay;

// Two vectors: the widest tile that is high.
constexpr std::int64_t kWidth = 2 * kProductLanes;
// Of two panels, where wide tiles pay.
constexpr std::int64_t kMostWidth = 2 * kWidth;
// What there is to add to without a bias.
alignas(64) constexpr float kZeros[kMostWidth] = {};

// dst = max(sum + addend, floor). One form for the first, a middle and the last block,
// with and without bias and cut: adding 0 and cutting off below -inf change nothing,
// and eight forms of a tile would be eight times the code.
struct AddAndCut {
  const float* addend = nullptr;
  std::int64_t addend_stride = 0;  // 0: the same for all pixels
  float* dst = nullptr;
  std::int64_t stride = 0;
  float floor = 0;

  template <std::size_t kVectors, bool kTail, class Each>
  HWY_INLINE void finish(const TilePlace& place, const Each& each) const {
    using V = hn::Vec<ProductTag>;
    const float* const from = addend + place.row * addend_stride + place.col;
    float* const to = dst + place.row * stride + place.col;
    const V least = hn::Set(ProductTag(), floor);
    each([&](std::size_t row, std::size_t vector, V sum) ASSAY_INLINE_LAMBDA {
      const auto i = static_cast<std::int64_t>(row);
      const std::int64_t at = static_cast<std::int64_t>(vector) * kProductLanes;
      const auto store = [&](auto part) ASSAY_INLINE_LAMBDA {
        const V old = load_sum<part()>(from + i * addend_stride + at, place.tail);
        store_sum<part()>(at_least(hn::Add(sum, old), least), to + i * stride + at,
                          place.tail);
      };
      if (kTail && vector + 1 == kVectors) {
        store(std::true_type());
      } else {
        store(std::false_type());
      }
    });
  }
};

// What the blocks of one group share.
template <bool kPacked>
struct Group {
  const GroupContext& context;
  const ProductConstants constants;
  const Params& p = constants.params;
  Range panels;

  explicit Group(const GroupContext& group)
      : context(group),
        constants(group.constants_as<ProductConstants>()),
        panels(part(divide_up(p.filters, kWidth), group.groups.x, group.group.x)) {}
  static Range part(std::int64_t extent, std::uint32_t count, std::uint32_t at) {
    return {balanced_begin(extent, count, at), balanced_begin(extent, count, at + 1)};
  }
  // This group's part of the pixels, or of their lines.
  Range rows(std::int64_t extent) const {
    return part(extent, context.groups.y, context.group.y);
  }
  const float* image() const { return context.bindings[kX].template as<const float>(); }
  float* local() const { return reinterpret_cast<float*>(context.local.data()); }

  // f(panels) for those that tiles take at once: two where wide ones pay, which they
  // fill, or one.
  template <class Function>
  void for_each_panels(std::int64_t depth, const Function& f) const {
    const bool wide = wide_tiles_pay(depth, p.filters);
    for (std::int64_t panel = panels.begin; panel < panels.end;) {
      const bool two =
          wide && panel + 2 <= panels.end && p.filters - panel * kWidth >= kMostWidth;
      const Range together = {panel, panel + (two ? 2 : 1)};
      f(together);
      panel = together.end;
    }
  }

  // `rows` pixels from `pixel` on, in panels of for_each_panels(), for steps
  // [step, step + x.depth).
  void multiply(ProductOperands x, std::int64_t step, std::int64_t pixel,
                std::int64_t rows, Range together, bool first, bool last) const {
    const std::int64_t panel = together.begin;
    const std::int64_t filter = panel * kWidth;
    const auto* const weights = context.bindings[kW].template as<const float>();
    x.a_step = 1;
    x.b_step = kPacked ? kWidth : p.filters;
    // Weights without rows are null.
    if (x.depth > 0) {
      x.b = kPacked ? weights + panel_begin(panel, kWidth, p.depth()) + step * kWidth
                    : weights + step * p.filters + filter;
    }
    AddAndCut to;
    to.stride = p.filters;
    to.floor = last && p.relu ? 0.0F : -std::numeric_limits<float>::infinity();
    to.dst = context.bindings[output_of(p)].template as<float>() + pixel * p.filters +
             filter;
    to.addend = kZeros;
    if (!first) {
      to.addend = to.dst;
      to.addend_stride = p.filters;
    } else if (p.bias) {
      to.addend = context.bindings[kBias].template as<const float>() + filter;
    }
    if (kPacked) x.b_pair = panel_begin(1, kWidth, p.depth());
    const bool wide = together.size() == 2;
    product_block(x, rows, wide ? kMostWidth : std::min(kWidth, p.filters - filter),
                  wide, to);
  }
};

// In how many parts pixels go through all panels of the weights. All at once, each
// panel makes their patches and results come again: where those are larger than the
// second-level cache and the weights small, in parts of eight tiles of 14. On one unit
// of an Intel with 2 MiB of it, us: 56x56 64 -> 256 1x1 791 and 737, 112x112 32 -> 64
// 486 and 459; in single tiles, each a call, 895 and 508. Two panels at once, oneDNN's
// time / own before and after: 56x56 64 -> 64 1x1 0.89 and 0.96, 64 -> 256 0.84 and
// 0.92, 256 -> 64 0.87 and 0.91; of 256 -> 1024 at 14x14 0.96 and 0.92, which is not
// done.
std::int64_t parts_of_pixels(const Params& p, std::int64_t pixels, std::int64_t depth) {
  constexpr std::int64_t kTogether = 112;
  return many_rows_of_small_b(pixels, depth, p.filters) ? divide_up(pixels, kTogether)
                                                        : 1;
}

// Patches read in place or gathered, block after block of the sum.
template <bool kPacked>
void compute_patches(const Group<kPacked>& group) {
  const ProductConstants& constants = group.constants;
  const Params& p = constants.params;
  const Range pixels = group.rows(p.pixels());
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range steps = {balanced_begin(p.depth(), constants.depth_blocks, index),
                         balanced_begin(p.depth(), constants.depth_blocks, index + 1)};
    ProductOperands x;
    x.depth = steps.size();
    if (constants.patches == Patches::in_place) {
      x.a = group.image() + pixels.begin * p.channels + steps.begin;
      x.a_row = p.channels;
    } else {
      gather_patches(p, group.image(), pixels, steps, group.local(), constants.stride);
      x.a = group.local();
      x.a_row = constants.stride;
    }
    const std::int64_t parts = parts_of_pixels(p, pixels.size(), x.depth);
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t first = balanced_begin(pixels.size(), parts, part);
      const std::int64_t rows = balanced_begin(pixels.size(), parts, part + 1) - first;
      ProductOperands here = x;
      here.a += first * x.a_row;
      group.for_each_panels(x.depth, [&](Range at) ASSAY_INLINE_LAMBDA {
        group.multiply(here, steps.begin, pixels.begin + first, rows, at, index == 0,
                       index + 1 == constants.depth_blocks);
      });
    }
  }
}

// Lines of the image copied once, with their padding; then, for each row of the filter,
// the patches of an output line are rows a pixel apart in one of them. Where that line
// is outside the image there is nothing to add.
template <bool kPacked>
void compute_lines(const Group<kPacked>& group) {
  const ProductConstants& constants = group.constants;
  const Params& p = constants.params;
  const Range lines = group.rows(p.batch * p.out_height());
  copy_lines(p, group.image(), lines, group.local(), constants.stride);
  const std::int64_t base = line_of(p, lines.begin, 0);
  ProductOperands x;
  x.depth = p.cols * p.channels;
  x.a_row = p.stride * p.channels;
  for (std::int64_t r = 0; r < p.rows; ++r) {
    group.for_each_panels(x.depth, [&](Range at) ASSAY_INLINE_LAMBDA {
      for (std::int64_t line = lines.begin; line < lines.end; ++line) {
        const std::int64_t top = line % p.out_height() * p.stride - p.pad;
        const std::int64_t first = std::max<std::int64_t>(-top, 0);
        const std::int64_t last = std::min(p.rows, p.height - top) - 1;
        if (r < first || r > last) continue;
        x.a = group.local() + (line_of(p, line, r) - base) * constants.stride;
        group.multiply(x, r * x.depth, line * p.out_width(), p.out_width(), at,
                       r == first, r == last);
      }
    });
  }
}

template <bool kPacked>
void compute_group(const GroupContext& context) noexcept {
  const Group<kPacked> group(context);
  if (group.constants.patches == Patches::lines) {
    compute_lines(group);
  } else {
    compute_patches(group);
  }
}

}  // namespace

const TileKernels& tile_kernels_of_target() noexcept;
const TileKernels& tile_kernels_of_target() noexcept {
  static constexpr TileKernels kKernels = {compute_group<false>, compute_group<true>,
                                           kWidth};
  return kKernels;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::conv2d
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::conv2d {
namespace {

ProductKernel kernel_of(const char* name, bool packs) {
  const Isa isa = selected_isa();
  const TileKernels& kernels = ASSAY_CALL_FOR_ISA(isa, tile_kernels_of_target);
  return tile_kernel<ProductKernel>(name, packs ? kernels.prepacked : kernels.implicit,
                                    isa, kernels.width, packs);
}

}  // namespace

std::unique_ptr<Prepared> implicit_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  return prepare_product(*context.device, problem, kernel_of("conv2d.implicit", false));
}

std::unique_ptr<Prepared> prepacked_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  return prepare_product(*context.device, problem, kernel_of("conv2d.prepacked", true));
}

}  // namespace assay::conv2d
#endif
