// SPDX-License-Identifier: MIT
// Step 2: tiles of as many rows as a vector has elements, turned in registers.
//
// What naive wasted: a tile reads whole vectors and writes whole vectors; with 512 bits
// each is one cache line, read once and written once, so that it does not matter which
// set of a cache the rows of a power-of-two matrix fall into. Beyond the last cache a
// line that is written whole goes past it: its old contents need not be read.
//
// Still wasted: a matrix narrower than a tile moves one by one; each row of a tile is
// on another page, and what the translation of addresses costs stays.
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

#ifndef ASSAY_KERNELS_TRANSPOSE_TILED_BLOCK_
#define ASSAY_KERNELS_TRANSPOSE_TILED_BLOCK_
namespace assay::transpose {
namespace {

// Rows of A that are walked along together.
constexpr std::int64_t kBlockRows = 64;

}  // namespace
}  // namespace assay::transpose
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

struct Matrices {
  const float* a;
  std::int64_t lda;
  float* b;
  std::int64_t ldb;
};

// Rows [i, i + rows) and columns [j, j + cols) of A, one by one.
void edge(const Matrices& x, std::int64_t i, std::int64_t rows, std::int64_t j,
          std::int64_t cols) noexcept {
  for (std::int64_t c = j; c < j + cols; ++c) {
    for (std::int64_t r = i; r < i + rows; ++r) x.b[c * x.ldb + r] = x.a[r * x.lda + c];
  }
}

#if HWY_TARGET == HWY_SCALAR
constexpr std::int64_t kTile = 1;

template <bool kStreams>
HWY_INLINE void turn_tile(const Matrices& x, std::int64_t i, std::int64_t j) {
  edge(x, i, 1, j, 1);
}
#else
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr std::int64_t kTile = hn::MaxLanes(D());

// v[k] of four rows: afterwards lanes 4 b .. 4 b + 3 of v[k] are column 4 b + k.
HWY_INLINE void turn_blocks_of_four(V* v) {
  const D d;
  const hn::Repartition<double, D> wide;
  const auto low = [&](V a, V b) HWY_ATTR {
    return hn::BitCast(
        d, hn::InterleaveLower(wide, hn::BitCast(wide, a), hn::BitCast(wide, b)));
  };
  const auto high = [&](V a, V b) HWY_ATTR {
    return hn::BitCast(
        d, hn::InterleaveUpper(wide, hn::BitCast(wide, a), hn::BitCast(wide, b)));
  };
  const V a = hn::InterleaveLower(d, v[0], v[1]);
  const V b = hn::InterleaveUpper(d, v[0], v[1]);
  const V c = hn::InterleaveLower(d, v[2], v[3]);
  const V e = hn::InterleaveUpper(d, v[2], v[3]);
  v[0] = low(a, c);
  v[1] = high(a, c);
  v[2] = low(b, e);
  v[3] = high(b, e);
}

// Gives store(column, vector) the columns 4 b + k, b = 0, 1, ..., of the tile.
template <class Store>
HWY_INLINE void gather_columns(const V* v, std::int64_t k, const Store& store) {
#if HWY_TARGET == HWY_AVX3
  const D d;
  const auto even = [](V p, V q) HWY_ATTR {
    return hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q), p);
  };
  const auto odd = [](V p, V q) HWY_ATTR {
    return hn::OddEvenBlocks(q, hn::SwapAdjacentBlocks(p));
  };
  const V even_low = even(v[k], v[4 + k]);
  const V even_high = even(v[8 + k], v[12 + k]);
  const V odd_low = odd(v[k], v[4 + k]);
  const V odd_high = odd(v[8 + k], v[12 + k]);
  store(k, hn::ConcatLowerLower(d, even_high, even_low));
  store(4 + k, hn::ConcatLowerLower(d, odd_high, odd_low));
  store(8 + k, hn::ConcatUpperUpper(d, even_high, even_low));
  store(12 + k, hn::ConcatUpperUpper(d, odd_high, odd_low));
#elif HWY_TARGET == HWY_AVX2
  const D d;
  store(k, hn::ConcatLowerLower(d, v[4 + k], v[k]));
  store(4 + k, hn::ConcatUpperUpper(d, v[4 + k], v[k]));
#else
  static_assert(kTile == 4, "blocks of four are the tile");
  store(k, v[k]);
#endif
}

template <bool kStreams>
HWY_INLINE void turn_tile(const Matrices& x, std::int64_t i, std::int64_t j) {
  const D d;
  V v[kTile];
  for (std::int64_t r = 0; r < kTile; ++r) {
    v[r] = hn::LoadU(d, x.a + (i + r) * x.lda + j);
  }
  for (std::int64_t r = 0; r < kTile; r += 4) turn_blocks_of_four(v + r);
  const auto store = [&](std::int64_t column, V vector) HWY_ATTR {
    float* const to = x.b + (j + column) * x.ldb + i;
    if (kStreams) {
      hn::Stream(vector, d, to);
    } else {
      hn::StoreU(vector, d, to);
    }
  };
  for (std::int64_t k = 0; k < 4; ++k) gather_columns(v, k, store);
}
#endif

std::int64_t at_most(std::int64_t value, std::int64_t limit) noexcept {
  return value < limit ? value : limit;
}

// Rows [block, block + rows) of the tile's columns from j on. What is left of the rows
// is a whole tile moved back to end with them: it writes some elements a second time,
// the same ones, where one by one 250x250 took half again as long as OpenBLAS.
template <bool kStreams>
HWY_INLINE void turn_strip(const Matrices& x, std::int64_t m, std::int64_t block,
                           std::int64_t rows, std::int64_t j) {
  const std::int64_t whole = rows / kTile * kTile;
  for (std::int64_t i = block; i < block + whole; i += kTile) {
    turn_tile<kStreams>(x, i, j);
  }
  if (whole == rows) return;
  if (m >= kTile) {
    turn_tile<false>(x, m - kTile, j);
  } else {
    edge(x, block + whole, rows - whole, j, kTile);
  }
}

template <bool kStreams>
void turn(const Matrices& x, std::int64_t m, std::int64_t begin,
          std::int64_t end) noexcept {
  for (std::int64_t block = 0; block < m; block += kBlockRows) {
    const std::int64_t rows = at_most(kBlockRows, m - block);
    std::int64_t j = begin;
    for (; j + kTile <= end; j += kTile) turn_strip<kStreams>(x, m, block, rows, j);
    if (j == end) continue;
    // The same with what is left of the columns, inside of this group's.
    if (end - begin >= kTile) {
      turn_strip<false>(x, m, block, rows, end - kTile);
    } else {
      edge(x, block, rows, j, end - j);
    }
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads B.
  if (kStreams) hwy::FlushStream();
}

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
