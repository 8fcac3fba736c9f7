// SPDX-License-Identifier: MIT
// Before the generated headers, which use its names.
#include "kernels/peak/device_code.h"

#include <cstdint>

#include "kernels/peak/shaders/fma.comp.h"
#include "kernels/peak/shaders/products.comp.h"
#include "kernels/peak/shaders/triad.comp.h"

namespace assay::peak {

std::span<const std::uint32_t> fma_code() noexcept { return fma_comp; }
std::span<const std::uint32_t> triad_code() noexcept { return triad_comp; }
std::span<const std::uint32_t> products_code() noexcept { return kProducts; }

}  // namespace assay::peak
