// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/pair_tiles.h"

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/opaque.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/split.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/pair_tiles.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_AVX3

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::kRowsOfPointer;

// As the tiles of panels (micro_kernels.cc): 28 sums, 2 vectors of B, a broadcast.
constexpr std::size_t kMr = 14;
using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kNr = 2 * kLanes;

// How long before the end C is asked for, in slots, and how often: a row each time.
constexpr std::int64_t kHintSlots = 8;
constexpr std::int64_t kLeadSlots = 128;
static_assert(kLeadSlots / kHintSlots >= static_cast<std::int64_t>(kMr));

// Rows of the tile that makes the panel, which needs two more registers.
constexpr std::int64_t kPackingRows = 12;

// VDPBF16PS, by its name for the reasons of micro_kernels.cc.
HWY_INLINE V add_pairs(V a, V b, V sum) {
  // NOLINTNEXTLINE(hicpp-no-assembler)
  asm("vdpbf16ps %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
  return sum;
}

// Two steps that lie side by side are a slot, wherever they begin.
HWY_INLINE V broadcast_pair(const char* from) {
  float slot = 0;
  std::memcpy(&slot, from, sizeof slot);
  return hn::Set(D(), slot);
}
// The earlier step alone: nothing is read behind the last one of a row.
HWY_INLINE V broadcast_lone(const char* from) {
  std::uint16_t step = 0;
  std::memcpy(&step, from, sizeof step);
  const hn::RebindToUnsigned<D> words;
  return hn::BitCast(D(), hn::Set(words, std::uint32_t{step}));
}

// A block of the sum, and one panel of its B.
struct Block {
  const std::uint16_t* a = nullptr;
  float* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t pairs = 0;  // whole ones
  bool lone = false;       // and a step without another
  float beta = 0;
  const float* panel = nullptr;
  const std::uint16_t* b = nullptr;  // where it is not in the panel yet
};

// Pairs of two rows of B, interleaved. That works on 128 bits: what belongs to the
// first vector has to be in the lower halves of those.
struct Interleave {
  using Halves = hn::CappedTag<std::uint16_t, 32>;
  using Quads = hn::Repartition<std::uint64_t, Halves>;
  alignas(64) static constexpr std::uint64_t kOrder[] = {0, 4, 1, 5, 2, 6, 3, 7};
  decltype(hn::SetTableIndices(Quads(), kOrder)) order;

  // Written out: the one that a compiler makes is of no target.
  HWY_INLINE Interleave() : order(hn::SetTableIndices(Quads(), kOrder)) {}

  HWY_INLINE hn::Vec<Halves> arranged(hn::Vec<Halves> row) const {
    return hn::BitCast(Halves(),
                       hn::TableLookupLanes(hn::BitCast(Quads(), row), order));
  }
  static HWY_INLINE V lower(hn::Vec<Halves> earlier, hn::Vec<Halves> later) {
    return hn::BitCast(D(), hn::InterleaveLower(Halves(), earlier, later));
  }
  static HWY_INLINE V upper(hn::Vec<Halves> earlier, hn::Vec<Halves> later) {
    return hn::BitCast(D(), hn::InterleaveUpper(Halves(), earlier, later));
  }
};

// One tile: `kRow` is 0 .. rows-1. Alpha and beta are loaded after the sum.
//
// With kPacks it makes the panel: copying that waits for nothing took 5 cycles for each
// line of B, which multiply-adds between hide.
template <bool kPacks, std::size_t... kRow>
HWY_INLINE void tile(std::index_sequence<kRow...> /*rows*/, const PairArgs& args,
                     const Block& block) {
  const D d;
  V left[] = {((void)kRow, hn::Zero(d))...};
  V right[] = {((void)kRow, hn::Zero(d))...};
  // As in product_tile(): a pointer serves five rows, strides are hidden.
  const std::int64_t row = opaque(args.lda * 2);
  const char* const first = reinterpret_cast<const char*>(block.a);
  const char* a[] = {opaque(first), opaque(first + 5 * row), opaque(first + 10 * row)};
  using Slot = std::conditional_t<kPacks, float, const float>;
  Slot* HWY_RESTRICT b = nullptr;
  if constexpr (kPacks) {
    b = args.panel;
  } else {
    b = block.panel;
  }
  [[maybe_unused]] const std::uint16_t* HWY_RESTRICT stored = block.b;
  [[maybe_unused]] const std::int64_t ldb = args.ldb;
  [[maybe_unused]] const Interleave interleave;
  const auto multiply = [&](V b0, V b1, const auto& broadcast) ASSAY_INLINE_LAMBDA {
    const auto add = [&](V scalar, V& x0, V& x1) ASSAY_INLINE_LAMBDA {
      x0 = add_pairs(scalar, b0, x0);
      x1 = add_pairs(scalar, b1, x1);
    };
    (add(broadcast(a[kRow / kRowsOfPointer] +
                   static_cast<std::int64_t>(kRow % kRowsOfPointer) * row),
         left[kRow], right[kRow]),
     ...);
  };
  const auto pair = [](const char* from)
                        ASSAY_INLINE_LAMBDA { return broadcast_pair(from); };
  const auto lone = [](const char* from)
                        ASSAY_INLINE_LAMBDA { return broadcast_lone(from); };
  const auto step = [&](const auto& broadcast, auto both) ASSAY_INLINE_LAMBDA {
    if constexpr (kPacks) {
      const Interleave::Halves halves;
      const auto earlier = interleave.arranged(hn::LoadU(halves, stored));
      auto later = hn::Zero(halves);
      if constexpr (both()) {
        later = interleave.arranged(hn::LoadU(halves, stored + ldb));
      }
      const V b0 = Interleave::lower(earlier, later);
      const V b1 = Interleave::upper(earlier, later);
      hn::Store(b0, d, b);
      hn::Store(b1, d, b + kLanes);
      multiply(b0, b1, broadcast);
      stored += 2 * ldb;
    } else {
      multiply(hn::Load(d, b), hn::Load(d, b + kLanes), broadcast);
    }
    a[0] += 4;
    a[1] += 4;
    a[2] += 4;
    b += kNr;
  };
  const std::int64_t ldc = block.ldc;
  const float* c_row = block.c;
  const float* const last_row =
      c_row + (static_cast<std::int64_t>(sizeof...(kRow)) - 1) * ldc;
  for (std::int64_t l = block.pairs; l > 0; --l) {
    if (l % kHintSlots == 0 && l <= kLeadSlots) {
      __builtin_prefetch(c_row, 1, 3);
      __builtin_prefetch(c_row + kNr - 1, 1, 3);
      if (c_row != last_row) c_row += ldc;
    }
    step(pair, std::true_type());
  }
  if (block.lone) step(lone, std::false_type());

  const V scale = hn::Set(d, args.alpha);
  const auto put = [&](float* to, V x, auto with_old) ASSAY_INLINE_LAMBDA {
    if constexpr (with_old()) {
      const V old = hn::Mul(hn::Set(d, block.beta), hn::LoadU(d, to));
      hn::StoreU(hn::MulAdd(scale, x, old), d, to);
    } else {
      hn::StoreU(hn::Mul(scale, x), d, to);
    }
  };
  // A pointer that walks: GCC makes a multiple of each row's distance before the loop.
  float* to = block.c;
  const auto put_row = [&](V x0, V x1, auto with_old) ASSAY_INLINE_LAMBDA {
    put(to, x0, with_old);
    put(to + kLanes, x1, with_old);
    to = opaque(to + ldc);
  };
  if (block.beta != 0.0F) {
    (put_row(left[kRow], right[kRow], std::true_type()), ...);
  } else {
    (put_row(left[kRow], right[kRow], std::false_type()), ...);
  }
}

using TileFunction = void (*)(const PairArgs& args, const Block& block) noexcept;
template <bool kPacks, std::size_t kRows>
void tile_of(const PairArgs& args, const Block& block) noexcept {
  tile<kPacks>(std::make_index_sequence<kRows>(), args, block);
}
struct TileTable {
  TileFunction of_rows[kMr];  // index: rows - 1
};
template <std::size_t... kIndex>
constexpr TileTable tile_table(std::index_sequence<kIndex...> /*rows minus 1*/) {
  return {{tile_of<false, kIndex + 1>...}};
}
constexpr TileTable kTiles = tile_table(std::make_index_sequence<kMr>());

// The last columns: a whole tile beside C, of which the columns that exist are copied
// in and out.
void edge_tile(const PairArgs& args, const Block& block, std::int64_t rows,
               std::int64_t cols) noexcept {
  alignas(64) float beside[kMr * static_cast<std::size_t>(kNr)] = {};
  const auto bytes = static_cast<std::size_t>(cols) * sizeof(float);
  for (std::int64_t i = 0; i < rows && block.beta != 0.0F; ++i) {
    std::memcpy(beside + i * kNr, block.c + i * block.ldc, bytes);
  }
  Block inside = block;
  inside.c = beside;
  inside.ldc = kNr;
  kTiles.of_rows[rows - 1](args, inside);
  for (std::int64_t i = 0; i < rows; ++i) {
    std::memcpy(block.c + i * block.ldc, beside + i * kNr, bytes);
  }
}

// `cols` columns of B into the panel, without a tile that needs them.
void pack(const PairArgs& args, const Block& block, std::int64_t cols) noexcept {
  const Interleave::Halves halves;
  const Interleave interleave;
  const auto mask = hn::FirstN(halves, static_cast<std::size_t>(cols));
  // Masked loads touch no masked lane.
  const auto load = [&](const std::uint16_t* from) ASSAY_INLINE_LAMBDA {
    return interleave.arranged(hn::MaskedLoad(mask, halves, from));
  };
  const std::uint16_t* b = block.b;
  float* to = args.panel;
  const auto put = [&](auto earlier, auto later) ASSAY_INLINE_LAMBDA {
    hn::Store(Interleave::lower(earlier, later), D(), to);
    hn::Store(Interleave::upper(earlier, later), D(), to + kLanes);
  };
  for (std::int64_t i = 0; i < block.pairs; ++i, b += 2 * args.ldb, to += kNr) {
    put(load(b), load(b + args.ldb));
  }
  if (block.lone) put(load(b), hn::Zero(halves));
}

// `rows` rows of A with a panel that is made.
void multiply_rows(const PairArgs& args, Block block, std::int64_t rows,
                   std::int64_t cols) noexcept {
  constexpr auto kHeight = static_cast<std::int64_t>(kMr);
  for (std::int64_t tiles = divide_up(rows, kHeight); tiles > 0; --tiles) {
    const std::int64_t height = divide_up(rows, tiles);
    if (cols == kNr) {
      kTiles.of_rows[height - 1](args, block);
    } else {
      edge_tile(args, block, height, cols);
    }
    rows -= height;
    block.a += height * args.lda;
    block.c += height * args.ldc;
  }
}

// All rows of one panel, which the first of them make.
void multiply_block(const PairArgs& args, Block block, std::int64_t cols) noexcept {
  std::int64_t rows = args.rows;
  if (cols == kNr && rows >= kPackingRows) {
    tile_of<true, kPackingRows>(args, block);
    rows -= kPackingRows;
    block.a += kPackingRows * args.lda;
    block.c += kPackingRows * args.ldc;
  } else {
    pack(args, block, cols);
  }
  multiply_rows(args, block, rows, cols);
}

// Block after block of the sum of every panel: a panel of B stays in the first-level
// cache, where it was just made, while all of A, in the second, passes by it. With
// kMade they are made already, and come in order.
template <bool kMade>
void multiply_all(const PairArgs& args) noexcept {
  const std::int64_t slots = divide_up(args.depth, std::int64_t{2});
  const std::int64_t blocks = divide_up(slots, args.most_slots);
  for (std::int64_t j = 0; j < args.cols; j += kNr) {
    const std::int64_t cols = args.cols - j < kNr ? args.cols - j : kNr;
    for (std::int64_t part = 0; part < blocks; ++part) {
      const std::int64_t slot = balanced_begin(slots, blocks, part);
      const std::int64_t begin = 2 * slot;
      std::int64_t end = 2 * balanced_begin(slots, blocks, part + 1);
      if (end > args.depth) end = args.depth;
      Block block;
      block.a = args.a + begin;
      block.c = args.c + j;
      block.ldc = args.ldc;
      block.pairs = (end - begin) / 2;
      block.lone = (end - begin) % 2 != 0;
      block.beta = part == 0 ? args.beta : 1.0F;
      if constexpr (kMade) {
        block.panel = args.panels + j * slots + slot * kNr;
        multiply_rows(args, block, args.rows, cols);
      } else {
        block.panel = args.panel;
        block.b = args.b + begin * args.ldb + j;
        multiply_block(args, block, cols);
      }
    }
  }
}

constexpr PairTiles kPairTiles = {.rows = kMr,
                                  .cols = kNr,
                                  .multiply = multiply_all<false>,
                                  .multiply_panels = multiply_all<true>};

#else
constexpr PairTiles kPairTiles = {};
#endif

}  // namespace

const PairTiles& pair_tiles_of_target() noexcept;
const PairTiles& pair_tiles_of_target() noexcept { return kPairTiles; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const PairTiles& pair_tiles(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, pair_tiles_of_target);
}

}  // namespace assay::matmul
#endif
