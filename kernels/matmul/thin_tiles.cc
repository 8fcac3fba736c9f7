// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/thin_tiles.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/thin_tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/common/tail-inl.h"
#include "kernels/matmul/few_rows-inl.h"
#include "kernels/matmul/narrow_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::load_tail;
using assay::HWY_NAMESPACE::store_tail;

// C = alpha * sum + beta * C, or without a C to read.
HWY_INLINE void put(const DirectArgs& args, V sum, float* to) {
  const D d;
  V result = hn::Mul(hn::Set(d, args.alpha), sum);
  if (args.beta != 0.0F) {
    const V old = hn::Mul(hn::Set(d, args.beta), hn::LoadU(d, to));
    result = hn::MulAdd(hn::Set(d, args.alpha), sum, old);
  }
  hn::StoreU(result, d, to);
}
HWY_INLINE void put_tail(const DirectArgs& args, V sum, float* to, std::int64_t count) {
  const D d;
  V result = hn::Mul(hn::Set(d, args.alpha), sum);
  if (args.beta != 0.0F) {
    const V old = hn::Mul(hn::Set(d, args.beta), load_tail(d, to, count, 0.0F));
    result = hn::MulAdd(hn::Set(d, args.alpha), sum, old);
  }
  store_tail(result, d, to, count);
}
HWY_INLINE void put_one(const DirectArgs& args, float sum, float* to) {
  *to = args.alpha * sum + (args.beta == 0.0F ? 0.0F : args.beta * *to);
}

// Between two rows of sums: what keeps a piece of the columns in a cache, and no
// multiple of 4 KiB, which would put them all into one set of the first one. With hints
// the second cache is large, and longer runs have fewer beginnings: 4096 columns in two
// pieces lost most of what asking gains for one and two rows.
std::int64_t sums_stride(std::int64_t rows, Distance distance) noexcept {
  const bool few = rows <= static_cast<std::int64_t>(kMostOfRuns);
  const std::int64_t most = few ? distance == Distance::far_hinted ? 8192 : 4096 : 2048;
  return std::min(kFewRowsSums / rows, most) / kLine * kLine - kLine;
}

// Every whole vector of columns, in pieces whose sums stay in a cache.
template <class Row>
std::int64_t whole_vectors(const DirectArgs& args, const typename Row::Element* b,
                           Distance distance, float* sums) noexcept {
  const D d;
  const std::int64_t stride = sums_stride(args.rows, distance);
  // Strips of every width that there is (1 to 6 vectors, and 10) fill it.
  constexpr std::int64_t kUnit = 60 * kLanes;
  const std::int64_t piece = stride / kUnit * kUnit;
  const std::int64_t whole = args.cols / kLanes * kLanes;
  for (std::int64_t col = 0; col < whole; col += piece) {
    const std::int64_t cols = std::min(piece, whole - col);
    for (std::int64_t i = 0; i < args.rows; ++i) {
      std::fill_n(sums + i * stride, cols, 0.0F);
    }
    add_terms<Row>(
        {args.a, args.a_row, args.a_step, b + col, args.ldb, args.depth, sums, stride},
        args.rows, cols, distance);
    for (std::int64_t i = 0; i < args.rows; ++i) {
      const float* const from = sums + i * stride;
      float* const to = args.c + i * args.ldc + col;
      for (std::int64_t j = 0; j < cols; j += kLanes) {
        put(args, hn::Load(d, from + j), to + j);
      }
    }
  }
  return whole;
}

std::int64_t few_rows(const DirectArgs& args, Distance distance, float* sums) noexcept {
  std::int64_t done = 0;
  for_parts_of_sum(args, [&](const DirectArgs& part, std::int64_t first) {
    const float* const b = first > 0 ? args.b + first * args.ldb : args.b;
    done = whole_vectors<FloatRow>(part, b, distance, sums);
  });
  return done;
}

// The last columns of a 16-bit B, fewer than a vector has lanes.
template <class Row>
void last_columns(const DirectArgs& args, const std::uint16_t* b, std::int64_t col) {
  const D d;
  const std::int64_t left = args.cols - col;  // of all columns: only the last end so
  for (std::int64_t i = 0; i < args.rows; ++i) {
    V sum = hn::Zero(d);
    for (std::int64_t l = 0; l < args.depth; ++l) {
      const V scalar = hn::Set(d, args.a[i * args.a_row + l * args.a_step]);
      sum = hn::MulAdd(scalar, Row::load_some(d, b + l * args.ldb + col, left), sum);
    }
    put_tail(args, sum, args.c + i * args.ldc + col, left);
  }
}

template <class Row>
void narrow_rows(const DirectArgs& args, const std::uint16_t* b, Distance distance,
                 float* sums) noexcept {
  for_parts_of_sum(args, [&](const DirectArgs& part, std::int64_t first) {
    const std::uint16_t* const of_part = first > 0 ? b + first * args.ldb : b;
    const std::int64_t done = whole_vectors<Row>(part, of_part, distance, sums);
    if (done < args.cols) last_columns<Row>(part, of_part, done);
  });
}

// Rows of B that are read side by side: enough multiply-adds in flight, and few enough
// streams for the prefetchers.
constexpr std::size_t kSideBySide = 4;

template <std::size_t... kRow>
HWY_INLINE void dots_of(std::index_sequence<kRow...> /*rows*/, const DirectArgs& args,
                        std::int64_t col) {
  const D d;
  V even[] = {((void)kRow, hn::Zero(d))...};
  V odd[] = {((void)kRow, hn::Zero(d))...};
  const float* const b = args.b + col * args.ldb;
  const auto at = [&](std::size_t row, std::int64_t l) ASSAY_INLINE_LAMBDA {
    return b + static_cast<std::int64_t>(row) * args.ldb + l;
  };
  // At the end of these rows, the beginning of the next ones.
  constexpr std::int64_t kAheadOfDot = 512;
  const std::int64_t ahead = std::min(kAheadOfDot, args.depth);
  const auto rows = static_cast<std::int64_t>(sizeof...(kRow));
  const std::int64_t onward = col + 2 * rows <= args.cols ? rows * args.ldb : 0;
  std::int64_t l = 0;
  for (; l + 2 * kLanes <= args.depth; l += 2 * kLanes) {
    const bool here = l + ahead < args.depth;
    const std::int64_t next = here ? l + ahead : onward + l + ahead - args.depth;
    (__builtin_prefetch(at(kRow, next)), ...);
    (__builtin_prefetch(at(kRow, next + kLanes)), ...);
    const V a0 = hn::LoadU(d, args.a + l);
    const V a1 = hn::LoadU(d, args.a + l + kLanes);
    ((even[kRow] = hn::MulAdd(a0, hn::LoadU(d, at(kRow, l)), even[kRow])), ...);
    ((odd[kRow] = hn::MulAdd(a1, hn::LoadU(d, at(kRow, l + kLanes)), odd[kRow])), ...);
  }
  for (; l < args.depth; l += kLanes) {
    const std::int64_t left = args.depth - l;
    if (left >= kLanes) {
      const V a0 = hn::LoadU(d, args.a + l);
      ((even[kRow] = hn::MulAdd(a0, hn::LoadU(d, at(kRow, l)), even[kRow])), ...);
    } else {
      const V a0 = load_tail(d, args.a + l, left, 0.0F);
      ((odd[kRow] = hn::MulAdd(a0, load_tail(d, at(kRow, l), left, 0.0F), odd[kRow])),
       ...);
    }
  }
  (put_one(args, hn::GetLane(hn::SumOfLanes(d, hn::Add(even[kRow], odd[kRow]))),
           args.c + col + static_cast<std::int64_t>(kRow)),
   ...);
}

void dots(const DirectArgs& args) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kSideBySide);
  std::int64_t col = 0;
  for (; col + kStep <= args.cols; col += kStep) {
    dots_of(std::make_index_sequence<kSideBySide>(), args, col);
  }
  for (; col < args.cols; ++col) dots_of(std::index_sequence<0>(), args, col);
}

// One row of C. `store(vector, to)` for whole vectors without an old C.
template <std::size_t... kStep, class Store>
HWY_INLINE void shallow_row(std::index_sequence<kStep...> /*steps*/,
                            const DirectArgs& args, std::int64_t row,
                            const Store& store) {
  const D d;
  const float* const a = args.a + row * args.a_row;
  const V scalars[] = {
      hn::Set(d, a[static_cast<std::int64_t>(kStep) * args.a_step])...};
  float* const c = args.c + row * args.ldc;
  std::int64_t col = 0;
  for (; col + kLanes <= args.cols; col += kLanes) {
    V sum = hn::Zero(d);
    ((sum = hn::MulAdd(
          scalars[kStep],
          hn::LoadU(d, args.b + static_cast<std::int64_t>(kStep) * args.ldb + col),
          sum)),
     ...);
    store(sum, c + col);
  }
  if (const std::int64_t left = args.cols - col; left > 0) {
    V sum = hn::Zero(d);
    ((sum = hn::MulAdd(
          scalars[kStep],
          load_tail(d, args.b + static_cast<std::int64_t>(kStep) * args.ldb + col, left,
                    0.0F),
          sum)),
     ...);
    put_tail(args, sum, c + col, left);
  }
}

template <std::size_t kSteps>
void shallow_of(const DirectArgs& args, bool bypass) noexcept {
  const D d;
  constexpr std::make_index_sequence<kSteps> kAll;
  constexpr auto kBytes = static_cast<std::uintptr_t>(kLanes) * sizeof(float);
  const bool aligned =
      reinterpret_cast<std::uintptr_t>(args.c) % kBytes == 0 && args.ldc % kLanes == 0;
  const bool streams = bypass && aligned && args.beta == 0.0F;
  const V scale = hn::Set(d, args.alpha);
  for (std::int64_t row = 0; row < args.rows; ++row) {
    if (streams) {
      shallow_row(kAll, args, row, [&](V sum, float* to) ASSAY_INLINE_LAMBDA {
        hn::Stream(hn::Mul(scale, sum), d, to);
      });
    } else {
      shallow_row(kAll, args, row,
                  [&](V sum, float* to) ASSAY_INLINE_LAMBDA { put(args, sum, to); });
    }
  }
  // Before anyone is told that C is there.
  if (streams) hwy::FlushStream();
}

void shallow(const DirectArgs& args, bool bypass) noexcept {
  using Steps = void (*)(const DirectArgs&, bool) noexcept;
  constexpr Steps kOf[] = {shallow_of<1>, shallow_of<2>, shallow_of<3>, shallow_of<4>};
  static_assert(std::size(kOf) == kFewSteps);
  kOf[args.depth - 1](args, bypass);
}

}  // namespace

const ThinTiles& thin_tiles_of_target() noexcept;
const ThinTiles& thin_tiles_of_target() noexcept {
  static constexpr ThinTiles kTiles = {
      .isa = ASSAY_ISA_OF_TARGET,
      .lanes = kLanes,
      .few_rows = few_rows,
      .few_rows_bf16 = narrow_rows<Bf16Row>,
      .few_rows_f16 = narrow_rows<F16Row>,
      .dots = dots,
      .shallow = shallow,
  };
  return kTiles;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const ThinTiles& thin_tiles(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, thin_tiles_of_target);
}

}  // namespace assay::matmul
#endif
