// SPDX-License-Identifier: MIT
// A block of a matrix product, tile after tile in registers, its operands read where
// they lie. What matmul, batched_matmul, mlp and conv2d share. Compiled once for each
// target by the file that includes it.
#if defined(ASSAY_KERNELS_COMMON_PRODUCT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_COMMON_PRODUCT_TILE_INL_H_
#undef ASSAY_KERNELS_COMMON_PRODUCT_TILE_INL_H_
#else
#define ASSAY_KERNELS_COMMON_PRODUCT_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/opaque.h"
#include "kernels/common/sanitized.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/split.h"
#include "kernels/common/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The tallest tiles that leave registers for a row of B and a broadcast, by vectors.
// AVX-512: 14 x 2, 8 x 3 and 6 x 4 of 32 registers; AVX2: 6 x 2 and 4 x 3 of 16, no
// four; the others need one for a product that is not fused.
//
// Sanitizers look at each access of each height, and clang took two minutes a file for
// that: under them there are three heights, with the same code and the same bits.
#ifdef ASSAY_SANITIZED
#define ASSAY_TILE_ROWS(one, two, three, four) \
  { 0, 3, 3, 2, (four) == 0 ? 0 : 2 }
#else
#define ASSAY_TILE_ROWS(one, two, three, four) \
  { 0, one, two, three, four }
#endif
#if HWY_TARGET == HWY_AVX3
inline constexpr std::int64_t kTileRows[] = ASSAY_TILE_ROWS(14, 14, 8, 6);
using ProductTag = hn::CappedTag<float, 16>;
#elif HWY_TARGET == HWY_AVX2
inline constexpr std::int64_t kTileRows[] = ASSAY_TILE_ROWS(8, 6, 4, 0);
using ProductTag = hn::CappedTag<float, 8>;
#else
inline constexpr std::int64_t kTileRows[] = ASSAY_TILE_ROWS(8, 4, 3, 0);
using ProductTag = hn::CappedTag<float, 4>;
#endif
#undef ASSAY_TILE_ROWS
inline constexpr auto kProductLanes =
    static_cast<std::int64_t>(hn::MaxLanes(ProductTag()));

// Element (i, l) of A is at a[i * a_row + l * a_step], the vectors of row l of B begin
// at b[l * b_step].
struct ProductOperands {
  const float* a = nullptr;
  std::int64_t a_row = 0;
  std::int64_t a_step = 0;
  const float* b = nullptr;
  std::int64_t b_step = 0;
  std::int64_t depth = 0;
  // From the first vector of a tile of four to the third one: in panels of two, another
  // panel.
  std::int64_t b_pair = 2 * kProductLanes;
};

// Rows a pointer reaches with an offset of 0, 1, 2, 3 or 4 strides: what an x86 address
// can hold, with 3 strides in a register.
inline constexpr std::size_t kRowsOfPointer = 5;

template <class D>
HWY_INLINE hn::Vec<D> load_part(D d, const float* from, std::int64_t count) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#else
  return load_tail(d, from, count, 0);
#endif
}

// Rows of B are often a page apart, where no hardware follows from one to the next: a
// tile asks for lines of B so many steps before it multiplies by them, but low ones,
// which have few multiply-adds to hide that behind. One thread, GFLOP/s of tiles alone
// without and with, medians: on a Zen 4 800 103 and 108, 1000 95 and 107, 1100 82 and
// 94; on an Intel (family 6, model 207) 130 and 149, 94 and 110, 96 and 108, 1200 113
// and 149. Up to 512, where B is near, the same, and of panels too (conv2d; mlp 1.3 %
// [0.2, 2.4] less time). 8 and 32 steps are as good on both at some sizes and not at
// others; lines of A asked for as well won nothing.
inline constexpr std::int64_t kStepsAhead = 16;
inline constexpr std::size_t kRowsOfHints = 7;

// Of the steps of a tile's sum.
//   ahead  one a turn, which asks for lines of B
//   pairs  two a turn, of an A whose rows run along the sum (a_step = 1), and no hints:
//          on an Intel with a large second-level cache every load, asked for or not,
//          takes its share of the multiply-adds (docs/results/kernels.md). GFLOP/s of
//          tiles of 14 x 2 alone, ahead, pairs and four a turn, one unit: 128 cubed
//          171, 176, 176; 256 175, 180, 180; 320 175, 179, 178; 384 175, 177, 177; in
//          the library 128 1 % faster, 200 5 %, 256 2 %
enum class Loop : std::uint8_t { ahead, pairs };

// A step of a row of a tile; the first kVectors count.
template <std::size_t kVectors, class V>
HWY_INLINE void add_products(V scalar, V b0, V b1, V b2, V b3, V& x0, V& x1, V& x2,
                             V& x3) {
  x0 = hn::MulAdd(scalar, b0, x0);
  if constexpr (kVectors > 1) x1 = hn::MulAdd(scalar, b1, x1);
  if constexpr (kVectors > 2) x2 = hn::MulAdd(scalar, b2, x2);
  if constexpr (kVectors > 3) x3 = hn::MulAdd(scalar, b3, x3);
}

// Where a tile of kVectors vectors is in A and in B.
template <class D, std::size_t kVectors, bool kTail, std::size_t kRows>
struct TileReader {
  static constexpr std::size_t kLanes = hn::MaxLanes(D());
  static_assert(kRows <= 3 * kRowsOfPointer);

  HWY_INLINE TileReader(const ProductOperands& x, std::int64_t columns_of_tail)
      : row(opaque(bytes(x.a_row))),
        a{opaque(reinterpret_cast<const char*>(x.a)),
          opaque(reinterpret_cast<const char*>(x.a) + 5 * row),
          opaque(reinterpret_cast<const char*>(x.a) + 10 * row)},
        b(reinterpret_cast<const char*>(x.b)),
        pair(kVectors > 3 ? opaque(x.b_pair) : 0),
        tail(columns_of_tail) {}

  static HWY_INLINE std::int64_t bytes(std::int64_t floats) {
    return floats * static_cast<std::int64_t>(sizeof(float));
  }
  // Of the row of B.
  HWY_INLINE hn::Vec<D> vector(std::size_t index) const {
    const float* from = reinterpret_cast<const float*>(b) + index * kLanes;
    if (kVectors > 3 && index >= 2) from += pair - 2 * kProductLanes;
    if (kTail && index + 1 == kVectors) return load_part(D(), from, tail);
    return hn::LoadU(D(), from);
  }
  // Of row i of A, `step` steps on where they are next to each other.
  HWY_INLINE hn::Vec<D> scalar(std::size_t i, std::int64_t step) const {
    const auto offset = static_cast<std::int64_t>(i % kRowsOfPointer) * row;
    const char* const from = a[i / kRowsOfPointer] + offset;
    return hn::Set(D(), reinterpret_cast<const float*>(from)[step]);
  }
  HWY_INLINE void advance(std::int64_t by) {
    a[0] += by;
    if constexpr (kRows > kRowsOfPointer) a[1] += by;
    if constexpr (kRows > 2 * kRowsOfPointer) a[2] += by;
  }
  HWY_INLINE void ask_for_b(std::int64_t ahead) const {
    if constexpr (kVectors > 1 && kRows >= kRowsOfHints) {
      for (std::size_t line = 0; line < kVectors * kLanes; line += kLine) {
        __builtin_prefetch(b + ahead + line * sizeof(float), 0, 3);
      }
    }
  }

  const std::int64_t row;
  const char* a[3];
  const char* b;
  const std::int64_t pair;
  const std::int64_t tail;
};

// sizeof...(kRow) rows of kVectors vectors. Each element adds its terms in order of l,
// one (where the ISA has it fused) multiply-add a step. With kTail the last vector
// has `tail` elements, 0 < tail < lanes, and nothing beyond them is read. `put(row,
// vector index, sum)` gets the results.
//
// The fold expressions unroll by construction; arrays indexed in loops stay in memory
// when GCC unrolls them too late.
template <std::size_t kVectors, bool kTail, Loop kLoop, class D, std::size_t... kRow,
          class Finish>
HWY_INLINE void product_tile(D d, std::index_sequence<kRow...> /*rows*/,
                             const ProductOperands& x, std::int64_t tail,
                             const Finish& finish) {
  static_assert(kVectors >= 1 && kVectors <= 4);
  using V = hn::Vec<D>;
  using Reader = TileReader<D, kVectors, kTail, sizeof...(kRow)>;
  V sum0[] = {((void)kRow, hn::Zero(d))...};
  V sum1[] = {((void)kRow, hn::Zero(d))...};
  V sum2[] = {((void)kRow, hn::Zero(d))...};
  V sum3[] = {((void)kRow, hn::Zero(d))...};
  Reader at(x, tail);
  std::int64_t a_step = Reader::bytes(x.a_step);
  std::int64_t b_step = Reader::bytes(x.b_step);
  const std::int64_t ahead = opaque(kStepsAhead * b_step);
  // `step`: of a turn.
  const auto multiply = [&](std::int64_t step) ASSAY_INLINE_LAMBDA {
    const V b0 = at.vector(0);
    const V b1 = kVectors > 1 ? at.vector(1) : b0;
    const V b2 = kVectors > 2 ? at.vector(2) : b0;
    const V b3 = kVectors > 3 ? at.vector(3) : b0;
    (add_products<kVectors>(at.scalar(kRow, step), b0, b1, b2, b3, sum0[kRow],
                            sum1[kRow], sum2[kRow], sum3[kRow]),
     ...);
    at.b += b_step;
  };
  std::int64_t l = x.depth;
  if constexpr (kLoop == Loop::pairs) {
    for (; l > 1; l -= 2) {
      multiply(0);
      multiply(1);
      at.advance(2 * sizeof(float));
    }
    if (l > 0) multiply(0);
  } else {
    for (; l > 0; --l) {
      at.ask_for_b(ahead);
      b_step = opaque(b_step);
      multiply(0);
      a_step = opaque(a_step);
      at.advance(a_step);
    }
  }
  finish([&](const auto& put) ASSAY_INLINE_LAMBDA {
    (put(kRow, 0U, sum0[kRow]), ...);
    if constexpr (kVectors > 1) (put(kRow, 1U, sum1[kRow]), ...);
    if constexpr (kVectors > 2) (put(kRow, 2U, sum2[kRow]), ...);
    if constexpr (kVectors > 3) (put(kRow, 3U, sum3[kRow]), ...);
  });
}

// Where a tile begins in the block, and the elements of its last vector: 0 when that
// one is whole.
struct TilePlace {
  std::int64_t row = 0;
  std::int64_t col = 0;
  std::int64_t tail = 0;
};

// The vector of C at (row, vector) of a tile, for epilogues.
template <bool kPart>
HWY_INLINE hn::Vec<ProductTag> load_sum(const float* from, std::int64_t tail) {
  if (kPart) return load_part(ProductTag(), from, tail);
  return hn::LoadU(ProductTag(), from);
}
template <bool kPart>
HWY_INLINE void store_sum(hn::Vec<ProductTag> v, float* to, std::int64_t tail) {
  if (kPart) {
    store_tail(v, ProductTag(), to, tail);
  } else {
    hn::StoreU(v, ProductTag(), to);
  }
}

// max(v, least), but a NaN as it is, so that a cut does not hide that a sum has gone
// wrong. The instructions of x86 give the second of two of which one is a NaN; those of
// others may give the number.
HWY_INLINE hn::Vec<ProductTag> at_least(hn::Vec<ProductTag> v,
                                        hn::Vec<ProductTag> least) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::Max(least, v);
#else
  return hn::IfThenElse(hn::Lt(v, least), least, v);
#endif
}

template <std::size_t kVectors, bool kTail, Loop kLoop, std::size_t kRows,
          class Epilogue>
void tile_of(const ProductOperands& x, const TilePlace& place,
             const Epilogue& epilogue) noexcept {
  if constexpr (requires { epilogue.template begin<kVectors>(place, kRows); }) {
    epilogue.template begin<kVectors>(place, kRows);
  }
  product_tile<kVectors, kTail, kLoop>(
      ProductTag(), std::make_index_sequence<kRows>(), x, place.tail,
      [&](const auto& each) ASSAY_INLINE_LAMBDA {
        epilogue.template finish<kVectors, kTail>(place, each);
      });
}

template <class Epilogue>
using TileFunction = void (*)(const ProductOperands& x, const TilePlace& place,
                              const Epilogue& epilogue) noexcept;
template <std::size_t kVectors, bool kTail, class Epilogue>
struct TileTable {
  static constexpr auto kMost = static_cast<std::size_t>(kTileRows[kVectors]);
  TileFunction<Epilogue> of_rows[kMost];  // index: rows - 1
};
template <std::size_t kVectors, bool kTail, Loop kLoop, class Epilogue,
          std::size_t... kIndex>
constexpr TileTable<kVectors, kTail, Epilogue> tile_table(
    std::index_sequence<kIndex...> /*rows minus 1*/) {
  return {{tile_of<kVectors, kTail, kLoop, kIndex + 1, Epilogue>...}};
}

// Rows of A 4 KiB apart lie in one set of a first-level cache (64 sets of 64 bytes, on
// every x86 processor with these ISAs), of which most hold 8 lines. A line serves 16
// steps of the sum: with more rows than that it is gone before the next one. Shorter
// tiles keep them, beside a line of B. On one unit of a Zen 4, GFLOP/s of 14 rows and
// of 7, oneDNN beside them 88 to 98 % of a peak of 118: 64x64x1024 96 and 117,
// 64x64x4096 95 and 117, 128x128x2048 93 and 114, 256x256x1024 93 and 115; 2 KiB apart
// 512x512x512 has 114 and 112.
inline std::int64_t most_rows_of_tile(const ProductOperands& x,
                                      std::int64_t most) noexcept {
  constexpr std::int64_t kSetPeriod = 4096 / sizeof(float);
  constexpr std::int64_t kLinesKept = 7;
  return x.a_row % kSetPeriod == 0 ? std::min(most, kLinesKept) : most;
}

// Rows [first, first + rows) of one strip of columns.
template <std::size_t kVectors, bool kTail, Loop kLoop, class Epilogue>
void product_strip(const ProductOperands& x, std::int64_t first, std::int64_t rows,
                   std::int64_t col, std::int64_t tail,
                   const Epilogue& epilogue) noexcept {
  using Table = TileTable<kVectors, kTail, Epilogue>;
  static constexpr Table kTiles = tile_table<kVectors, kTail, kLoop, Epilogue>(
      std::make_index_sequence<Table::kMost>());
  const std::int64_t tiles =
      divide_up(rows, most_rows_of_tile(x, static_cast<std::int64_t>(Table::kMost)));
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::int64_t row = first + balanced_begin(rows, tiles, t);
    const std::int64_t height = first + balanced_begin(rows, tiles, t + 1) - row;
    ProductOperands here = x;
    here.a += row * x.a_row;
    // B without rows may be null.
    if (x.depth > 0) here.b += col;
    kTiles.of_rows[height - 1](here, {row, col, tail}, epilogue);
  }
}

// Rows [first, first + rows) in strips of two vectors, and one of three where their
// number is odd: a tile of one vector would wait for a broadcast at each multiply-add.
// `wide`: of four whole ones while no single one is left over.
template <Loop kLoop, class Epilogue>
HWY_INLINE void product_rows(const ProductOperands& x, std::int64_t first,
                             std::int64_t rows, std::int64_t cols, bool wide,
                             const Epilogue& epilogue) {
  const std::int64_t vectors = divide_up(cols, kProductLanes);
  const std::int64_t tail = cols % kProductLanes;
  std::int64_t at = 0;
  if constexpr (kTileRows[4] != 0) {
    const auto fits = [&] {
      return vectors - at > 5 || (vectors - at == 4 && tail == 0);
    };
    for (; wide && fits(); at += 4) {
      product_strip<4, false, kLoop>(x, first, rows, at * kProductLanes, 0, epilogue);
    }
    if (at == vectors) return;
  }
  for (; vectors - at > 3; at += 2) {
    product_strip<2, false, kLoop>(x, first, rows, at * kProductLanes, 0, epilogue);
  }
  const auto last = [&](auto whole, auto partial) {
    (tail == 0 ? whole : partial)(x, first, rows, at * kProductLanes, tail, epilogue);
  };
  switch (vectors - at) {
    case 1:
      return last(product_strip<1, false, Loop::ahead, Epilogue>,
                  product_strip<1, true, Loop::ahead, Epilogue>);
    case 2:
      return last(product_strip<2, false, kLoop, Epilogue>,
                  product_strip<2, true, kLoop, Epilogue>);
    default:
      return last(product_strip<3, false, kLoop, Epilogue>,
                  product_strip<3, true, kLoop, Epilogue>);
  }
}

// Whether columns go by four vectors rather than two. Rows of C are written in longer
// pieces, and where A has few columns it is gone over half as often; but lines of B
// come twice as often: a strip of it has to stay in the first-level cache, or be the
// only one, so that what it costs is less than going over A once more. On one unit of
// an Intel with 48 KiB of that, GFLOP/s of two and of four, and oneDNN's:
// 4096x64x64 144, 167, 155; 4096x128x64 131, 163, 160; 1000x64x64 153, 166, 161; 64
// cubed 162, 166, 145; 2048x128x96 152, 160, 169; 4096x64x128 132, 172, 156;
// 2000x64x256 145, 162, 161, but 1000x64x200 174, 165, 167; 128 cubed 167, 160, 170;
// 256 cubed 173, 168, 176. Not known of other processors.
//
// True only where there are such strips: of five vectors there are none.
inline bool wide_tiles_pay(std::int64_t depth, std::int64_t cols) noexcept {
  constexpr std::int64_t kWide = 4 * kProductLanes;
  const bool any = cols == kWide || cols > kWide + kProductLanes;
  constexpr std::int64_t kMostDepth = 100;
  constexpr std::int64_t kMostDepthOfOneStrip = 256;
  return kTileRows[4] != 0 && any &&
         depth <= (cols == kWide ? kMostDepthOfOneStrip : kMostDepth) &&
         has_large_second_cache(cache_info());
}

// Whether tiles go two steps a turn and ask for nothing: where B is near enough.
inline bool pairs_of_steps_pay(const ProductOperands& x) noexcept {
  const CacheInfo& caches = cache_info();
  const auto rows_of_b = static_cast<double>(x.depth) * static_cast<double>(x.b_step);
  return has_large_second_cache(caches) &&
         2 * rows_of_b * sizeof(float) < static_cast<double>(caches.l2_bytes);
}

// rows x cols of A * B; rows, cols > 0. An Epilogue is told what became of each tile:
//   template <std::size_t kVectors, bool kTail, class Each>
//   void finish(const TilePlace& place, const Each& each) const
// where each(put) calls put(row, vector, sum) for every vector of the tile. It may have
//   template <std::size_t kVectors>
//   void begin(const TilePlace& place, std::size_t rows) const
// which is called before its tile is multiplied.
//
// Strip after strip, all rows of each; but the rows of a tile, or of two wide ones, in
// all strips where B is small and A and C are not: A is read once, rows of C are
// written from end to end. On one unit of an Intel with 2 MiB of second-level cache,
// us: 3136x256x64 793 and 716, 1000x256x128 411 and 404, 4096x64x64 239 and 235, 100
// and 128 cubed the same. Lost: asking for a tile's lines of C (convolved 3136x256x64
// 857 for 791), and for the next tile's of A, which won 3 % at 4096x64x64 and lost 8 %
// at 128 cubed; of four vectors nothing either way. Parts of 5, 6, 10 and 14 rows are
// as good as 12 for wide tiles.
//
// `wide`: see product_rows(). With x.b_pair of another panel it has to be true and the
// columns have to be four vectors.
template <Loop kLoop, class Epilogue>
HWY_INLINE void product_block_by(const ProductOperands& x, std::int64_t rows,
                                 std::int64_t cols, bool wide,
                                 const Epilogue& epilogue) {
  constexpr std::int64_t kLeastTiles = 8;
  const std::int64_t tile = most_rows_of_tile(x, kTileRows[2]);
  if (rows < kLeastTiles * tile || cols <= 2 * kProductLanes ||
      !many_rows_of_small_b(rows, x.depth, cols)) {
    product_rows<kLoop>(x, 0, rows, cols, wide, epilogue);
    return;
  }
  const std::int64_t parts = divide_up(rows, wide ? 2 * kTileRows[4] : tile);
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t first = balanced_begin(rows, parts, part);
    product_rows<kLoop>(x, first, balanced_begin(rows, parts, part + 1) - first, cols,
                        wide, epilogue);
  }
}
template <class Epilogue>
HWY_INLINE void product_block(const ProductOperands& x, std::int64_t rows,
                              std::int64_t cols, bool wide, const Epilogue& epilogue) {
  if constexpr (kTileRows[4] != 0) {
    if (x.a_step == 1 && (wide || pairs_of_steps_pay(x))) {
      return product_block_by<Loop::pairs>(x, rows, cols, wide, epilogue);
    }
  }
  product_block_by<Loop::ahead>(x, rows, cols, wide, epilogue);
}

// The same, wide where that pays.
template <class Epilogue>
HWY_INLINE void product_block(const ProductOperands& x, std::int64_t rows,
                              std::int64_t cols, const Epilogue& epilogue) {
  product_block(x, rows, cols, wide_tiles_pay(x.depth, cols), epilogue);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_COMMON_PRODUCT_TILE_INL_H_
