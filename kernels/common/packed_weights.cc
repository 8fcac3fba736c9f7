// SPDX-License-Identifier: MIT
#include "kernels/common/packed_weights.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/split.h"

namespace assay {
namespace {

void pack_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<PanelPacking>();
  const auto* const weights = context.bindings[0].as<const float>();
  auto* const packed = context.bindings[1].as<float>();
  const std::int64_t panels = divide_up(p.cols, p.width);
  const std::int64_t end =
      balanced_begin(panels, context.groups.x, context.group.x + 1);
  for (std::int64_t panel = balanced_begin(panels, context.groups.x, context.group.x);
       panel < end; ++panel) {
    const std::int64_t col = panel * p.width;
    const auto lanes = static_cast<std::size_t>(std::min(p.width, p.cols - col));
    const std::size_t rest = static_cast<std::size_t>(p.width) - lanes;
    float* to = packed + panel_begin(panel, p.width, p.depth);
    for (std::int64_t l = 0; l < p.depth; ++l, to += p.width) {
      std::memcpy(to, weights + l * p.cols + col, lanes * sizeof(float));
      std::memset(to + lanes, 0, rest * sizeof(float));
    }
  }
}

}  // namespace

std::shared_ptr<Kernel> create_panel_packing(Device& device, std::string name) {
  return create_rewriting<PanelPacking>(device, std::move(name), pack_group);
}

}  // namespace assay
