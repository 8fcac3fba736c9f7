// SPDX-License-Identifier: MIT
#include "kernels/matmul/panels_of_b.h"

#include <algorithm>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"

namespace assay::matmul {

Range part(std::int64_t extent, std::int64_t count, std::int64_t index) noexcept {
  return {balanced_begin(extent, count, index),
          balanced_begin(extent, count, index + 1)};
}

Range slots_of(const PanelFormat& format, const Params& p, std::int64_t count,
               std::int64_t index) noexcept {
  const std::int64_t multiple = format.slots_multiple;
  const Range block = part(format.slots(p.k) / multiple, count, index);
  return {block.begin * multiple, block.end * multiple};
}

Range steps_of(const PanelFormat& format, const Params& p,
               const Range& block) noexcept {
  return {block.begin * format.steps_of_slot,
          std::min(block.end * format.steps_of_slot, p.k)};
}

std::int64_t panel_offset(std::int64_t panels, const Range& block, std::int64_t panel,
                          std::int64_t nr) noexcept {
  return (panels * block.begin + panel * block.size()) * nr;
}

void pack_panels(const PanelFormat& format, const Params& p, const std::byte* b,
                 const Range& panels, const Range& slots, float* packed,
                 float* scratch) noexcept {
  const std::int64_t nr = format.kernels.nr;
  const Range steps = steps_of(format, p, slots);
  // Stored rows that run along the lanes are cut into all of them at once.
  const std::int64_t together = p.transpose_b ? 1 : panels.size();
  for (std::int64_t panel = panels.begin; panel < panels.end; panel += together) {
    const std::int64_t col = panel * nr;
    PanelArgs args;
    args.source =
        b + format.element_bytes() *
                (p.transpose_b ? col * p.ldb + steps.begin : steps.begin * p.ldb + col);
    args.stride = p.ldb;
    args.lanes = std::min(together * nr, p.n - col);
    args.depth = steps.size();
    args.packed = packed + (panel - panels.begin) * slots.size() * nr;
    args.scratch = scratch;
    (p.transpose_b ? format.pack_b_along_depth : format.pack_b_along_lanes)(format,
                                                                            args);
  }
}

void PanelsOfB::pack(const GroupContext& context) noexcept {
  const auto& format = *static_cast<const PanelFormat*>(context.user);
  const auto constants = context.constants_as<Constants>();
  const Params& p = constants.params;
  const auto* const b = context.bindings[0].as<const std::byte>();
  auto* const workspace = context.bindings[1].as<float>();

  const std::int64_t nr = format.kernels.nr;
  const std::int64_t panels = divide_up(p.n, nr);
  const Range mine = part(panels, context.groups.x, context.group.x);
  for (std::int64_t index = 0; index < constants.depth_blocks; ++index) {
    const Range block = slots_of(format, p, constants.depth_blocks, index);
    pack_panels(format, p, b, mine, block,
                workspace + panel_offset(panels, block, mine.begin, nr),
                reinterpret_cast<float*>(context.local.data()));
  }
}

std::shared_ptr<Buffer> panels_workspace(Device& device, std::int64_t cols,
                                         std::int64_t slots, std::int64_t nr) {
  BufferDesc desc;
  desc.bytes = static_cast<std::size_t>(panels_bytes(cols, slots, nr));
  desc.label = "matmul.packed op(B)";
  return device.create_buffer(desc);
}

PanelsOfB::PanelsOfB(Device& device, const Params& params,
                     const std::shared_ptr<const PanelFormat>& format,
                     std::int64_t depth_blocks, std::int64_t groups,
                     std::shared_ptr<Buffer> workspace)
    : constants_{params, depth_blocks},
      groups_(static_cast<std::uint32_t>(groups)),
      workspace_(std::move(workspace)) {
  if (workspace_ == nullptr) {
    workspace_ =
        panels_workspace(device, params.n, format->slots(params.k), format->kernels.nr);
  }

  KernelDesc pack_desc;
  pack_desc.name = "matmul.packed.pack";
  pack_desc.bindings = {Access::read, Access::write};
  pack_desc.constants_bytes = sizeof(Constants);
  pack_desc.local_bytes =
      format->scratch_bytes(slots_of(*format, params, depth_blocks, 0).size());
  pack_desc.host = pack;
  pack_desc.host_data = format;
  kernel_ = device.create_kernel(pack_desc);
}

void PanelsOfB::record(CommandEncoder& encoder, const BufferSlice& b) const {
  encoder.dispatch(kernel_, {groups_, 1, 1}, {b, slice()}, constants_);
}

}  // namespace assay::matmul
