// SPDX-License-Identifier: MIT
// Blocks of A out of tiles: in cache, and past it. Compiled once for each target by the
// file that includes it.
#if defined(ASSAY_KERNELS_TRANSPOSE_BLOCKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_TRANSPOSE_BLOCKS_INL_H_
#undef ASSAY_KERNELS_TRANSPOSE_BLOCKS_INL_H_
#else
#define ASSAY_KERNELS_TRANSPOSE_BLOCKS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>

#include "kernels/transpose/far_blocks.h"
#include "kernels/transpose/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::transpose {
namespace HWY_NAMESPACE {

// Rows [i, i + rows) and columns [j, j + cols) of A, one by one.
inline void edge(Matrices x, std::int64_t i, std::int64_t rows, std::int64_t j,
                 std::int64_t cols) noexcept {
  for (std::int64_t c = j; c < j + cols; ++c) {
    for (std::int64_t r = i; r < i + rows; ++r) x.b[c * x.ldb + r] = x.a[r * x.lda + c];
  }
}

// What is done beside each tile, where nothing is.
struct FetchNothing {
  HWY_INLINE void some() const noexcept {}
};

#if HWY_TARGET == HWY_SCALAR
constexpr std::int64_t kTile = 1;

template <bool kLines>
HWY_INLINE void turn(Matrices x, std::int64_t m, std::int64_t begin, std::int64_t end,
                     std::int64_t /*block_rows*/) noexcept {
  edge(x, 0, m, begin, end - begin);
}
template <bool kStreams, bool kLines, class Fetch>
HWY_INLINE void turn_block(Matrices x, std::int64_t block, std::int64_t last,
                           std::int64_t /*m*/, std::int64_t begin, std::int64_t end,
                           Fetch& /*fetch*/) {
  edge(x, block, last - block, begin, end - begin);
}
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
template <bool kStreams, bool kLines, int kQuads, class Fetch>
HWY_INLINE void turn_strip(Matrices x, std::int64_t block, std::int64_t last,
                           std::int64_t m, std::int64_t j, Fetch& fetch) {
  constexpr bool kWhole = kLines && 4 * kQuads == kLine;
  constexpr std::int64_t kRows = kWhole ? kLine : kTile;
  std::int64_t i = block;
  for (; i + kRows <= last; i += kRows) {
    for (std::int64_t r = 0; r < kRows; r += kTile) fetch.some();
    if constexpr (kWhole) {
      turn_lines<kStreams>(x, i, j);
    } else {
      turn_quads<kTile, kQuads>(x, i, j);
    }
  }
  // Blocks are whole tiles but for the last one.
  if (i < last) turn_rest<kQuads>(x, i, m, j);
}

// Rows [block, last), of m, and columns [begin, end).
template <bool kStreams, bool kLines, class Fetch>
HWY_INLINE void turn_block(Matrices x, std::int64_t block, std::int64_t last,
                           std::int64_t m, std::int64_t begin, std::int64_t end,
                           Fetch& fetch) {
  std::int64_t j = begin;
  for (; j + kLine <= end; j += kLine) {
    turn_strip<kStreams, kLines, kLine / 4>(x, block, last, m, j, fetch);
  }
  // What is left of the columns, inside of [begin, end).
  FetchNothing nothing;
  for (; j < end && end - begin >= 4; j += 4) {
    turn_strip<false, false, 1>(x, block, last, m, end - j > 4 ? j : end - 4, nothing);
  }
  if (j < end) edge(x, block, last - block, j, end - j);
}

// In cache, `block_rows` rows of A, a multiple of a tile's, walked along together.
template <bool kLines>
HWY_INLINE void turn(Matrices x, std::int64_t m, std::int64_t begin, std::int64_t end,
                     std::int64_t block_rows) noexcept {
  FetchNothing nothing;
  for (std::int64_t block = 0; block < m; block += block_rows) {
    const std::int64_t last = block + block_rows < m ? block + block_rows : m;
    turn_block<false, kLines>(x, block, last, m, begin, end, nothing);
  }
}
#endif

// Fetches a block into the second-level cache, row after row, while the one before it
// is turned or written.
template <std::int64_t kRows, std::int64_t kCols>
class FetchBlock {
 public:
  // Rows [i, m) and columns [j, end) of A as far as a block reaches.
  FetchBlock(Matrices x, std::int64_t i, std::int64_t m, std::int64_t j,
             std::int64_t end) noexcept
      : lda_(x.lda) {
    if (!(i < m && j < end)) return;
    from_ = x.a + i * x.lda + j;
    rows_ = rows_of_block<kRows>(i, m);
    cols_ = cols_of_block<kCols>(j, end);
  }
  HWY_INLINE void lines(std::int64_t count) noexcept {
    for (; count > 0 && rows_ > 0; --count) {
      __builtin_prefetch(from_ + at_, 0, 2);
      at_ += kLine;
      if (at_ < cols_) continue;
      // Rows that begin inside of a line end in one more.
      __builtin_prefetch(from_ + cols_ - 1, 0, 2);
      at_ = 0;
      if (--rows_ > 0) from_ += lda_;
    }
  }
  // As many elements as a tile of a line's columns has.
  HWY_INLINE void some() noexcept { lines(kTile); }

 private:
  const float* from_ = nullptr;
  std::int64_t lda_;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::int64_t at_ = 0;
};

// Rows of B begin at lines: whole lines of it go past the cache as they are turned.
inline void turn_past_cache(Matrices x, std::int64_t m, std::int64_t begin,
                            std::int64_t end) noexcept {
  using Fetch = FetchBlock<kFarRows, kFarCols>;
  for (std::int64_t i = 0; i < m; i += kFarRows) {
    const std::int64_t rows = rows_of_block<kFarRows>(i, m);
    for (std::int64_t j = begin; j < end;) {
      const std::int64_t next = j + cols_of_block<kFarCols>(j, end);
      Fetch fetch = next < end ? Fetch(x, i, m, next, end)
                               : Fetch(x, i + kFarRows, m, begin, end);
      turn_block<true, true>(x, i, i + rows, m, j, next, fetch);
      j = next;
    }
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads B.
  hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::transpose
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_TRANSPOSE_BLOCKS_INL_H_
