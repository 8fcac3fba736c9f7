// SPDX-License-Identifier: MIT
// Step 2: blocks that stay in a cache, and a tile of C that stays in registers.
//
// What naive wasted: here each element of op(A) loaded is used for a row of the tile
// and each of op(B) for a column of it, the innermost loop runs along stored rows of B
// and C so that the compiler vectorizes it, and a block of B is used for all rows of a
// group while the cache holds it. No intrinsics: plain loops, compiled once for each
// target.
//
// Still wasted: rows of B lie a leading dimension apart, at powers of two in one cache
// set; a transposed B is read with a stride and is not vectorized; the shape of the
// register tile is at the mercy of the compiler. Step 3 is packed.cc.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstddef>
#include <cstdint>

#include "kernels/common/checked_math.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/tiled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#ifndef ASSAY_KERNELS_MATMUL_TILED_BLOCKS_
#define ASSAY_KERNELS_MATMUL_TILED_BLOCKS_
namespace assay::matmul {
namespace {

// A group's tile of C. 32 KiB of C, and kDepth x kGroupCols of B, 128 KiB: both fit
// second-level caches from 256 KiB on. The cuts are of C and of the sum, never of the
// machine, so rounding does not depend on where it runs.
constexpr std::int64_t kGroupRows = 64;
constexpr std::int64_t kGroupCols = 128;
constexpr std::int64_t kDepth = 256;

}  // namespace
}  // namespace assay::matmul
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

// The register tile. 32 columns on every target, though 4 x 32 floats exceed the 16
// registers below AVX-512: with two vectors a row (16 or 8 columns) GCC 12 unrolls the
// innermost loop before it vectorizes, and loses the vectors. 512, one thread, GFLOP/s:
//            AVX-512   AVX2   SSE4
//   4 x 32       163     65     35
//   4 x 16                6
//   4 x 8                        9
//   2 x 32        79     69     21
//   4 x 64       180     59     24
constexpr std::int64_t kRows = 4;
constexpr std::int64_t kCols = 32;

// Steps between elements of op(A), op(B) and C.
struct Steps {
  std::int64_t a_row;
  std::int64_t a_depth;
  std::int64_t b_depth;
  std::int64_t b_col;
  std::int64_t c_row;
};

void write(float* c, float sum, float alpha, float beta) noexcept {
  // With beta 0, C is not read.
  *c = beta == 0.0F ? alpha * sum : alpha * sum + beta * *c;
}

void full_tile(const float* a, const float* b, float* c, const Steps& s,
               std::int64_t depth, float alpha, float beta) noexcept {
  float sum[kRows][kCols] = {};
  for (std::int64_t l = 0; l < depth; ++l) {
    const float* const row = b + l * s.b_depth;
    for (std::int64_t i = 0; i < kRows; ++i) {
      const float left = a[i * s.a_row + l * s.a_depth];
      for (std::int64_t j = 0; j < kCols; ++j) sum[i][j] += left * row[j];
    }
  }
  for (std::int64_t i = 0; i < kRows; ++i) {
    for (std::int64_t j = 0; j < kCols; ++j) {
      write(c + i * s.c_row + j, sum[i][j], alpha, beta);
    }
  }
}

// Edges, and a transposed B.
void any_tile(const float* a, const float* b, float* c, const Steps& s,
              std::int64_t rows, std::int64_t cols, std::int64_t depth, float alpha,
              float beta) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      float sum = 0;
      for (std::int64_t l = 0; l < depth; ++l) {
        sum += a[i * s.a_row + l * s.a_depth] * b[l * s.b_depth + j * s.b_col];
      }
      write(c + i * s.c_row + j, sum, alpha, beta);
    }
  }
}

std::int64_t at_most(std::int64_t value, std::int64_t limit) noexcept {
  return value < limit ? value : limit;
}

void compute_group(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const Arrays x = arrays_of(context);
  const Steps s = {p.transpose_a ? 1 : p.lda, p.transpose_a ? p.lda : 1,
                   p.transpose_b ? 1 : p.ldb, p.transpose_b ? p.ldb : 1, p.ldc};
  const std::int64_t row = context.group.y * kGroupRows;
  const std::int64_t col = context.group.x * kGroupCols;
  const std::int64_t row_end = at_most(row + kGroupRows, p.m);
  const std::int64_t col_end = at_most(col + kGroupCols, p.n);
  // Without a product there still is one block, which scales C.
  const std::int64_t sum = p.alpha == 0.0F ? 0 : p.k;
  for (std::int64_t l = 0; l == 0 || l < sum; l += kDepth) {
    const std::int64_t depth = at_most(kDepth, sum - l);
    const float beta = l == 0 ? p.beta : 1.0F;
    for (std::int64_t j = col; j < col_end; j += kCols) {
      for (std::int64_t i = row; i < row_end; i += kRows) {
        // Without depth A and B may have no memory: null stays where it is.
        const float* const a = depth == 0 ? x.a : x.a + i * s.a_row + l * s.a_depth;
        const float* const b = depth == 0 ? x.b : x.b + l * s.b_depth + j * s.b_col;
        float* const c = x.c + i * s.c_row + j;
        const std::int64_t rows = at_most(kRows, row_end - i);
        const std::int64_t cols = at_most(kCols, col_end - j);
        if (rows == kRows && cols == kCols && !p.transpose_b) {
          full_tile(a, b, c, s, depth, p.alpha, beta);
        } else {
          any_tile(a, b, c, s, rows, cols, depth, p.alpha, beta);
        }
      }
    }
  }
}

}  // namespace

HostKernel tiled_kernel_of_target() noexcept;
HostKernel tiled_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {
std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(f32_on_host(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Dim3 groups = {static_cast<std::uint32_t>(divide_up(p.n, kGroupCols)),
                       static_cast<std::uint32_t>(divide_up(p.m, kGroupRows)), 1};
  return std::make_unique<HostDispatch<Params>>(
      *context.device,
      HostDispatch<Params>::What{"matmul.tiled",
                                 ASSAY_CALL_FOR_ISA(isa, tiled_kernel_of_target),
                                 groups, "isa=" + std::string(to_string(isa))},
      accesses_of(p), p);
}

}  // namespace assay::matmul
#endif
