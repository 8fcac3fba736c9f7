// SPDX-License-Identifier: MIT
// What the device code of the row ops shares: how many threads a row gets and how much
// of it they keep. The constants of common/shaders/row.glsl.
#ifndef ASSAY_KERNELS_COMMON_DEVICE_ROWS_H_
#define ASSAY_KERNELS_COMMON_DEVICE_ROWS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"

namespace assay {

struct DeviceRows {
  std::uint32_t team = 1;  // threads a row, a power of two up to kDeviceThreads
  std::uint32_t kept = 0;  // runs of four elements a thread keeps; 0: none
  bool wide = false;       // rows start at multiples of 16 bytes
  Dim3 groups;

  std::vector<std::uint32_t> specialization() const {
    return {team, kept, wide ? 1U : 0U};
  }
  std::string text() const;  // "team=256 kept=16 wide"
};

// Group-local bytes of such a kernel.
inline constexpr std::size_t kDeviceRowsLocalBytes = std::size_t{2} * 256 * 4;

// For rows x cols elements of f32 without gaps.
DeviceRows device_rows(std::int64_t rows, std::int64_t cols, const Caps& caps);

// The dispatch of device code `name` over `problem`, which is rows x cols. Its
// constants are both extents and then `more`. Throws not_supported with the reason, and
// what Device::create_kernel() does.
std::unique_ptr<Prepared> prepare_device_rows(Device& device, const Problem& problem,
                                              std::string name,
                                              std::span<const std::uint32_t> code,
                                              std::int64_t rows, std::int64_t cols,
                                              std::span<const float> more = {});

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_DEVICE_ROWS_H_
