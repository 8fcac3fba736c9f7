// SPDX-License-Identifier: MIT
// Before the generated headers, which use its names.
#include <cstdint>

#include "kernels/matmul/shaders/split_sum.comp.h"
#include "kernels/matmul/shaders/staged.comp.h"
#include "kernels/matmul/shaders/staged_narrow.comp.h"
#include "kernels/matmul/split.h"
#include "kernels/matmul/staged.h"

namespace assay::matmul {

std::span<const std::uint32_t> staged_code(DType storage) noexcept {
  return storage == DType::f32 ? std::span<const std::uint32_t>(staged_comp)
                               : std::span<const std::uint32_t>(staged_narrow_comp);
}

std::span<const std::uint32_t> split_sum_code() noexcept { return split_sum_comp; }

}  // namespace assay::matmul
