// SPDX-License-Identifier: MIT
// op(B) in panels: some of them, wherever a group wants them, or all, in a workspace
// that a dispatch of its own fills before the one that multiplies by them.
#ifndef ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_
#define ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "backends/interface/device.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/panel_format.h"

namespace assay::matmul {

// Part `index` of an extent: slots of the sum, rows or panels.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const noexcept { return end - begin; }
};
Range part(std::int64_t extent, std::int64_t count, std::int64_t index) noexcept;

// The slots of block `index` of the sum, of `count`: of each format whole multiples.
Range slots_of(const PanelFormat& format, const Params& p, std::int64_t count,
               std::int64_t index) noexcept;

// Steps of the sum in the slots of `block`.
Range steps_of(const PanelFormat& format, const Params& p, const Range& block) noexcept;

// Where panel `panel` of NR columns begins, of `panels`, in the workspace: floats.
// Block after block of the sum, and of each all panels.
std::int64_t panel_offset(std::int64_t panels, const Range& block, std::int64_t panel,
                          std::int64_t nr) noexcept;

// The given panels, of the given slots, one behind the other; kPackSlack floats beyond
// them may be overwritten. `scratch`, where B is transposed:
// PanelFormat::scratch_bytes() of the slots.
void pack_panels(const PanelFormat& format, const Params& p, const std::byte* b,
                 const Range& panels, const Range& slots, float* packed,
                 float* scratch) noexcept;

// For panels of NR columns of so many slots. Requires panels_bytes() to be known and no
// larger than a buffer may be; throws as the device does.
std::shared_ptr<Buffer> panels_workspace(Device& device, std::int64_t cols,
                                         std::int64_t slots, std::int64_t nr);

// Owns the workspace, or shares one of as many bytes or more with others that are
// multiplied by before this or after it. Requires panels_bytes() (blocking.h) to be
// known and no larger than a buffer may be; throws as the device does.
class PanelsOfB {
 public:
  PanelsOfB(Device& device, const Params& params,
            const std::shared_ptr<const PanelFormat>& format, std::int64_t depth_blocks,
            std::int64_t groups, std::shared_ptr<Buffer> workspace = nullptr);

  void record(CommandEncoder& encoder, const BufferSlice& b) const;
  BufferSlice slice() const { return {workspace_}; }
  std::size_t bytes() const noexcept { return workspace_->bytes(); }

 private:
  struct Constants {
    Params params;
    std::int64_t depth_blocks = 0;
  };
  static void pack(const GroupContext& context) noexcept;

  Constants constants_;
  std::uint32_t groups_;
  std::shared_ptr<Buffer> workspace_;
  std::shared_ptr<Kernel> kernel_;
};

// Packs op(B), then multiplies by its panels: a HostDispatch over A, the panels and C.
// `Constants` has the Params as `params`.
template <typename Constants>
class ProductOfPanels final : public Prepared {
 public:
  using What = typename HostDispatch<Constants>::What;

  ProductOfPanels(Device& device, PanelsOfB panels, What what,
                  const Constants& constants)
      : panels_(std::move(panels)),
        product_(device, std::move(what), accesses_of(constants.params), constants) {}

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    panels_.record(encoder, operands[kB]);
    product_.record(encoder, std::array{operands[kA], panels_.slice(), operands[kC]});
  }
  std::size_t workspace_bytes() const noexcept override { return panels_.bytes(); }
  std::string configuration() const override { return product_.configuration(); }

 private:
  PanelsOfB panels_;
  HostDispatch<Constants> product_;
};

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_
