// SPDX-License-Identifier: MIT
// Takes the place of device_code.cc in builds without a shader compiler.
#include "kernels/peak/device_code.h"

namespace assay::peak {

std::span<const std::uint32_t> fma_code() noexcept { return {}; }
std::span<const std::uint32_t> triad_code() noexcept { return {}; }
std::span<const std::uint32_t> products_code() noexcept { return {}; }

}  // namespace assay::peak
