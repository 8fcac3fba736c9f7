// SPDX-License-Identifier: MIT
// Step 2: each matrix in register tiles, a part of the matrices a compute unit.
//
// What naive wasted: rows of B are read as vectors, a tile's sums are in registers and
// independent of each other, and the units share the matrices. Nothing is packed: an
// operand is used a few times, and its matrix fits the first-level cache.
//
// Still wasted: a matrix of 4 uses 4 of 16 lanes, and loops, masks and a call through a
// table cost as much as its 64 multiply-adds. Step 3 is unrolled.cc.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/batched_matmul/implementations.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/batched_matmul/tiled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/batched_matmul/one_matrix-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::batched_matmul {
namespace HWY_NAMESPACE {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split] = context.constants_as<Parts>();
  const Matrices x = matrices_of(context);
  for (std::int64_t t = split.begin(context.group.x);
       t < split.end(context.group.x, p.count); ++t) {
    multiply_one(p, x.a + begin_of_a(p, t), x.b + begin_of_b(p, t),
                 x.c + t * p.stride_c);
  }
}

}  // namespace

HostKernel tiled_kernel_of_target() noexcept;
HostKernel tiled_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::batched_matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::batched_matmul {

std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_of(p, context.device->caps().compute_units);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"batched_matmul.tiled",
                                ASSAY_CALL_FOR_ISA(isa, tiled_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts)},
      accesses_of(problem), Parts{p, split});
}

}  // namespace assay::batched_matmul
#endif
