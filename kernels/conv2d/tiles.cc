// SPDX-License-Identifier: MIT
// Step 2, implicit: a product of patches by weights, without the matrix of patches. A
// group gathers its pixels' patches for one block of the sum into group-local memory
// (the second-level cache), a few copies a pixel, and the register tiles of matmul read
// them there; where a patch is one pixel, they read the image. The bias is what the
// first block adds to, the cut below 0 what the last one does before it stores. What
// naive wasted is gone.
// Still wasted: a tile's rows of weights lie a row of all filters apart, at a power of
// two all in one cache set, and the prefetchers do not follow.
//
// Step 3, prepacked: weights are the same in every computation, so they are packed
// once, in the order the tiles read them, and stream. Still wasted: patches overlap,
// and each element of the image is copied once for every tap.
//
// Both compute each element as sums in order of l over the same blocks: the same bits.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "kernels/common/isa.h"
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
using assay::HWY_NAMESPACE::kProductLanes;
using assay::HWY_NAMESPACE::load_sum;
using assay::HWY_NAMESPACE::product_block;
using assay::HWY_NAMESPACE::ProductOperands;
using assay::HWY_NAMESPACE::ProductTag;
using assay::HWY_NAMESPACE::store_sum;
using assay::HWY_NAMESPACE::TilePlace;

// Two vectors: the widest tile that is high.
constexpr std::int64_t kWidth = 2 * kProductLanes;
// What there is to add to without a bias.
alignas(64) constexpr float kZeros[kWidth] = {};

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
        store_sum<part()>(hn::Max(hn::Add(sum, old), least), to + i * stride + at,
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

// The group's pixels and panels for one block of the sum.
template <bool kPacked>
void compute_block(const GroupContext& context, const ProductConstants& constants,
                   const Range& pixels, const Range& panels, std::int64_t index) {
  const Params& p = constants.params;
  const Range steps = {balanced_begin(p.depth(), constants.depth_blocks, index),
                       balanced_begin(p.depth(), constants.depth_blocks, index + 1)};
  const auto* const image = context.bindings[kX].as<const float>();
  const auto* const weights = context.bindings[kW].as<const float>();
  auto* const y = context.bindings[output_of(p)].as<float>();
  ProductOperands x;
  x.a_step = 1;
  x.b_step = kPacked ? kWidth : p.filters;
  x.depth = steps.size();
  if (constants.in_place) {
    x.a = image + pixels.begin * p.channels + steps.begin;
    x.a_row = p.channels;
  } else {
    auto* const gathered = reinterpret_cast<float*>(context.local.data());
    gather_patches(p, image, pixels, steps, gathered, constants.stride);
    x.a = gathered;
    x.a_row = constants.stride;
  }
  const bool last = index + 1 == constants.depth_blocks;
  AddAndCut to;
  to.stride = p.filters;
  to.floor = last && p.relu ? 0.0F : -std::numeric_limits<float>::infinity();
  for (std::int64_t panel = panels.begin; panel < panels.end; ++panel) {
    const std::int64_t first = panel * kWidth;
    // Weights without rows are null.
    if (x.depth > 0) {
      x.b = kPacked
                ? weights + panel_begin(panel, kWidth, p.depth()) + steps.begin * kWidth
                : weights + steps.begin * p.filters + first;
    }
    to.dst = y + pixels.begin * p.filters + first;
    to.addend = kZeros;
    if (index > 0) {
      to.addend = to.dst;
      to.addend_stride = p.filters;
    } else if (p.bias) {
      to.addend = context.bindings[kBias].as<const float>() + first;
    }
    product_block(x, pixels.size(), std::min(kWidth, p.filters - first), to);
  }
}

template <bool kPacked>
void compute_group(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<ProductConstants>();
  const Params& p = constants.params;
  const std::int64_t panels = divide_up(p.filters, kWidth);
  const auto part = [](std::int64_t extent, std::uint32_t count, std::uint32_t at) {
    return Range{balanced_begin(extent, count, at),
                 balanced_begin(extent, count, at + 1)};
  };
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    compute_block<kPacked>(context, constants,
                           part(p.pixels(), context.groups.y, context.group.y),
                           part(panels, context.groups.x, context.group.x), index);
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
  ProductKernel kernel;
  kernel.name = name;
  kernel.compute = packs ? kernels.prepacked : kernels.implicit;
  kernel.panel = kernels.width;
  kernel.packs = packs;
  kernel.configuration =
      "isa=" + std::string(to_string(isa)) + " nr=" + std::to_string(kernels.width);
  return kernel;
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
