// SPDX-License-Identifier: MIT
// What the matrix units of a GPU give device code: an experiment beside the ops.
#ifndef TESTS_VULKAN_MATRIX_FIGURES_H_
#define TESTS_VULKAN_MATRIX_FIGURES_H_

#include <cstdint>

#include "tests/vulkan/figure_rows.h"

namespace assay::figures {

// shaders/f16_product.comp takes tiles of 128 x 128, two slices of 32 at a time.
constexpr bool is_matrix_size(std::int64_t n) { return n > 0 && n % 128 == 0; }

// The product of two n x n matrices in f16 with sums in f32, on the first device: best
// and median of 21 by the device's clock, checked exactly, in integers. Adds no row
// where the device has no such units. Throws internal when the result is wrong.
void measure_matrices(std::int64_t n, Rows& rows);

}  // namespace assay::figures

#endif  // TESTS_VULKAN_MATRIX_FIGURES_H_
