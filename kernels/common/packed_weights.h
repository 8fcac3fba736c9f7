// SPDX-License-Identifier: MIT
// Weights, the right-hand matrix of a product, packed once into panels (constant
// operands: Prepared::record_setup). What mlp and conv2d share.
#ifndef ASSAY_KERNELS_COMMON_PACKED_WEIGHTS_H_
#define ASSAY_KERNELS_COMMON_PACKED_WEIGHTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "backends/interface/device.h"
#include "kernels/common/isa.h"

namespace assay {

// Of one dispatch: depth x cols weights, row after row, into panels of `width` columns.
struct PanelPacking {
  std::int64_t depth = 0;
  std::int64_t cols = 0;
  std::int64_t width = 0;
};

// Where a panel begins, in floats: each has its `depth` rows of `width` columns, one
// after the other; columns a last panel lacks are zeros.
constexpr std::int64_t panel_begin(std::int64_t panel, std::int64_t width,
                                   std::int64_t depth) noexcept {
  return panel * width * depth;
}

// What mlp's LayerKernel and conv2d's ProductKernel have in common, filled in: register
// tiles for `isa`, `width` columns wide, that read weights as panels (`packs`) or where
// they lie.
template <typename TileKernel>
TileKernel tile_kernel(std::string_view name, HostKernel compute, Isa isa,
                       std::int64_t width, bool packs) {
  TileKernel kernel;
  kernel.name = name;
  kernel.compute = compute;
  kernel.panel = width;
  kernel.packs = packs;
  kernel.configuration =
      "isa=" + std::string(to_string(isa)) + " nr=" + std::to_string(width);
  return kernel;
}

// Bindings: the weights, the panels; constants PanelPacking; any number of groups along
// x. Throws as Device::create_kernel does.
std::shared_ptr<Kernel> create_panel_packing(Device& device, std::string name);

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_PACKED_WEIGHTS_H_
