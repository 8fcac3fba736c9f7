// SPDX-License-Identifier: MIT
// Before the generated headers, which use its names.
#include <cstdint>

#include "kernels/matmul/shaders/staged.comp.h"
#include "kernels/matmul/staged.h"

namespace assay::matmul {

std::span<const std::uint32_t> staged_code() noexcept { return staged_comp; }

}  // namespace assay::matmul
