// SPDX-License-Identifier: MIT
// At most three rows or columns, stored without gaps: the longer side in whole vectors,
// which are dealt out or collected. Compiled once for each target by the file that
// includes it.
#if defined(ASSAY_KERNELS_TRANSPOSE_NARROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_TRANSPOSE_NARROW_INL_H_
#undef ASSAY_KERNELS_TRANSPOSE_NARROW_INL_H_
#else
#define ASSAY_KERNELS_TRANSPOSE_NARROW_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/transpose/blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {

constexpr std::int64_t kNarrow = 3;

// A of `n` columns, 1 to kNarrow, and lda = n.
inline void turn_few_columns(Matrices x, std::int64_t m, std::int64_t n) noexcept {
  const hn::ScalableTag<float> d;
  constexpr std::int64_t kLanes = hn::MaxLanes(d);
  std::int64_t i = 0;
  for (; i + kLanes <= m; i += kLanes) {
    auto v0 = hn::Zero(d);
    auto v1 = v0;
    auto v2 = v0;
    const float* const from = x.a + i * n;
    if (n == 1) v0 = hn::LoadU(d, from);
    if (n == 2) hn::LoadInterleaved2(d, from, v0, v1);
    if (n == 3) hn::LoadInterleaved3(d, from, v0, v1, v2);
    hn::StoreU(v0, d, x.b + i);
    if (n > 1) hn::StoreU(v1, d, x.b + x.ldb + i);
    if (n > 2) hn::StoreU(v2, d, x.b + 2 * x.ldb + i);
  }
  edge(x, i, m - i, 0, n);
}

// Columns [begin, end) of A of `m` rows, 1 to kNarrow, and ldb = m.
inline void turn_few_rows(Matrices x, std::int64_t m, std::int64_t begin,
                          std::int64_t end) noexcept {
  const hn::ScalableTag<float> d;
  constexpr std::int64_t kLanes = hn::MaxLanes(d);
  std::int64_t j = begin;
  for (; j + kLanes <= end; j += kLanes) {
    const auto v0 = hn::LoadU(d, x.a + j);
    const auto v1 = m > 1 ? hn::LoadU(d, x.a + x.lda + j) : v0;
    const auto v2 = m > 2 ? hn::LoadU(d, x.a + 2 * x.lda + j) : v0;
    float* const to = x.b + j * m;
    if (m == 1) hn::StoreU(v0, d, to);
    if (m == 2) hn::StoreInterleaved2(v0, v1, d, to);
    if (m == 3) hn::StoreInterleaved3(v0, v1, v2, d, to);
  }
  edge(x, 0, m, j, end - j);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::transpose
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_TRANSPOSE_NARROW_INL_H_
