// SPDX-License-Identifier: MIT
// Step 2: tiles of as many rows as a vector has elements, turned in registers.
//
// What naive wasted: a tile writes whole vectors, with 512 bits a cache line each, and
// reads its rows while they are in cache. It has two ways of reading: four columns at a
// time, in blocks that the loads put in their places, half of the shuffles, and where
// rows begin anywhere few loads that cross a line (in cache on a Zen 5, of whole lines
// and of blocks: 256x256 5.0 and 4.2 us, 250x250 4.8 and 4.6, 1000x1000 87 and 77); and
// whole lines, read once, so that it does not matter which set of a cache the rows of a
// power-of-two matrix fall into (2048x2048: 1.12 ms, and 1.28 of blocks). Beyond the
// last cache a line that is written whole goes past it: its old contents need not be
// read. What is left at the ends is moved in smaller tiles.
//
// Still wasted: rows of B that begin anywhere are stored across two lines each; each
// row of a tile is on another page, and what the translation of addresses costs stays.
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
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/transpose/tile-inl.h"

#ifndef ASSAY_KERNELS_TRANSPOSE_TILED_BLOCK_
#define ASSAY_KERNELS_TRANSPOSE_TILED_BLOCK_
namespace assay::transpose {
namespace {

// Rows of A that are walked along together.
constexpr std::int64_t kBlockRows = 64;
// Rows as many elements apart, 2 KiB, share two sets of the first-level cache: more of
// them than it keeps until the next four columns are read.
constexpr std::int64_t kRowsOfOneSet = 512;

}  // namespace
}  // namespace assay::transpose
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {
namespace {

// Rows [i, i + rows) and columns [j, j + cols) of A, one by one.
void edge(Matrices x, std::int64_t i, std::int64_t rows, std::int64_t j,
          std::int64_t cols) noexcept {
  for (std::int64_t c = j; c < j + cols; ++c) {
    for (std::int64_t r = i; r < i + rows; ++r) x.b[c * x.ldb + r] = x.a[r * x.lda + c];
  }
}

#if HWY_TARGET == HWY_SCALAR
template <bool kStreams, bool kLines>
void turn(Matrices x, std::int64_t m, std::int64_t begin, std::int64_t end) noexcept {
  edge(x, 0, m, begin, end - begin);
}
constexpr std::int64_t kTile = 1;
#else
// Rows [i, m), fewer than a tile has, of 4 kQuads columns from j on. The smallest tile
// that holds what is left is moved back to end with it: it writes some elements a
// second time, the same ones, where one by one 250x250 took half again as long as
// OpenBLAS.
template <int kQuads>
HWY_INLINE void turn_rest(Matrices x, std::int64_t i, std::int64_t m, std::int64_t j) {
  if constexpr (kTile >= 16) {
    if (m - i > 8 && m >= 16) return turn_quads<16, kQuads>(x, m - 16, j);
  }
  if constexpr (kTile >= 8) {
    for (; m - i > 4 && m >= 8; i += 8) {
      turn_quads<8, kQuads>(x, m - i > 8 ? i : m - 8, j);
    }
  }
  if (m < 4) return edge(x, i, m - i, j, 4 * kQuads);
  for (; i < m; i += 4) turn_quads<4, kQuads>(x, m - i > 4 ? i : m - 4, j);
}

// Rows [block, last) of 4 kQuads columns from j on.
template <bool kStreams, bool kLines, int kQuads>
HWY_INLINE void turn_strip(Matrices x, std::int64_t block, std::int64_t last,
                           std::int64_t m, std::int64_t j) {
  std::int64_t i = block;
  for (; i + kTile <= last; i += kTile) {
    if constexpr (kLines && 4 * kQuads == kTile) {
      turn_lines<kStreams>(x, i, j);
    } else {
      turn_quads<kTile, kQuads>(x, i, j);
    }
  }
  // Blocks are whole tiles but for the last one.
  if (i < last) turn_rest<kQuads>(x, i, m, j);
}

template <bool kStreams, bool kLines>
void turn(Matrices x, std::int64_t m, std::int64_t begin, std::int64_t end) noexcept {
  for (std::int64_t block = 0; block < m; block += kBlockRows) {
    const std::int64_t last = block + kBlockRows < m ? block + kBlockRows : m;
    std::int64_t j = begin;
    for (; j + kTile <= end; j += kTile) {
      turn_strip<kStreams, kLines, kTile / 4>(x, block, last, m, j);
    }
    // What is left of the columns, inside of this group's.
    for (; j < end && end - begin >= 4; j += 4) {
      turn_strip<false, false, 1>(x, block, last, m, end - j > 4 ? j : end - 4);
    }
    if (j < end) edge(x, block, last - block, j, end - j);
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads B.
  if (kStreams) hwy::FlushStream();
}
#endif

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split, streams] = context.constants_as<Parts>();
  const Matrices x = {context.bindings[kA].as<const float>(), p.lda,
                      context.bindings[kB].as<float>(), p.ldb};
  // Vectors of B are aligned when its rows are.
  const bool aligned =
      p.ldb % kTile == 0 &&
      reinterpret_cast<std::uintptr_t>(x.b) % (kTile * sizeof(float)) == 0;
  const std::int64_t begin = split.begin(context.group.x);
  const std::int64_t end = split.end(context.group.x, p.n);
  if (streams && aligned) {
    turn<true, true>(x, p.m, begin, end);
  } else if (streams || p.lda % kRowsOfOneSet == 0) {
    turn<false, true>(x, p.m, begin, end);
  } else {
    turn<false, false>(x, p.m, begin, end);
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
                                ASSAY_CALL_FOR_ISA(isa, tiled_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no")},
      accesses_of(problem), Parts{p, split, streams});
}

}  // namespace assay::transpose
#endif
