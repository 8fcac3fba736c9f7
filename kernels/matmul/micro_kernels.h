// SPDX-License-Identifier: MIT
// The innermost pieces of the packed matmul, one set for each ISA.
//
// Panels. A packed panel holds `lanes` rows of op(A) (or columns of op(B)) by `depth`
// steps of the sum, step-major: element (lane, l) is at packed[l * width + lane]. The
// width is MR for A and NR for B, whatever `lanes` is. Lanes a panel of B lacks are
// zeros; those of A are undefined and not used.
#ifndef ASSAY_KERNELS_MATMUL_MICRO_KERNELS_H_
#define ASSAY_KERNELS_MATMUL_MICRO_KERNELS_H_

#include <cstdint>

#include "kernels/common/isa.h"
#include "kernels/common/split.h"

namespace assay::matmul {

// `depth` steps of `lanes` (<= width) lanes into one panel.
struct PackArgs {
  const float* source = nullptr;  // element (lane 0, step 0)
  std::int64_t stride = 0;        // elements from one stored row to the next
  // Of one panel; where stored rows run along the lanes, of any number of panels, which
  // follow each other.
  std::int64_t lanes = 0;
  std::int64_t depth = 0;
  float* packed = nullptr;  // 64 floats beyond the panel may be overwritten too
};
using PackFunction = void (*)(const PackArgs& args) noexcept;

// C[0..rows, 0..cols] = alpha * A * B + beta * C for one block of the sum. Each element
// adds its terms in order of l, one fused (or, without FMA, one rounded) multiply-add a
// step: the result does not depend on how rows and columns are cut into blocks.
struct MultiplyArgs {
  const float* a = nullptr;  // panels of op(A): their heights are balanced_begin()'s
  const float* b = nullptr;  // panels of op(B), NR columns each, the last one padded
  float* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t depth = 0;
  float alpha = 1;
  float beta = 0;  // 0: C is not read
};

struct MicroKernels {
  Isa isa = Isa::scalar;
  std::int64_t mr = 0;
  std::int64_t nr = 0;
  // Stored rows run along the lanes (a transposed A, a plain B): copies.
  PackFunction pack_a_along_lanes = nullptr;
  PackFunction pack_b_along_lanes = nullptr;
  // Stored rows run along the sum (a plain A, a transposed B): transposes.
  PackFunction pack_a_along_depth = nullptr;
  PackFunction pack_b_along_depth = nullptr;
  void (*multiply)(const MultiplyArgs& args) noexcept = nullptr;
  // The same of panels whose steps are pairs of bf16, the earlier step in the lower 16
  // bits: each element adds, of each pair, the later product and then the earlier one,
  // rounded twice. Subnormal numbers count as zeros, in and out. Null where no
  // instruction of the ISA does it; has_bf16_dots() says whether this machine has it.
  void (*multiply_bf16_pairs)(const MultiplyArgs& args) noexcept = nullptr;
};

// What a PackFunction may write beyond its panel, in floats.
inline constexpr std::int64_t kPackSlack = 64;

// Requires `isa` to be one of available_isas().
const MicroKernels& micro_kernels(Isa isa) noexcept;

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_MICRO_KERNELS_H_
