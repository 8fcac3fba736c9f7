// SPDX-License-Identifier: MIT
#include "kernels/conv2d/product.h"

#include <algorithm>
#include <array>
#include <span>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/packed_weights.h"

namespace assay::conv2d {
namespace {

class Product final : public Prepared {
 public:
  Product(Device& device, const Problem& problem, const ProductKernel& kernel)
      : packing_{params_of(problem).depth(), params_of(problem).filters, kernel.panel},
        configuration_(kernel.configuration) {
    const Caps& caps = device.caps();
    const Params& p = params_of(problem);
    const Cuts cuts = cut(p, kernel.panel, cache_info().l2_bytes,
                          caps.limits.max_local_bytes, caps.compute_units);
    constants_ = {p, cuts.depth_blocks, cuts.stride, cuts.patches};
    groups_ = {static_cast<std::uint32_t>(cuts.col_groups),
               static_cast<std::uint32_t>(cuts.row_groups), 1};
    KernelDesc desc;
    desc.name = kernel.name;
    desc.bindings = accesses_of(problem);
    desc.constants_bytes = sizeof(ProductConstants);
    desc.local_bytes = cuts.local_bytes;
    desc.host = kernel.compute;
    compute_ = device.create_kernel(desc);
    if (kernel.packs) prepare_packing(device, kernel);
    constexpr const char* kPatches[] = {"in-place", "lines", "gathered"};
    configuration_ += " kc=" + std::to_string(divide_up(p.depth(), cuts.depth_blocks)) +
                      " patches=" + kPatches[static_cast<int>(cuts.patches)] +
                      " groups=" + std::to_string(cuts.row_groups) + "x" +
                      std::to_string(cuts.col_groups);
  }

  void record_setup(CommandEncoder& encoder,
                    std::span<const BufferSlice> operands) const override {
    if (!pack_ || packing_.depth == 0) return;
    encoder.dispatch(pack_, {groups_.x, 1, 1}, {operands[kW], BufferSlice{packed_}},
                     packing_);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    std::array<BufferSlice, 4> bound;
    std::copy(operands.begin(), operands.end(), bound.begin());
    if (pack_) bound[kW] = BufferSlice{packed_};
    encoder.dispatch(compute_, groups_, std::span(bound).first(operands.size()),
                     std::as_bytes(std::span(&constants_, 1)));
  }

  std::size_t workspace_bytes() const noexcept override {
    return packed_ ? packed_->bytes() : 0;
  }
  std::string configuration() const override { return configuration_; }

 private:
  void prepare_packing(Device& device, const ProductKernel& kernel) {
    pack_ = create_panel_packing(device, kernel.name + ".pack");
    const std::int64_t panels = divide_up(packing_.cols, packing_.width);
    BufferDesc buffer;
    // A binding is never empty.
    buffer.bytes = sizeof(float) * static_cast<std::size_t>(std::max<std::int64_t>(
                                       panels * packing_.width * packing_.depth, 1));
    buffer.label = "conv2d packed weights";
    packed_ = device.create_buffer(buffer);
  }

  ProductConstants constants_;
  PanelPacking packing_;
  Dim3 groups_;
  std::shared_ptr<Buffer> packed_;
  std::shared_ptr<Kernel> compute_;
  std::shared_ptr<Kernel> pack_;
  std::string configuration_;
};

}  // namespace

std::unique_ptr<Prepared> prepare_product(Device& device, const Problem& problem,
                                          const ProductKernel& kernel) {
  require_supported(needs_host_kernels(problem, device.caps()));
  return std::make_unique<Product>(device, problem, kernel);
}

}  // namespace assay::conv2d
