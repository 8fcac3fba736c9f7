// SPDX-License-Identifier: MIT
#include "kernels/mlp/layers.h"

#include <algorithm>
#include <array>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/packed_weights.h"
#include "kernels/common/split.h"

namespace assay::mlp {
namespace {

// Multiply-adds below which a group of its own costs more than it saves: as matmul.
constexpr double kLeastGroupProducts = 128 * 1024;
// Rows below which a group leaves multiply-adds waiting for each other: as a tile.
constexpr std::int64_t kLeastRows = 14;

// Columns first: the units then read different weights, of which there is more than of
// anything else.
Dim3 grid_of(const Layer& layer, const LayerKernel& kernel, std::uint32_t units) {
  if (layer.rows == 0 || layer.cols == 0) return {0, 0, 1};
  if (!kernel.shared) return {1, 1, 1};
  const double products = static_cast<double>(layer.rows) *
                          static_cast<double>(layer.cols) *
                          static_cast<double>(std::max<std::int64_t>(layer.depth, 1));
  const double worth =
      std::clamp(products / kLeastGroupProducts, 1.0, static_cast<double>(units));
  const auto useful = static_cast<std::int64_t>(worth);
  const std::int64_t cols = std::min(useful, divide_up(layer.cols, kernel.panel));
  const std::int64_t rows =
      std::clamp<std::int64_t>(layer.rows / kLeastRows, 1, useful / cols);
  return {static_cast<std::uint32_t>(cols), static_cast<std::uint32_t>(rows), 1};
}

class Layers final : public Prepared {
 public:
  Layers(Device& device, const Params& p, const LayerKernel& kernel)
      : configuration_(kernel.configuration) {
    // A line more than a row: rows a multiple of 4 KiB apart share few cache sets.
    const std::int64_t stride = divide_up(p.hidden, kLine) * kLine + kLine;
    layers_ = {Layer{p.batch, p.in, p.hidden, p.in, stride, true},
               Layer{p.batch, p.hidden, p.out, stride, p.out, false}};
    hidden_ = workspace(device, p.batch * stride, "mlp hidden");
    KernelDesc desc;
    desc.name = kernel.name;
    desc.bindings = {Access::read, Access::read, Access::read, Access::write};
    desc.constants_bytes = sizeof(Layer);
    desc.host = kernel.compute;
    compute_ = device.create_kernel(desc);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      grids_[i] = grid_of(layers_[i], kernel, device.caps().compute_units);
    }
    if (kernel.packs) prepare_packing(device, kernel);
    configuration_ += " groups=" + std::to_string(grids_[0].y) + "x" +
                      std::to_string(grids_[0].x) + "," + std::to_string(grids_[1].y) +
                      "x" + std::to_string(grids_[1].x);
  }

  void record_setup(CommandEncoder& encoder,
                    std::span<const BufferSlice> operands) const override {
    if (!pack_) return;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const PanelPacking packing{layers_[i].depth, layers_[i].cols, width_};
      encoder.dispatch(pack_, {grids_[i].x, std::min(grids_[i].y, 1U), 1},
                       {operands[i == 0 ? kW1 : kW2], BufferSlice{packed_[i]}},
                       packing);
    }
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const BufferSlice hidden = {hidden_};
    const auto weights = [&](std::size_t i, std::size_t operand) {
      return pack_ ? BufferSlice{packed_[i]} : operands[operand];
    };
    encoder.dispatch(compute_, grids_[0],
                     {operands[kX], weights(0, kW1), operands[kB1], hidden},
                     layers_[0]);
    encoder.dispatch(compute_, grids_[1],
                     {hidden, weights(1, kW2), operands[kB2], operands[kY]},
                     layers_[1]);
  }

  std::size_t workspace_bytes() const noexcept override {
    std::size_t bytes = hidden_->bytes();
    for (const auto& packed : packed_) bytes += packed ? packed->bytes() : 0;
    return bytes;
  }
  std::string configuration() const override { return configuration_; }

 private:
  // A binding is never empty.
  static std::shared_ptr<Buffer> workspace(Device& device, std::int64_t floats,
                                           const char* label) {
    BufferDesc desc;
    desc.bytes = static_cast<std::size_t>(std::max(floats, kLine)) * sizeof(float);
    desc.label = label;
    return device.create_buffer(desc);
  }

  void prepare_packing(Device& device, const LayerKernel& kernel) {
    width_ = kernel.panel;
    pack_ = create_panel_packing(device, kernel.name + ".pack");
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Layer& layer = layers_[i];
      packed_[i] = workspace(
          device, panel_begin(divide_up(layer.cols, width_), width_, layer.depth),
          "mlp packed weights");
    }
  }

  std::array<Layer, 2> layers_;
  std::array<Dim3, 2> grids_;
  std::int64_t width_ = 0;
  std::shared_ptr<Buffer> hidden_;
  std::array<std::shared_ptr<Buffer>, 2> packed_;
  std::shared_ptr<Kernel> compute_;
  std::shared_ptr<Kernel> pack_;
  std::string configuration_;
};

}  // namespace

GroupRange range_of(const GroupContext& context, const Layer& layer,
                    std::int64_t width) noexcept {
  const std::int64_t panels = divide_up(layer.cols, width);
  return {balanced_begin(layer.rows, context.groups.y, context.group.y),
          balanced_begin(layer.rows, context.groups.y, context.group.y + 1),
          balanced_begin(panels, context.groups.x, context.group.x),
          balanced_begin(panels, context.groups.x, context.group.x + 1)};
}

std::unique_ptr<Prepared> prepare_layers(Device& device, const Problem& problem,
                                         const LayerKernel& kernel) {
  require_supported(needs_host_kernels(problem, device.caps()));
  return std::make_unique<Layers>(device, params_of(problem), kernel);
}

}  // namespace assay::mlp
