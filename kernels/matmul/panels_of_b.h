// SPDX-License-Identifier: MIT
// op(B) in panels, all of it, in a workspace: a dispatch of its own, before the one
// that multiplies by them. What packed.cc and plain_a.cc share.
#ifndef ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_
#define ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "backends/interface/device.h"
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

// Steps of the sum in the slots of `block`.
Range steps_of(const PanelFormat& format, const Params& p, const Range& block) noexcept;

// Where panel `panel` of NR columns begins, of `panels`, in the workspace: floats.
// Block after block of the sum, and of each all panels.
std::int64_t panel_offset(std::int64_t panels, const Range& block, std::int64_t panel,
                          std::int64_t nr) noexcept;

// Owns the workspace. Requires panels_bytes() (blocking.h) to be known and no larger
// than a buffer may be; throws as the device does.
class PanelsOfB {
 public:
  PanelsOfB(Device& device, const Params& params,
            const std::shared_ptr<const PanelFormat>& format, std::int64_t depth_blocks,
            std::int64_t groups);

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

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_PANELS_OF_B_H_
