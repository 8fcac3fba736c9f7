// SPDX-License-Identifier: MIT
// What our convolutions in register tiles are prepared from.
#ifndef ASSAY_KERNELS_CONV2D_PRODUCT_H_
#define ASSAY_KERNELS_CONV2D_PRODUCT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/cuts.h"

namespace assay::conv2d {

// Of one dispatch. Bindings: X, weights, the bias if there is one, Y.
struct ProductConstants {
  Params params;
  std::int64_t depth_blocks = 1;
  std::int64_t stride = 0;  // of copied lines or patches
  Patches patches = Patches::in_place;
};

struct ProductKernel {
  std::string name;              // "conv2d.implicit"
  HostKernel compute = nullptr;  // a grid of pixels (y) by panels of filters (x)
  std::int64_t panel = 1;        // filters of a panel
  bool packs = false;            // weights are panels: see panel_begin()
  std::string configuration;
};

// Throws Error when the device runs no host code or the memory is not there.
std::unique_ptr<Prepared> prepare_product(Device& device, const Problem& problem,
                                          const ProductKernel& kernel);

}  // namespace assay::conv2d

#endif  // ASSAY_KERNELS_CONV2D_PRODUCT_H_
