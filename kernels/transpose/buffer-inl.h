// SPDX-License-Identifier: MIT
// Blocks of A turned into a buffer, and from there into B line by line, in cache and
// past it. Compiled once for each target by the file that includes it.
#if defined(ASSAY_KERNELS_TRANSPOSE_BUFFER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_TRANSPOSE_BUFFER_INL_H_
#undef ASSAY_KERNELS_TRANSPOSE_BUFFER_INL_H_
#else
#define ASSAY_KERNELS_TRANSPOSE_BUFFER_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>

#include "kernels/common/tail-inl.h"
#include "kernels/transpose/blocks-inl.h"
#include "kernels/transpose/far_blocks.h"

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {

// Elements [i, i + rows) of a row of B, of m, which stand in `window` behind the kLine
// elements before them: those that fill lines are written, and what begins a line stays
// in the window, for the next block to complete it. No element of the line before the
// row's first one, or behind its last, is touched.
template <bool kStreams>
HWY_INLINE void flush_row(float* window, float* to, std::int64_t i, std::int64_t rows,
                          std::int64_t m) {
  const hn::CappedTag<float, kLine> d;
  constexpr std::int64_t kLanes = hn::MaxLanes(d);
  const float* const from = window + kLine;  // element i
  to += i;
  const std::int64_t into_line = elements_into_line(to);
  const std::int64_t whole = (into_line + rows) / kLine * kLine - into_line;
  // Relative to i, as what follows.
  std::int64_t at = -into_line;
  const auto store_part = [&](std::int64_t first, std::int64_t last) HWY_ATTR {
    for (std::int64_t k = first; k < last; k += kLanes) {
      const std::int64_t left = last - k < kLanes ? last - k : kLanes;
      assay::HWY_NAMESPACE::store_tail(hn::LoadU(d, from + k), d, to + k, left);
    }
  };
  if (i < into_line) {
    // The row's first elements.
    at += kLine;
    store_part(0, at < rows ? at : rows);
  }
  for (; at < whole; at += kLanes) {
    if (kStreams) {
      hn::Stream(hn::LoadU(d, from + at), d, to + at);
    } else {
      hn::Store(hn::LoadU(d, from + at), d, to + at);
    }
  }
  if (i + rows == m) return store_part(at, rows);
  for (std::int64_t k = 0; k < kLine; k += kLanes) {
    hn::StoreU(hn::LoadU(d, window + rows + k), d, window + k);
  }
}

// Strips of columns are walked down, so that what completes a line comes with the next
// block. A block has at most kRows rows and kCols columns, or less than a line more.
//
// Past the cache the next block is fetched while this one is written: fetched while it
// is turned, as turn_past_cache() does, reading and writing took turns on the way to
// memory. OpenBLAS's time / our own on a Zen 4, fetched beside turning, half and half,
// and beside writing: 4097x4097 2.31, 2.57 and 3.12, 5001x5001 2.03, 2.42 and 2.75; in
// parts of 16 to 64 columns, turned and written each, 0.7 to 1.0 of the first.
template <bool kStreams, bool kLines, std::int64_t kRows, std::int64_t kCols>
inline void turn_through_buffer(Matrices x, std::int64_t m, std::int64_t begin,
                                std::int64_t end, float* buffer) noexcept {
  constexpr std::int64_t kStride = kLine + kRows;
  static_assert(buffer_bytes(kRows, kCols) <= kBufferBytes);
  for (std::int64_t j = begin; j < end;) {
    const std::int64_t cols = cols_of_block<kCols>(j, end);
    for (std::int64_t i = 0; i < m; i += kRows) {
      const std::int64_t rows = rows_of_block<kRows>(i, m);
      // Along the rows: a line of A that holds the end of one tile and the beginning of
      // another is read once.
      FetchNothing nothing;
      for (std::int64_t r = 0; r < rows; r += kTile) {
        const std::int64_t some = rows - r < kTile ? rows - r : kTile;
        const Matrices part = {x.a + (i + r) * x.lda + j, x.lda, buffer + kLine + r,
                               kStride};
        turn_block<false, kLines>(part, 0, some, some, 0, cols, nothing);
      }
      using Fetch = FetchBlock<kRows, kCols>;
      Fetch fetch = i + kRows < m ? Fetch(x, i + kRows, m, j, end)
                                  : Fetch(x, 0, m, j + cols, end);
      for (std::int64_t c = 0; c < cols; ++c) {
        if (kStreams) fetch.lines(kRows / kLine);
        flush_row<kStreams>(buffer + c * kStride, x.b + (j + c) * x.ldb, i, rows, m);
      }
    }
    j += cols;
  }
  // As in turn_past_cache().
  if (kStreams) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::transpose
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_TRANSPOSE_BUFFER_INL_H_
