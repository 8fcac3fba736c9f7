// SPDX-License-Identifier: MIT
// Step 3: the sizes that batches have, 4, 8, 16 and 32 cubed, are known to the
// compiler.
//
// What tiled wasted: addresses are constants, and no tile is chosen, masked or called.
// Where a row is shorter than a vector, several rows share one: a matrix of 4 is four
// multiply-adds, and the next one begins while its sums are on their way. Other sizes
// are tiled.
//
// Still wasted: at 16 a row of B serves a single vector of each row, so that loads set
// the pace, 17 for 16 multiply-adds.
//
// How far it can go (1000 matrices, one thread of that Zen 5, peak 250 GFLOP/s; times a
// loop of cblas calls): 4 18.8, 8 4.20, 16 1.49, 32 1.08. Adding the 768 KB of two
// operands of 8 into a third takes 5.1 us from the second-level cache, their products
// 7.1. At 16 and 32 the library has 115 and 196 GFLOP/s, which peak exceeds 2.2 and 1.3
// times.
//
// A processor whose vectors of 512 bits go through units of 256 (isa.h) shuffles
// one of them a cycle, so that turning A sets the pace of a matrix of 8. There six of
// its rows are vectors of their own, each element broadcast as it is loaded, which
// costs no shuffle, and two still share one, which spares loads. Medians of a probe on
// a Zen 4, rows that share vectors / time of 1000 matrices: 8 14.1 us, 6 13.0, 4 11.5,
// 2 10.9, none 12.5; joining two rows to store them won nothing, and asking for
// matrices to come lost 1.4 us. Their sum alone takes 8.7. On an Intel shuffles take
// the turns of multiply-adds (isa.h): 12.2 us where all share, 10.0 where none does.
//
// Lost (1000 matrices on a Zen 5, the last level of cache): asking for matrices to come
// (8: 7.5 us for 7.2, 16: 49.7 for 47.0); all 32 steps of a matrix of 32 as one run
// of instructions (444 us for 322), which no longer fit where decoded ones are kept;
// elements of A by a permutation over the whole vector (8: 7.5 us), of which Zen 5
// does one a cycle.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kernels/batched_matmul/batched_matmul.h"
#include "kernels/batched_matmul/implementations.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/batched_matmul/unrolled.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/batched_matmul/one_matrix-inl.h"

#ifndef ASSAY_KERNELS_BATCHED_MATMUL_UNROLLED_ONCE_
#define ASSAY_KERNELS_BATCHED_MATMUL_UNROLLED_ONCE_
namespace assay::batched_matmul {
namespace {

// How many rows of a matrix of 8 share a vector of 16 lanes with another one.
enum class Eights : std::uint8_t { all_share, two_share, none_share };

struct Constants {
  Parts parts;
  Eights eights = Eights::all_share;
};

}  // namespace
}  // namespace assay::batched_matmul
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::batched_matmul {
namespace HWY_NAMESPACE {
namespace {

// Vectors of C that stay in registers.
#if HWY_TARGET == HWY_AVX3
constexpr std::size_t kMostSums = 24;
#elif HWY_TARGET == HWY_AVX2
constexpr std::size_t kMostSums = 12;
#elif HWY_TARGET == HWY_SCALAR
constexpr std::size_t kMostSums = 0;
#else
constexpr std::size_t kMostSums = 8;
#endif

// How kN x kN floats are laid over vectors, of kLanes or of a whole matrix.
template <std::size_t kN>
struct Layout {
  static constexpr std::size_t kLanes =
      hn::MaxLanes(hn::CappedTag < float, kN* kN<16 ? kN * kN : 16>());
  static constexpr std::size_t kRowsOfVector = kLanes > kN ? kLanes / kN : 1;
  static constexpr std::size_t kVectorsOfRow = kLanes > kN ? 1 : kN / kLanes;
  // Tiles of all columns, as high as registers allow; heights differ by one at most.
  static constexpr std::size_t kLines = kN / kRowsOfVector;
  static constexpr std::size_t kMostLines = kMostSums / kVectorsOfRow;
  static constexpr std::size_t kTiles =
      kMostLines == 0 ? 0 : (kLines + kMostLines - 1) / kMostLines;
  // Two vectors of B feed enough multiply-adds, four are too many registers.
  static constexpr bool kFits = kTiles > 0 && kVectorsOfRow <= 2;
  using Tag = hn::CappedTag<float, kLanes>;
  static constexpr std::size_t line(std::size_t tile) { return kLines * tile / kTiles; }
};

// As many copies of a row of B as a vector holds.
template <std::size_t kN, class D>
HWY_INLINE hn::Vec<D> repeat_row(D d, const float* b) {
  constexpr std::size_t kCopies = Layout<kN>::kRowsOfVector;
  if constexpr (kCopies == 1) {
    return hn::LoadU(d, b);
  } else if constexpr (kN == 4) {
    return hn::LoadDup128(d, b);
  } else {
#if HWY_TARGET == HWY_AVX3
    // Highway 1.0 has no such load; from two halves it takes an instruction more.
    return hn::Vec<D>{_mm512_broadcast_f32x8(_mm256_loadu_ps(b))};
#else
    static_assert(kCopies == 1, "no other target has 16 lanes");
#endif
  }
}

// Element kStep of each row that a line of A holds, in all lanes of that row.
template <std::size_t kN, std::size_t kStep, class D>
HWY_INLINE hn::Vec<D> spread(hn::Vec<D> line) {
  if constexpr (kN == 4) {
    return hn::Broadcast<kStep>(line);
  } else {
    // A row is two blocks of four: first the block of the element in both places.
    const auto swapped = hn::SwapAdjacentBlocks(line);
    return hn::Broadcast<kStep % 4>(kStep < 4 ? hn::OddEvenBlocks(swapped, line)
                                              : hn::OddEvenBlocks(line, swapped));
  }
}

// Lines of several rows, all steps of the sum in one run of instructions.
template <std::size_t kN, std::size_t... kLine, std::size_t... kStep>
HWY_INLINE void shared_lines(std::index_sequence<kLine...> /*lines*/,
                             std::index_sequence<kStep...> /*steps*/, const float* a,
                             const float* b, float* c) {
  using L = Layout<kN>;
  using D = typename L::Tag;
  const D d;
  const hn::Vec<D> lines[] = {hn::LoadU(d, a + kLine * L::kLanes)...};
  hn::Vec<D> sums[] = {((void)kLine, hn::Zero(d))...};
  const auto step = [&](auto index) ASSAY_INLINE_LAMBDA {
    const auto row = repeat_row<kN>(d, b + index() * kN);
    ((sums[kLine] = hn::MulAdd(spread<kN, index(), D>(lines[kLine]), row, sums[kLine])),
     ...);
  };
  (step(std::integral_constant<std::size_t, kStep>()), ...);
  (hn::StoreU(sums[kLine], d, c + kLine * L::kLanes), ...);
}

// Rows of one or two vectors.
template <std::size_t kN, std::size_t... kRow>
HWY_INLINE void whole_rows(std::index_sequence<kRow...> /*rows*/, const float* a,
                           const float* b, float* c) {
  using L = Layout<kN>;
  using V = hn::Vec<typename L::Tag>;
  const typename L::Tag d;
  constexpr bool kTwo = L::kVectorsOfRow == 2;
  V sum0[] = {((void)kRow, hn::Zero(d))...};
  V sum1[] = {((void)kRow, hn::Zero(d))...};
  const auto add = [&](float element, V b0, V b1, V& x0, V& x1) ASSAY_INLINE_LAMBDA {
    const V left = hn::Set(d, element);
    x0 = hn::MulAdd(left, b0, x0);
    if constexpr (kTwo) x1 = hn::MulAdd(left, b1, x1);
  };
  for (std::size_t l = 0; l < kN; ++l) {
    const V b0 = hn::LoadU(d, b);
    const V b1 = kTwo ? hn::LoadU(d, b + L::kLanes) : b0;
    (add(a[kRow * kN], b0, b1, sum0[kRow], sum1[kRow]), ...);
    ++a;
    b += kN;
  }
  (hn::StoreU(sum0[kRow], d, c + kRow * kN), ...);
  if constexpr (kTwo) (hn::StoreU(sum1[kRow], d, c + kRow * kN + L::kLanes), ...);
}

#if HWY_TARGET == HWY_AVX3
// 8 x 8 with the first two rows of A in one vector, or none, and the others in half a
// vector each: the sums of each element are those of shared_lines(), term by term.
template <std::size_t kShared, std::size_t... kRow, std::size_t... kStep>
HWY_INLINE void mixed_lines(std::index_sequence<kRow...> /*rows of their own*/,
                            std::index_sequence<kStep...> /*steps*/, const float* a,
                            const float* b, float* c) {
  constexpr std::size_t kN = 8;
  using Whole = hn::CappedTag<float, 16>;
  using Half = hn::CappedTag<float, 8>;
  const Whole whole;
  const Half half;
  const auto line = hn::LoadU(whole, a);
  auto shared = hn::Zero(whole);
  hn::Vec<Half> sums[] = {((void)kRow, hn::Zero(half))...};
  const auto add = [&](std::size_t index, hn::Vec<Half> row) ASSAY_INLINE_LAMBDA {
    ((sums[kRow] =
          hn::MulAdd(hn::Set(half, a[(kShared + kRow) * kN + index]), row, sums[kRow])),
     ...);
  };
  const auto step = [&](auto index) ASSAY_INLINE_LAMBDA {
    if constexpr (kShared == 0) {
      add(index(), hn::LoadU(half, b + index() * kN));
    } else {
      const auto both = repeat_row<kN>(whole, b + index() * kN);
      shared = hn::MulAdd(spread<kN, index(), Whole>(line), both, shared);
      add(index(), hn::LowerHalf(half, both));
    }
  };
  (step(std::integral_constant<std::size_t, kStep>()), ...);
  if constexpr (kShared != 0) hn::StoreU(shared, whole, c);
  (hn::StoreU(sums[kRow], half, c + (kShared + kRow) * kN), ...);
}

template <std::size_t kShared>
void compute_mixed(const Matrices& x, const Params& p, std::int64_t begin,
                   std::int64_t end) noexcept {
  for (std::int64_t t = begin; t < end; ++t) {
    mixed_lines<kShared>(std::make_index_sequence<8 - kShared>(),
                         std::make_index_sequence<8>(), x.a + t * p.stride_a,
                         x.b + t * p.stride_b, x.c + t * p.stride_c);
  }
}
#endif

// Matrices of 8 of which not all rows share vectors. False: not here.
bool compute_eights([[maybe_unused]] const Params& p,
                    [[maybe_unused]] const Matrices& x, [[maybe_unused]] Eights eights,
                    [[maybe_unused]] std::int64_t begin,
                    [[maybe_unused]] std::int64_t end) noexcept {
#if HWY_TARGET == HWY_AVX3
  if (eights == Eights::all_share || p.m != 8 || p.n != 8 || p.k != 8) return false;
  const bool two = eights == Eights::two_share;
  two ? compute_mixed<2>(x, p, begin, end) : compute_mixed<0>(x, p, begin, end);
  return true;
#else
  return false;
#endif
}

template <std::size_t kN, std::size_t... kTile>
HWY_INLINE void multiply_fixed(std::index_sequence<kTile...> /*tiles*/, const float* a,
                               const float* b, float* c) {
  using L = Layout<kN>;
  if constexpr (L::kRowsOfVector > 1) {
    shared_lines<kN>(std::make_index_sequence<L::kLines>(),
                     std::make_index_sequence<kN>(), a, b, c);
  } else {
    (whole_rows<kN>(std::make_index_sequence<L::line(kTile + 1) - L::line(kTile)>(),
                    a + L::line(kTile) * kN, b, c + L::line(kTile) * kN),
     ...);
  }
}

template <std::size_t kN>
bool compute_fixed(const Params& p, const Matrices& x, std::int64_t begin,
                   std::int64_t end) noexcept {
  using L = Layout<kN>;
  if constexpr (L::kFits) {
    constexpr auto kSize = static_cast<std::int64_t>(kN);
    if (p.m != kSize || p.n != kSize || p.k != kSize) return false;
    for (std::int64_t t = begin; t < end; ++t) {
      multiply_fixed<kN>(std::make_index_sequence<L::kTiles>(), x.a + t * p.stride_a,
                         x.b + t * p.stride_b, x.c + t * p.stride_c);
    }
    return true;
  } else {
    return false;
  }
}

void compute_group(const GroupContext& context) noexcept {
  const auto [parts, eights] = context.constants_as<Constants>();
  const auto& [p, split] = parts;
  const Matrices x = matrices_of(context);
  const std::int64_t begin = split.begin(context.group.x);
  const std::int64_t end = split.end(context.group.x, p.count);
  if (compute_eights(p, x, eights, begin, end)) return;
  if (compute_fixed<4>(p, x, begin, end) || compute_fixed<8>(p, x, begin, end) ||
      compute_fixed<16>(p, x, begin, end) || compute_fixed<32>(p, x, begin, end)) {
    return;
  }
  for (std::int64_t t = begin; t < end; ++t) {
    multiply_one(p, x.a + begin_of_a(p, t), x.b + begin_of_b(p, t),
                 x.c + t * p.stride_c);
  }
}

}  // namespace

HostKernel unrolled_kernel_of_target() noexcept;
HostKernel unrolled_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::batched_matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::batched_matmul {

namespace {

Eights eights_of(Isa isa) noexcept {
  if (halves_vectors(isa)) return Eights::two_share;
  return shuffles_displace_multiply_adds(isa) ? Eights::none_share : Eights::all_share;
}

std::string_view name_of(Eights eights) noexcept {
  constexpr std::string_view kNames[] = {"", " two-share", " none-share"};
  return kNames[static_cast<std::size_t>(eights)];
}

}  // namespace

std::unique_ptr<Prepared> unrolled_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_of(p, context.device->caps().compute_units);
  const Eights eights = eights_of(isa);
  return std::make_unique<HostDispatch<Constants>>(
      *context.device,
      HostDispatch<Constants>::What{"batched_matmul.unrolled",
                                    ASSAY_CALL_FOR_ISA(isa, unrolled_kernel_of_target),
                                    {split.parts, 1, 1},
                                    "isa=" + std::string(to_string(isa)) +
                                        std::string(name_of(eights)) +
                                        " parts=" + std::to_string(split.parts)},
      accesses_of(problem), Constants{{p, split}, eights});
}

}  // namespace assay::batched_matmul
#endif
