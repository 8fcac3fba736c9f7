// SPDX-License-Identifier: MIT
// Step 2: tiles of as many rows as a vector has elements, turned in registers.
//
// What naive wasted: a tile writes whole vectors, with 512 bits a cache line each, and
// reads its rows while they are in cache. It has two ways of reading: four columns at a
// time, in blocks that the loads put in their places, half of the shuffles, and where
// rows begin anywhere few loads that cross a line (in cache on a Zen 5, of whole lines
// and of blocks: 256x256 5.0 and 4.2 us, 250x250 4.8 and 4.6, 1000x1000 87 and 77, with
// the addresses of whole lines in memory, tile-inl.h); and whole lines, read once, so
// that it does not matter which set of a cache the rows of a power-of-two matrix fall
// into (2048x2048: 1.12 ms, and 1.28 of blocks). What is left at the ends is moved in
// smaller tiles, and of three rows or columns there are none (narrow-inl.h).
//
// In cache the distance between rows decides how many are walked along together, and
// whether blocks of B are put together in a buffer and written line by line: strides.h
// has the rules and their figures.
//
// Beyond the last cache two things count. No hardware foresees the next line of a row
// when each row is on a page of its own: the next block is fetched beside the writing
// of this one, so that memory is read and written at once. And lines of B that are
// written whole go past the cache, unread; where its rows begin anywhere, they are put
// together in the buffer (far_blocks.h, buffer-inl.h). The turning itself costs nothing
// there: copied in the same order, 4096x4096 took as long.
//
// Lost, of memcpy's time at 4097x4097 on a Zen 5, with blocks fetched beside turning:
// stores across lines 2.0 to 3.5, the buffer with 128x64 of A 1.65 and of 64x64 1.9,
// against 1.45.
// In cache, on a Zen 4: lines of B completed in registers, by turning each vector to
// its line and keeping the rest of the one before (0.5 to 0.9 of the speed of storing
// across lines), and fetching lines of A or B ahead (0.8 to 0.95 of it).
//
// Still wasted: what goes through the buffer passes through the first-level cache twice
// more.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/common/cache_info.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"
#include "kernels/transpose/far_blocks.h"
#include "kernels/transpose/implementations.h"
#include "kernels/transpose/strides.h"
#include "kernels/transpose/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/transpose/tiled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/transpose/blocks-inl.h"
#include "kernels/transpose/buffer-inl.h"
#include "kernels/transpose/narrow-inl.h"

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
  auto* const buffer = reinterpret_cast<float*>(context.local.data());
  if (p.n <= kNarrow && p.lda == p.n && end - begin == p.n) {
    return turn_few_columns(x, p.m, p.n);
  }
  if (p.m <= kNarrow && p.ldb == p.m) return turn_few_rows(x, p.m, begin, end);
  const bool aligned = p.ldb % kLine == 0 && elements_into_line(x.b) == 0;
  switch (way_of(p.m, p.lda, p.ldb, streams, aligned)) {
    case Way::lines_past_cache:
      return turn_past_cache(x, p.m, begin, end);
    case Way::far_buffer:
      return turn_through_buffer<true, true, kFarRows, kFarCols>(x, p.m, begin, end,
                                                                 buffer);
    case Way::colliding_far_buffer:
      return turn_through_buffer<true, false, kCollidingRows, kCollidingCols>(
          x, p.m, begin, end, buffer);
    case Way::near_buffer:
      return turn_through_buffer<false, false, kNearRows, kNearCols>(x, p.m, begin, end,
                                                                     buffer);
    case Way::lines:
      return turn<true>(x, p.m, begin, end, kManyRows);
    case Way::blocks:
      if (kTile < kLine && p.m * p.n <= kSmall) {
        return turn<true>(x, p.m, begin, end, kLine);
      }
      return turn<false>(x, p.m, begin, end, rows_walked_along(p.lda, p.ldb));
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

namespace {

// Of OpenBLAS's speed in cache and past it: 1300x1300 1.21 and 0.71, 1376x1376 1.3 and
// 1.2, 1440x1440 1.0 and 2.2, 1500x1500 1.2 and 1.3, 1952x1952 1.0 and 2.7.
bool is_far(const Problem& problem) {
  return comes_from_memory(problem.compulsory_bytes());
}

}  // namespace

HostKernel tiled_kernel(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, tiled_kernel_of_target);
}

std::unique_ptr<Prepared> tiled_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Split split = split_of(p, context.device->caps().compute_units);
  const bool streams = is_far(problem);
  // Where a buffer begins at a line, as all that are allocated do.
  const Way way = way_of(p.m, p.lda, p.ldb, streams, p.ldb % kLine == 0);
  const Isa isa =
      suits_half_vectors(way, p.lda, p.ldb) ? streaming_isa(false) : selected_isa();
  const bool buffer = streams || way == Way::near_buffer;
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"transpose.tiled",
                                tiled_kernel(isa),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no"),
                                buffer ? kBufferBytes : 0},
      accesses_of(problem), Parts{p, split, streams});
}

}  // namespace assay::transpose
#endif
