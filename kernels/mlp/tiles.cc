// SPDX-License-Identifier: MIT
// Step 2, fused: each layer in register tiles that read weights where they lie, add the
// bias and cut off below 0 before they are stored; columns shared by the units. What
// naive wasted is gone, and the hidden layer is written once and not gone over again.
// Still wasted: a tile's rows of weights lie a leading dimension apart, at a power of
// two all in one cache set, a page for each step of the sum.
//
// Step 3, prepacked: weights are the same in every computation, so they are packed
// once, in the order the tiles read them, and stream. Still wasted: with few rows
// weights are read from the last cache, or memory, for as many multiply-adds an
// element.
//
// Both compute each element as one sum in order of l: the same bits.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/common/isa.h"
#include "kernels/common/packed_weights.h"
#include "kernels/common/simd_targets.h"
#include "kernels/mlp/implementations.h"
#include "kernels/mlp/layers.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mlp/tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/product_tile-inl.h"

#ifndef ASSAY_KERNELS_MLP_TILES_ONCE
#define ASSAY_KERNELS_MLP_TILES_ONCE
namespace assay::mlp {

struct TileKernels {
  HostKernel fused = nullptr;
  HostKernel prepacked = nullptr;
  std::int64_t width = 0;  // of a panel
};

}  // namespace assay::mlp
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::mlp {
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

// Two vectors: the widest tile that is high.
constexpr std::int64_t kWidth = 2 * kProductLanes;

// dst = max(sum + bias, floor).
struct AddBias {
  const float* bias = nullptr;
  float* dst = nullptr;
  std::int64_t stride = 0;
  bool relu = false;

  template <std::size_t kVectors, bool kTail, class Each>
  HWY_INLINE void finish(const TilePlace& place, const Each& each) const {
    using V = hn::Vec<ProductTag>;
    const float* const from = bias + place.col;
    float* const to = dst + place.row * stride + place.col;
    const auto put = [&](std::size_t row, std::size_t vector, V sum,
                         auto cuts) ASSAY_INLINE_LAMBDA {
      const std::int64_t at = static_cast<std::int64_t>(vector) * kProductLanes;
      float* const here = to + static_cast<std::int64_t>(row) * stride + at;
      const auto store = [&](auto part) ASSAY_INLINE_LAMBDA {
        V value = hn::Add(sum, load_sum<part()>(from + at, place.tail));
        if constexpr (cuts()) value = at_least(value, hn::Zero(ProductTag()));
        store_sum<part()>(value, here, place.tail);
      };
      if (kTail && vector + 1 == kVectors) {
        store(std::true_type());
      } else {
        store(std::false_type());
      }
    };
    if (relu) {
      each([&](std::size_t row, std::size_t vector, V sum)
               ASSAY_INLINE_LAMBDA { put(row, vector, sum, std::true_type()); });
    } else {
      each([&](std::size_t row, std::size_t vector, V sum)
               ASSAY_INLINE_LAMBDA { put(row, vector, sum, std::false_type()); });
    }
  }
};

template <bool kPacked>
void compute_group(const GroupContext& context) noexcept {
  const auto layer = context.constants_as<Layer>();
  const GroupRange range = range_of(context, layer, kWidth);
  const auto* const weights = context.bindings[1].as<const float>();
  const std::int64_t first = range.panel * kWidth;
  ProductOperands x;
  x.a = context.bindings[0].as<const float>() + range.row * layer.src_stride;
  x.a_row = layer.src_stride;
  x.a_step = 1;
  // Weights without rows are null.
  if (layer.depth > 0) x.b = weights + first;
  x.b_step = layer.cols;
  x.depth = layer.depth;
  AddBias to;
  to.bias = context.bindings[2].as<const float>() + first;
  to.dst = context.bindings[3].as<float>() + range.row * layer.dst_stride + first;
  to.stride = layer.dst_stride;
  to.relu = layer.relu;
  const std::int64_t rows = range.last_row - range.row;
  if (!kPacked) {
    const std::int64_t last = std::min(range.last_panel * kWidth, layer.cols);
    if (last > first) product_block(x, rows, last - first, to);
    return;
  }
  x.b_step = kWidth;
  for (std::int64_t panel = range.panel; panel < range.last_panel; ++panel) {
    x.b = weights + panel_begin(panel, kWidth, layer.depth);
    product_block(x, rows, std::min(kWidth, layer.cols - panel * kWidth), to);
    to.bias += kWidth;
    to.dst += kWidth;
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
}  // namespace assay::mlp
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::mlp {
namespace {

LayerKernel kernel_of(const char* name, bool packs) {
  const Isa isa = selected_isa();
  const TileKernels& kernels = ASSAY_CALL_FOR_ISA(isa, tile_kernels_of_target);
  return tile_kernel<LayerKernel>(name, packs ? kernels.prepacked : kernels.fused, isa,
                                  kernels.width, packs);
}

}  // namespace

std::unique_ptr<Prepared> fused_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  return prepare_layers(*context.device, problem, kernel_of("mlp.fused", false));
}

std::unique_ptr<Prepared> prepacked_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  return prepare_layers(*context.device, problem, kernel_of("mlp.prepacked", true));
}

}  // namespace assay::mlp
#endif
