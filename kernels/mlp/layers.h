// SPDX-License-Identifier: MIT
// What our implementations of mlp share: two dispatches of one kernel with a hidden
// layer in between, in a workspace.
#ifndef ASSAY_KERNELS_MLP_LAYERS_H_
#define ASSAY_KERNELS_MLP_LAYERS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/common/isa.h"
#include "kernels/mlp/mlp.h"

namespace assay::mlp {

// dst = src * weights + bias, cut off below 0 if `relu`; rows x cols of sums over
// depth. Bindings: src, weights, bias, dst.
struct Layer {
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t cols = 0;
  std::int64_t src_stride = 0;
  std::int64_t dst_stride = 0;
  bool relu = false;
};

// How a layer is computed.
struct LayerKernel {
  std::string name;              // "mlp.fused"
  HostKernel compute = nullptr;  // gets a Layer; a grid of row groups (y) x col groups
  std::int64_t panel = 1;        // columns are cut into multiples of it
  bool packs = false;            // weights are panels: see panel_begin()
  bool shared = true;            // by the units; else one group
  std::string configuration;
};

// Rows and panels [begin, end) of one group.
struct GroupRange {
  std::int64_t row = 0;
  std::int64_t last_row = 0;
  std::int64_t panel = 0;
  std::int64_t last_panel = 0;
};
GroupRange range_of(const GroupContext& context, const Layer& layer,
                    std::int64_t width) noexcept;

// Throws Error when the device runs no host code or the memory is not there.
std::unique_ptr<Prepared> prepare_layers(Device& device, const Problem& problem,
                                         const LayerKernel& kernel);

}  // namespace assay::mlp

#endif  // ASSAY_KERNELS_MLP_LAYERS_H_
