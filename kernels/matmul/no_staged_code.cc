// SPDX-License-Identifier: MIT
// Takes the place of staged_code.cc in builds without a shader compiler.
#include "kernels/matmul/split.h"
#include "kernels/matmul/staged.h"

namespace assay::matmul {

std::span<const std::uint32_t> staged_code(DType /*storage*/) noexcept { return {}; }

std::span<const std::uint32_t> split_sum_code() noexcept { return {}; }

}  // namespace assay::matmul
