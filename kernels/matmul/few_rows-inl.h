// SPDX-License-Identifier: MIT
// The sums of a few rows by a large B, which is read once: the orders in which that is
// done, and what each has. Compiled once for each target by the file that includes it.
#if defined(ASSAY_KERNELS_MATMUL_FEW_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_MATMUL_FEW_ROWS_INL_H_
#undef ASSAY_KERNELS_MATMUL_FEW_ROWS_INL_H_
#else
#define ASSAY_KERNELS_MATMUL_FEW_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/split.h"
#include "kernels/matmul/thin_tiles.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

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
// where multiply and add are separate, a product.
constexpr std::size_t width_of(std::size_t rows) {
  return std::max<std::size_t>((kRegisters - 2) / (rows + 1), 1);
}

// As Bf16Row and F16Row.
struct FloatRow {
  using Element = float;
  static HWY_INLINE V load(D d, const float* from) { return hn::LoadU(d, from); }
};

// Sums of columns that begin at `b`, rows `stride` apart: what terms of `depth` steps
// are added to.
template <class Row>
struct Terms {
  const float* a;
  std::int64_t a_row;
  std::int64_t a_step;
  const typename Row::Element* b;
  std::int64_t ldb;
  std::int64_t depth;
  float* sums;
  std::int64_t stride;

  Terms at(std::int64_t step, std::int64_t col) const {
    Terms there = *this;
    there.a += step * a_step;
    there.b += step * ldb + col;
    there.sums += col;
    return there;
  }
  Terms of_row(std::int64_t row) const {
    Terms there = *this;
    there.a += row * a_row;
    there.sums += row * stride;
    return there;
  }
};

// sizeof...(kRow) rows of sizeof...(kVector) vectors, which stay in registers for all
// steps. Asks for what lies `ahead` of each vector, if anything does.
template <class Row, std::size_t... kRow, std::size_t... kVector>
HWY_INLINE void strip(std::index_sequence<kRow...> /*rows*/,
                      std::index_sequence<kVector...> /*vectors*/, Terms<Row> x,
                      std::int64_t ahead) {
  const D d;
  struct Line {
    V of[sizeof...(kVector)];
  };
  const auto sums_at = [&](std::size_t row, std::size_t vector) ASSAY_INLINE_LAMBDA {
    return x.sums + static_cast<std::int64_t>(row) * x.stride +
           static_cast<std::int64_t>(vector) * kLanes;
  };
  const auto begin = [&](std::size_t row) ASSAY_INLINE_LAMBDA {
    return Line{{hn::Load(d, sums_at(row, kVector))...}};
  };
  // The fold expressions unroll by construction.
  Line lines[] = {begin(kRow)...};
  for (std::int64_t l = x.depth; l > 0; --l) {
    if (ahead != 0) {
      (__builtin_prefetch(x.b + ahead + static_cast<std::int64_t>(kVector) * kLanes),
       ...);
    }
    const V row_of_b[] = {
        Row::load(d, x.b + static_cast<std::int64_t>(kVector) * kLanes)...};
    const auto step = [&](float scalar, Line& line) ASSAY_INLINE_LAMBDA {
      const V broadcast = hn::Set(d, scalar);
      ((line.of[kVector] = hn::MulAdd(broadcast, row_of_b[kVector], line.of[kVector])),
       ...);
    };
    (step(x.a[static_cast<std::int64_t>(kRow) * x.a_row], lines[kRow]), ...);
    x.a += x.a_step;
    x.b += x.ldb;
  }
  const auto finish = [&](const Line& line, std::size_t row) ASSAY_INLINE_LAMBDA {
    (hn::Store(line.of[kVector], d, sums_at(row, kVector)), ...);
  };
  (finish(lines[kRow], kRow), ...);
}

template <class Row, std::size_t kRows, std::size_t kWidth>
void strip_of(const Terms<Row>& x, std::int64_t ahead) noexcept {
  strip<Row>(std::make_index_sequence<kRows>(), std::make_index_sequence<kWidth>(), x,
             ahead);
}

// sizeof...(kRow) rows, sizeof...(kStep) steps: rows of B are read side by side from
// end to end, as the prefetchers of the hardware want it, and sums wait in a cache.
// Asks for what lies `ahead` columns on, if anything does; past the last one that is
// what `onward` leads to.
template <class Row, std::size_t... kRow, std::size_t... kStep>
HWY_INLINE void run(std::index_sequence<kRow...> /*rows*/,
                    std::index_sequence<kStep...> /*steps*/, const Terms<Row>& x,
                    std::int64_t cols, std::int64_t ahead, std::int64_t onward) {
  const D d;
  for (std::int64_t col = 0; col < cols; col += kLanes) {
    const auto at = [&](std::size_t step) ASSAY_INLINE_LAMBDA {
      return x.b + static_cast<std::int64_t>(step) * x.ldb + col;
    };
    if (ahead != 0) {
      const std::int64_t next = col + ahead < cols ? ahead : ahead + onward;
      (__builtin_prefetch(at(kStep) + next), ...);
    }
    const V rows_of_b[] = {Row::load(d, at(kStep))...};
    const auto add = [&](std::size_t row) ASSAY_INLINE_LAMBDA {
      const auto i = static_cast<std::int64_t>(row);
      float* const sums = x.sums + i * x.stride + col;
      V sum = hn::Load(d, sums);
      ((sum = hn::MulAdd(
            hn::Set(d, x.a[i * x.a_row + static_cast<std::int64_t>(kStep) * x.a_step]),
            rows_of_b[kStep], sum)),
       ...);
      hn::Store(sum, d, sums);
    };
    (add(kRow), ...);
  }
}

// All steps and columns, kSideBySide rows of B at a time. With `hints` each run asks
// for what comes 2 KiB later, at its end for the beginning of the next one.
template <class Row, std::size_t kRows>
void runs_of(const Terms<Row>& x, std::int64_t cols, bool hints) noexcept {
  constexpr std::make_index_sequence<kRows> kAllRows;
  constexpr std::size_t kSideBySide = 8;
  constexpr auto kSteps = static_cast<std::int64_t>(kSideBySide);
  constexpr std::int64_t kAhead =
      2048 / static_cast<std::int64_t>(sizeof(typename Row::Element));
  const std::int64_t ahead = hints ? std::min(kAhead, cols) : 0;
  std::int64_t l = 0;
  for (; l + kSteps <= x.depth; l += kSteps) {
    const std::int64_t onward =
        l + 2 * kSteps <= x.depth ? kSteps * x.ldb - cols : -cols;
    run<Row>(kAllRows, std::make_index_sequence<kSideBySide>(), x.at(l, 0), cols, ahead,
             onward);
  }
  for (; l < x.depth; ++l) {
    run<Row>(kAllRows, std::make_index_sequence<1>(), x.at(l, 0), cols, 0, 0);
  }
}

// Rows that are computed in runs: of fewer sums multiply-adds would wait for each other
// in a strip of one vector.
constexpr std::size_t kMostOfRuns = 4;

// Strips of x.depth steps as wide as registers allow, then what is left. Each asks for
// the one `strips_ahead` on, if not 0; `onward`: from the first to the one after the
// last, if not 0.
template <class Row, std::size_t kRows>
void strips_of(const Terms<Row>& x, std::int64_t cols, std::int64_t strips_ahead,
               std::int64_t onward) noexcept {
  constexpr std::size_t kWidth = width_of(kRows);
  constexpr auto kCols = static_cast<std::int64_t>(kWidth) * kLanes;
  const std::int64_t strips = cols / kCols * kCols;
  const std::int64_t ahead = std::min(strips_ahead * kCols, strips);
  std::int64_t col = 0;
  for (; cols - col >= kCols; col += kCols) {
    const bool here = col + ahead < strips;
    const std::int64_t next =
        here ? ahead : (onward == 0 ? 0 : onward + ahead - strips);
    strip_of<Row, kRows, kWidth>(x.at(0, col), next);
  }
  if constexpr (kRows <= kMostOfRuns) {
    runs_of<Row, kRows>(x.at(0, col), cols - col, false);
  } else {
    for (; col < cols; col += kLanes) strip_of<Row, kRows, 1>(x.at(0, col), 0);
  }
}

// Of 1 to kFewRows rows, index: rows - 1.
template <class Row>
struct FewRows {
  void (*runs[kMostOfRuns])(const Terms<Row>& x, std::int64_t cols,
                            bool hints) noexcept;
  void (*strips[kFewRows])(const Terms<Row>& x, std::int64_t cols,
                           std::int64_t strips_ahead, std::int64_t onward) noexcept;
};
template <class Row, std::size_t... kRun, std::size_t... kStrip>
constexpr FewRows<Row> few_rows_table(std::index_sequence<kRun...> /*rows minus 1*/,
                                      std::index_sequence<kStrip...> /*the same*/) {
  return {{runs_of<Row, kRun + 1>...}, {strips_of<Row, kStrip + 1>...}};
}

// The sums of `rows` rows and `cols` columns, all steps. B from a cache is read in
// strips, whose sums need no cache; from memory in runs, for as many rows as leave time
// for it, and for more in blocks of few steps, whose pages stay known, with the next
// strip asked for. More rows than a strip has go over each block one after the other.
//
// GB/s of B in a probe, medians on one unit of a Zen 4 which reads 29 from memory, 90
// from the last cache and 93 from the second one:
//
//   rows                   1    2    4    8
//   4096 x 4096   strips   15   10   12    8   (asking for rows 8 KiB ahead)
//                 runs     26   23   22   12
//                 blocks   18   13   13   16
//   1024 x 1024   strips   54   64   44   24   (of one row 8 rows ahead; others not)
//                 runs     72   65   31   15
//   512 x 512     strips   84   89   55   28
//                 runs     92   76   43   22
//
// Strips from a cache lost 3 to 25 % by asking for rows ahead, runs from memory as
// much; 4 and 16 rows side by side lose up to a third somewhere. Blocks of 8 steps have
// 11, of 32 steps 11, and without the next strip 13 for eight rows from memory. Of 16
// bits 8x4096x4096 took 3.1 ms in blocks of 32 steps, 3.8 of 16, 3.5 to 4.3 of 64,
// and 3.4 with strips of whole lines, which are a vector narrower.
//
// An Intel's prefetchers come late for runs. oneDNN's time / own on one unit, unasked
// and asking for 2 KiB ahead, for 8 rows of the second strip on rather than of the
// next: 1x4096x4096 0.96 and 1.12 to 1.22, 2x4096x4096 1.54 and 1.82, 4x4096x4096 1.66
// to 1.79 and 2.14 to 2.34, 8x4096x4096 2.46 to 2.82 and 2.73 to 3.12. 4 KiB ahead is
// the same, and so are 16 rows side by side for one row; 256 to 512 bytes ahead read 14
// GB/s where nothing asked for reads 17 and 2 KiB 23.
template <class Row>
void add_terms(const Terms<Row>& x, std::int64_t rows, std::int64_t cols,
               Distance distance) noexcept {
  static constexpr FewRows<Row> kOf = few_rows_table<Row>(
      std::make_index_sequence<kMostOfRuns>(), std::make_index_sequence<kFewRows>());
  constexpr std::int64_t kBlockSteps =
      64 / static_cast<std::int64_t>(sizeof(typename Row::Element));
  const bool far = distance != Distance::near;
  const bool hinted = distance == Distance::far_hinted;
  if (rows == 1 || (far && rows <= static_cast<std::int64_t>(kMostOfRuns))) {
    kOf.runs[rows - 1](x, cols, hinted);
    return;
  }
  if (!far && rows <= kFewRows) {
    kOf.strips[rows - 1](x, cols, 0, 0);
    return;
  }
  const std::int64_t strips_ahead = hinted ? 2 : far ? 1 : 0;
  const std::int64_t groups = divide_up(rows, kFewRows);
  for (std::int64_t l = 0; l < x.depth; l += kBlockSteps) {
    const bool more = x.depth - l >= 2 * kBlockSteps;
    for (std::int64_t group = 0; group < groups; ++group) {
      const std::int64_t first = balanced_begin(rows, groups, group);
      const std::int64_t height = balanced_begin(rows, groups, group + 1) - first;
      Terms<Row> block = x.at(l, 0).of_row(first);
      block.depth = std::min(kBlockSteps, x.depth - l);
      kOf.strips[height - 1](block, cols, group == 0 ? strips_ahead : 0,
                             more ? kBlockSteps * x.ldb : 0);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_MATMUL_FEW_ROWS_INL_H_
