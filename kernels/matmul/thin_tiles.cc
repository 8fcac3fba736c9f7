// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/thin_tiles.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/thin_tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/common/tail-inl.h"
#include "kernels/matmul/narrow_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::load_tail;
using assay::HWY_NAMESPACE::store_tail;

#if HWY_TARGET == HWY_AVX3
using D = hn::CappedTag<float, 16>;
constexpr std::size_t kRegisters = 32;
#elif HWY_TARGET == HWY_AVX2
using D = hn::CappedTag<float, 8>;
constexpr std::size_t kRegisters = 16;
#elif HWY_TARGET == HWY_EMU128
// A vector of four that is emulated by loops takes four registers; wider strips only
// took a minute to compile with sanitizers.
using D = hn::CappedTag<float, 4>;
constexpr std::size_t kRegisters = 4;
#else
using D = hn::CappedTag<float, 4>;
constexpr std::size_t kRegisters = 16;
#endif
using V = hn::Vec<D>;
constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));

// The widest strip of `rows` rows: rows * width sums, a row of B, a broadcast and,
// where multiply and add are separate, a product. One row needs no register for B.
constexpr std::size_t width_of(std::size_t rows) {
  if (rows == 1) return kRegisters / 2;
  return std::max<std::size_t>((kRegisters - 2) / (rows + 1), 1);
}

// How far ahead of the multiply-adds B is asked for, in bytes: the rows of a strip lie
// a whole row of B apart, and the prefetchers of the hardware do not follow.
constexpr std::int64_t kAhead = 8192;

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

// As Bf16Row and F16Row.
struct FloatRow {
  using Element = float;
  static HWY_INLINE V load(D d, const float* from) { return hn::LoadU(d, from); }
};

// sizeof...(kRow) rows of sizeof...(kVector) vectors at column `col` of `all_b`.
template <class Row, std::size_t... kRow, std::size_t... kVector>
HWY_INLINE void strip(std::index_sequence<kRow...> /*rows*/,
                      std::index_sequence<kVector...> /*vectors*/,
                      const DirectArgs& args, const typename Row::Element* all_b,
                      std::int64_t col, [[maybe_unused]] std::int64_t ahead) {
  const D d;
  using Element = typename Row::Element;
  constexpr std::size_t kWidth = sizeof...(kVector);
  struct Line {
    V of[kWidth];
  };
  // The fold expressions unroll by construction.
  Line lines[] = {((void)kRow, Line{{((void)kVector, hn::Zero(d))...}})...};
  const float* a = args.a;
  const Element* b = all_b + col;
  // Of 16 bits what comes next is elsewhere: narrow_block().
  constexpr auto kBytes = static_cast<std::int64_t>(sizeof(Element));
  const std::int64_t steps_ahead = std::max<std::int64_t>(
      kAhead / (static_cast<std::int64_t>(kWidth) * kLanes * 4), 4);
  for (std::int64_t l = args.depth; l > 0; --l) {
    const Element* const next =
        kBytes == 2 ? b + ahead : b + std::min(l - 1, steps_ahead) * args.ldb;
    (__builtin_prefetch(next + static_cast<std::int64_t>(kVector) * kLanes), ...);
    const V row_of_b[] = {
        Row::load(d, b + static_cast<std::int64_t>(kVector) * kLanes)...};
    const auto step = [&](float scalar, Line& line) ASSAY_INLINE_LAMBDA {
      const V broadcast = hn::Set(d, scalar);
      ((line.of[kVector] = hn::MulAdd(broadcast, row_of_b[kVector], line.of[kVector])),
       ...);
    };
    (step(a[static_cast<std::int64_t>(kRow) * args.a_row], lines[kRow]), ...);
    a += args.a_step;
    b += args.ldb;
  }
  const auto finish = [&](const Line& line, float* to) ASSAY_INLINE_LAMBDA {
    (put(args, line.of[kVector], to + static_cast<std::int64_t>(kVector) * kLanes),
     ...);
  };
  (finish(lines[kRow], args.c + static_cast<std::int64_t>(kRow) * args.ldc + col), ...);
}

template <class Row, std::size_t kRows, std::size_t kWidth>
void strip_of(const DirectArgs& args, const typename Row::Element* b, std::int64_t col,
              std::int64_t ahead) noexcept {
  strip<Row>(std::make_index_sequence<kRows>(), std::make_index_sequence<kWidth>(),
             args, b, col, ahead);
}

// The widest strips that fit, then those of half the width.
template <std::size_t kRows>
std::int64_t rows_of(const DirectArgs& args) noexcept {
  constexpr std::size_t kWidth = width_of(kRows);
  constexpr std::size_t kHalf = (kWidth + 1) / 2;
  std::int64_t col = 0;
  const auto strips = [&](auto function, std::size_t width) {
    const std::int64_t cols = static_cast<std::int64_t>(width) * kLanes;
    for (; args.cols - col >= cols; col += cols) function(args, args.b, col, 0);
  };
  strips(strip_of<FloatRow, kRows, kWidth>, kWidth);
  strips(strip_of<FloatRow, kRows, kHalf>, kHalf);
  return col;
}

std::int64_t few_rows(const DirectArgs& args) noexcept {
  using Rows = std::int64_t (*)(const DirectArgs&) noexcept;
  constexpr Rows kOf[] = {rows_of<1>, rows_of<2>, rows_of<3>, rows_of<4>,
                          rows_of<5>, rows_of<6>, rows_of<7>, rows_of<8>};
  static_assert(std::size(kOf) == kFewRows);
  return kOf[args.rows - 1](args);
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

// Steps of the sum, and columns, that strips of a 16-bit B go over before the next.
// Eight rows leave registers for 96 bytes of a row of B; strip after strip along the
// whole sum touched a page of memory for every 96 bytes, and ran at 0.6 of the
// bandwidth that four rows had. In blocks the pages stay known, and rows are read in
// pieces of 2 KiB.
constexpr std::int64_t kBlockSteps = 32;
constexpr std::int64_t kBlockCols = 1024;

// Columns begin .. end of one block of steps: the widest strips that fit, vectors and,
// where these are the last ones, what is left. Each asks for the lines of the next
// strip.
template <class Row, std::size_t kRows>
void narrow_block(const DirectArgs& args, const std::uint16_t* b, std::int64_t begin,
                  std::int64_t end) noexcept {
  constexpr std::size_t kWidth = width_of(kRows);
  constexpr auto kCols = static_cast<std::int64_t>(kWidth) * kLanes;
  std::int64_t col = begin;
  for (; end - col >= kCols; col += kCols) {
    // After the last one, the next block's first.
    const bool more = end - col >= 2 * kCols;
    const std::int64_t ahead = more ? kCols : kBlockSteps * args.ldb + begin - col;
    strip_of<Row, kRows, kWidth>(args, b, col, args.depth == kBlockSteps ? ahead : 0);
  }
  for (; end - col >= kLanes; col += kLanes) {
    strip_of<Row, kRows, 1>(args, b, col, 0);
  }
  if (col < end) last_columns<Row>(args, b, col);
}

template <class Row, std::size_t kRows>
void narrow_rows_of(const DirectArgs& args, const std::uint16_t* b) noexcept {
  constexpr auto kCols = static_cast<std::int64_t>(width_of(kRows)) * kLanes;
  constexpr std::int64_t kPiece = std::max(kBlockCols / kCols, std::int64_t{1}) * kCols;
  for (std::int64_t col = 0; col < args.cols; col += kPiece) {
    const std::int64_t end = std::min(col + kPiece, args.cols);
    for (std::int64_t l = 0; l < args.depth; l += kBlockSteps) {
      DirectArgs block = args;
      block.a += l * args.a_step;
      block.depth = std::min(kBlockSteps, args.depth - l);
      if (l > 0) block.beta = 1.0F;
      narrow_block<Row, kRows>(block, b + l * args.ldb, col, end);
    }
  }
}

template <class Row>
void narrow_rows(const DirectArgs& args, const std::uint16_t* b) noexcept {
  using Rows = void (*)(const DirectArgs&, const std::uint16_t*) noexcept;
  // A constant, though of a dependent type to the check of names.
  // NOLINTNEXTLINE(readability-identifier-naming)
  constexpr Rows kOf[] = {narrow_rows_of<Row, 1>, narrow_rows_of<Row, 2>,
                          narrow_rows_of<Row, 3>, narrow_rows_of<Row, 4>,
                          narrow_rows_of<Row, 5>, narrow_rows_of<Row, 6>,
                          narrow_rows_of<Row, 7>, narrow_rows_of<Row, 8>};
  static_assert(std::size(kOf) == kFewRows);
  kOf[args.rows - 1](args, b);
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
