// SPDX-License-Identifier: MIT
// Step 1: the formula as it stands, one layer after the other.
//
// Still wasted: a multiply-add waits for the one before, weights are read down their
// columns, and all compute units but one idle. Step 2 is tiles.cc.
#include <algorithm>

#include "kernels/mlp/implementations.h"
#include "kernels/mlp/layers.h"

namespace assay::mlp {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto layer = context.constants_as<Layer>();
  const auto* const src = context.bindings[0].as<const float>();
  const auto* const weights = context.bindings[1].as<const float>();
  const auto* const bias = context.bindings[2].as<const float>();
  auto* const dst = context.bindings[3].as<float>();
  for (std::int64_t i = 0; i < layer.rows; ++i) {
    for (std::int64_t j = 0; j < layer.cols; ++j) {
      float sum = 0;
      for (std::int64_t l = 0; l < layer.depth; ++l) {
        sum += src[i * layer.src_stride + l] * weights[l * layer.cols + j];
      }
      sum += bias[j];
      dst[i * layer.dst_stride + j] = layer.relu ? std::max(sum, 0.0F) : sum;
    }
  }
}

}  // namespace

std::unique_ptr<Prepared> naive_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  LayerKernel kernel;
  kernel.name = "mlp.naive";
  kernel.compute = compute_group;
  kernel.shared = false;
  kernel.configuration = "isa=scalar";
  return prepare_layers(*context.device, problem, kernel);
}

}  // namespace assay::mlp
