// SPDX-License-Identifier: MIT
// Step 2: two passes, rows into a workspace and its columns into y.
//
// What naive wasted: 2 r + 1 products a pass, of which pairs share a weight; only the
// r elements at each end of a row are clamped, the compiler vectorizes what is between,
// and the columns run along rows, too: whole rows are added to each other. Each unit
// has rows of its own.
//
// Still wasted: an image beyond the cache goes through memory twice more, into the
// workspace and back; a row is walked once for each pair of weights, in vectors of the
// compiler's baseline. Step 3 is fused.cc.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "kernels/common/host_dispatch.h"
#include "kernels/common/rows.h"
#include "kernels/gaussian/gaussian.h"
#include "kernels/gaussian/implementations.h"

namespace assay::gaussian {
namespace {

// One element of a row near its ends.
float clamped_sum(const Parts& parts, const float* x, std::int64_t col) noexcept {
  const Params& p = parts.params;
  float sum = parts.weights[0] * x[col];
  for (std::int64_t t = 1; t <= p.radius; ++t) {
    sum += parts.weights[static_cast<std::size_t>(t)] *
           (x[clamped(col - t, p.width)] + x[clamped(col + t, p.width)]);
  }
  return sum;
}

// Along a row.
void filter_row(const Parts& parts, const float* __restrict x,
                float* __restrict y) noexcept {
  const Params& p = parts.params;
  const std::int64_t first = std::min(p.radius, p.width);
  const std::int64_t last = std::max(p.width - p.radius, first);
  for (std::int64_t j = 0; j < first; ++j) y[j] = clamped_sum(parts, x, j);
  for (std::int64_t j = first; j < last; ++j) y[j] = parts.weights[0] * x[j];
  for (std::int64_t t = 1; t <= p.radius; ++t) {
    const float weight = parts.weights[static_cast<std::size_t>(t)];
    for (std::int64_t j = first; j < last; ++j) y[j] += weight * (x[j - t] + x[j + t]);
  }
  for (std::int64_t j = last; j < p.width; ++j) y[j] = clamped_sum(parts, x, j);
}

// Across the rows around `row` of a plane.
void filter_column(const Parts& parts, const float* __restrict plane, std::int64_t row,
                   float* __restrict y) noexcept {
  const Params& p = parts.params;
  const float* const middle = plane + row * p.width;
  for (std::int64_t j = 0; j < p.width; ++j) y[j] = parts.weights[0] * middle[j];
  for (std::int64_t s = 1; s <= p.radius; ++s) {
    const float weight = parts.weights[static_cast<std::size_t>(s)];
    const float* const above = plane + clamped(row - s, p.height) * p.width;
    const float* const below = plane + clamped(row + s, p.height) * p.width;
    for (std::int64_t j = 0; j < p.width; ++j) y[j] += weight * (above[j] + below[j]);
  }
}

void rows_group(const GroupContext& context) noexcept {
  const auto parts = context.constants_as<Parts>();
  const Params& p = parts.params;
  for (std::int64_t row = parts.split.begin(context.group.x);
       row < parts.split.end(context.group.x, p.rows()); ++row) {
    filter_row(parts, context.bindings[kX].as<const float>() + row * p.width,
               context.bindings[kY].as<float>() + row * p.width);
  }
}

void columns_group(const GroupContext& context) noexcept {
  const auto parts = context.constants_as<Parts>();
  const Params& p = parts.params;
  for (std::int64_t row = parts.split.begin(context.group.x);
       row < parts.split.end(context.group.x, p.rows()); ++row) {
    const std::int64_t plane = row / p.height * p.height;
    filter_column(parts, context.bindings[kX].as<const float>() + plane * p.width,
                  row - plane, context.bindings[kY].as<float>() + row * p.width);
  }
}

class Separable final : public Prepared {
 public:
  Separable(Device& device, const Parts& parts)
      : parts_(parts), groups_{parts.split.parts, 1, 1} {
    BufferDesc workspace;
    workspace.bytes =
        static_cast<std::size_t>(parts.params.rows() * parts.params.width) *
        sizeof(float);
    workspace.label = "gaussian.separable rows";
    workspace_ = device.create_buffer(workspace);
    rows_ = make_kernel(device, "gaussian.separable.rows", rows_group);
    columns_ = make_kernel(device, "gaussian.separable.columns", columns_group);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const auto constants = std::as_bytes(std::span(&parts_, 1));
    const BufferSlice rows[] = {operands[kX], {workspace_}};
    const BufferSlice columns[] = {{workspace_}, operands[kY]};
    encoder.dispatch(rows_, groups_, rows, constants);
    encoder.dispatch(columns_, groups_, columns, constants);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override {
    return "parts=" + std::to_string(groups_.x);
  }

 private:
  static std::shared_ptr<Kernel> make_kernel(Device& device, std::string name,
                                             HostKernel function) {
    KernelDesc desc;
    desc.name = std::move(name);
    desc.bindings = {Access::read, Access::write};
    desc.constants_bytes = sizeof(Parts);
    desc.host = function;
    return device.create_kernel(desc);
  }

  Parts parts_;
  Dim3 groups_;
  std::shared_ptr<Buffer> workspace_;
  std::shared_ptr<Kernel> rows_;
  std::shared_ptr<Kernel> columns_;
};

}  // namespace

std::unique_ptr<Prepared> separable_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(needs_host_kernels(problem, caps));
  const Params& p = params_of(problem);
  const Split split = split_rows(p.rows(), p.width, caps.compute_units);
  return std::make_unique<Separable>(*context.device,
                                     Parts{p, weights_of(p), split, false});
}

}  // namespace assay::gaussian
