// SPDX-License-Identifier: MIT
// Step 2: tiles of as many rows as a vector has elements, turned in registers.
//
// What naive wasted: a tile writes whole vectors, with 512 bits a cache line each, and
// reads its rows while they are in cache. It has two ways of reading: four columns at a
// time, in blocks that the loads put in their places, half of the shuffles, and where
// rows begin anywhere few loads that cross a line (in cache on a Zen 5, of whole lines
// and of blocks: 256x256 5.0 and 4.2 us, 250x250 4.8 and 4.6, 1000x1000 87 and 77); and
// whole lines, read once, so that it does not matter which set of a cache the rows of a
// power-of-two matrix fall into (2048x2048: 1.12 ms, and 1.28 of blocks). What is left
// at the ends is moved in smaller tiles.
//
// Beyond the last cache two things count. No hardware foresees the next line of a row
// when each row is on a page of its own: the block after the one that is turned is
// fetched beside it, a row with each tile or a part of one. And lines of B that are
// written whole go past the cache, unread; where its rows begin anywhere, they are put
// together in a buffer (far_blocks.h, blocks-inl.h). The turning itself costs nothing
// there: copied in the same order, 4096x4096 took as long.
//
// Lost, of memcpy's time at 4097x4097: stores across lines with blocks fetched 2.0 to
// 3.5, the buffer with 128x64 of A 1.65 and of 64x64 1.9, against 1.45.
//
// Still wasted: rows of B that begin anywhere are stored across two lines each in
// cache, where that shows once the second-level one is too small (1023x1023: 1.7 times
// the time of OpenBLAS), and beyond it pass through the first-level cache twice more.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/transpose/implementations.h"
#include "kernels/transpose/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/transpose/tiled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/transpose/blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {
namespace {

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split, streams] = context.constants_as<Parts>();
  const Matrices x = {context.bindings[kA].as<const float>(), p.lda,
                      context.bindings[kB].as<float>(), p.ldb};
  const std::int64_t begin = split.begin(context.group.x);
  const std::int64_t end = split.end(context.group.x, p.n);
  // Lines of B begin where its rows do.
  const bool aligned = p.ldb % kLine == 0 && elements_into_line(x.b) == 0;
  if (streams && aligned) {
    turn_past_cache(x, p.m, begin, end);
  } else if (streams && p.m >= 2 * kFarRows) {
    // Of shorter rows of B too few lines are whole.
    turn_through_buffer(x, p.m, begin, end,
                        reinterpret_cast<float*>(context.local.data()));
  } else if (streams || p.lda % kRowsOfOneSet == 0) {
    turn<true>(x, p.m, begin, end);
  } else {
    turn<false>(x, p.m, begin, end);
  }
}

}  // namespace

HostKernel tiled_kernel_of_target() noexcept;
HostKernel tiled_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::transpose
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::transpose {

HostKernel tiled_kernel(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, tiled_kernel_of_target);
}

std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_of(p, context.device->caps().compute_units);
  const bool streams = beyond_cache(problem);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"transpose.tiled",
                                tiled_kernel(isa),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no"),
                                streams ? kBufferBytes : 0},
      accesses_of(problem), Parts{p, split, streams});
}

}  // namespace assay::transpose
#endif
