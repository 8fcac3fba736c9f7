// SPDX-License-Identifier: MIT
// Rows of up to eight vectors: loaded once and kept in registers. Compiled once for
// each target by the file that includes it.
#if defined(ASSAY_KERNELS_LAYERNORM_SHORT_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LAYERNORM_SHORT_ROWS_INL_H_
#undef ASSAY_KERNELS_LAYERNORM_SHORT_ROWS_INL_H_
#else
#define ASSAY_KERNELS_LAYERNORM_SHORT_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/layernorm/moments-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {

// Rows of few vectors are taken four or two at a time: their sums are added up
// together, the divider has one operand for all of them, gamma and beta are loaded
// once. One row of 16 alone waits for two sums over lanes and four turns of the
// divider. More rows would not leave room in registers: with fewer than 32 of them a
// row of five vectors is alone.
constexpr int rows_at_a_time(int vectors) {
  constexpr int kMostVectors = HWY_TARGET == HWY_AVX3 ? 16 : 8;
  return vectors * 4 <= kMostVectors ? 4 : vectors * 2 <= kMostVectors ? 2 : 1;
}

// A row in registers: kVectors - 1 whole vectors and a last one of `tail` elements.
template <int kVectors>
struct ShortRow {
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  static constexpr int kLast = kVectors - 1;

  V v[kVectors];

  static HWY_INLINE V loaded(const float* from, int i, std::int64_t tail) {
    from += i * kLanes;
    return i < kLast || tail == kLanes ? hn::LoadU(D(), from)
                                       : load_tail(D(), from, tail, 0);
  }
  HWY_INLINE void load(const float* x, std::int64_t tail) {
    for (int i = 0; i < kVectors; ++i) v[i] = loaded(x, i, tail);
  }
  HWY_INLINE V sum() const {
    V sum = v[0];
    for (int i = 1; i < kVectors; ++i) sum = hn::Add(sum, v[i]);
    return sum;
  }
  // Subtracts the mean; what the tail lacks stays 0.
  HWY_INLINE void center(V mean, std::int64_t tail) {
    for (V& one : v) one = hn::Sub(one, mean);
    v[kLast] =
        hn::IfThenElseZero(hn::FirstN(D(), static_cast<std::size_t>(tail)), v[kLast]);
  }
  HWY_INLINE V squares() const {
    V sum = hn::Mul(v[0], v[0]);
    for (int i = 1; i < kVectors; ++i) sum = hn::MulAdd(v[i], v[i], sum);
    return sum;
  }
};

template <int kVectors, int kRows>
HWY_INLINE void rows_in_registers(const Rows& rows, const std::int64_t (&at)[kRows],
                                  std::int64_t tail) {
  using Row = ShortRow<kVectors>;
  const D d;
  Row row[kRows];
  V sums[kRows];
  float mean[kRows];
  float scale[kRows];
  for (int r = 0; r < kRows; ++r) {
    row[r].load(rows.x + at[r], tail);
    sums[r] = row[r].sum();
  }
  sum_lanes(sums, mean);
  to_means(mean, rows.p.cols);
  for (int r = 0; r < kRows; ++r) {
    row[r].center(hn::Set(d, mean[r]), tail);
    sums[r] = row[r].squares();
  }
  sum_lanes(sums, scale);
  to_scales(scale, rows.p);
  for (int i = 0; i < kVectors; ++i) {
    const V gamma = Row::loaded(rows.gamma, i, tail);
    const V beta = Row::loaded(rows.beta, i, tail);
    for (int r = 0; r < kRows; ++r) {
      const V y = hn::MulAdd(hn::Mul(row[r].v[i], hn::Set(d, scale[r])), gamma, beta);
      float* const to = rows.y + at[r] + i * Row::kLanes;
      if (i < Row::kLast || tail == Row::kLanes) {
        hn::StoreU(y, d, to);
      } else {
        store_tail(y, d, to, tail);
      }
    }
  }
}

template <int kVectors>
void short_rows(const Rows& rows) noexcept {
  constexpr int kRows = rows_at_a_time(kVectors);
  const std::int64_t cols = rows.p.cols;
  const std::int64_t tail = cols - (kVectors - 1) * ShortRow<kVectors>::kLanes;
  for (std::int64_t row = 0; row < rows.count; row += kRows) {
    std::int64_t at[kRows];
    // What the last ones lack is the last row once more, the same bits to the same
    // place: fewer rows at a time might add them up in another order.
    for (int r = 0; r < kRows; ++r) {
      at[r] = (row + r < rows.count ? row + r : rows.count - 1) * cols;
    }
    rows_in_registers<kVectors, kRows>(rows, at, tail);
  }
}

// False when a row is of more than eight vectors, and nothing is done.
HWY_INLINE bool keep_in_registers(const Rows& rows) noexcept {
  const std::int64_t vectors = divide_up(rows.p.cols, ShortRow<1>::kLanes);
  const auto among = [&]<int... kVectors>(
      std::integer_sequence<int, kVectors...> /*all*/) {
    return ((vectors == kVectors + 1 && (short_rows<kVectors + 1>(rows), true)) || ...);
  };
  return among(std::make_integer_sequence<int, 8>());
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_LAYERNORM_SHORT_ROWS_INL_H_
