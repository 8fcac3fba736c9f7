// SPDX-License-Identifier: MIT
// Several rows in one vector: for rows of at most half of its lanes. Compiled once for
// each target by the file that includes it.
#if defined(ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#undef ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#else
#define ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <utility>

#include "kernels/layernorm/moments-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
// A row takes kRow lanes, a power of two, of which it fills `cols`, more than half.
template <int kRow>
struct Narrow {
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  static constexpr std::int64_t kRows = kLanes / kRow;
  using Index = hn::Vec<hn::RebindToSigned<D>>;

  Index spread;  // lane of the vector as loaded that a row's lane comes from
  Index close;   // and back
  hn::Mask<D> filled;
  V gamma;
  V beta;
};

template <int kRow>
HWY_INLINE Narrow<kRow> narrow_of(const Rows& r) {
  constexpr std::int64_t kLanes = Narrow<kRow>::kLanes;
  const std::int64_t cols = r.p.cols;
  const D d;
  const hn::RebindToSigned<D> di;
  HWY_ALIGN std::int32_t spread[kLanes];
  HWY_ALIGN std::int32_t close[kLanes] = {};
  HWY_ALIGN std::int32_t fills[kLanes];
  HWY_ALIGN float scales[kLanes];
  HWY_ALIGN float shifts[kLanes];
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    const std::int64_t row = lane / kRow;
    const std::int64_t col = lane % kRow < cols ? lane % kRow : 0;
    spread[lane] = static_cast<std::int32_t>(row * cols + col);
    fills[lane] = lane % kRow < cols ? 1 : 0;
    scales[lane] = r.gamma[col];
    shifts[lane] = r.beta[col];
    if (fills[lane] != 0) close[row * cols + col] = static_cast<std::int32_t>(lane);
  }
  return {hn::Load(di, spread), hn::Load(di, close),
          hn::RebindMask(d, hn::Ne(hn::Load(di, fills), hn::Zero(di))),
          hn::Load(d, scales), hn::Load(d, shifts)};
}

// The sum of each row, in all of its lanes. Whichever lanes a row has, its sum is added
// up in the same order.
template <int kRow>
HWY_INLINE V sum_of_rows(V v) {
  if constexpr (kRow >= 2) v = hn::Add(v, hn::Shuffle2301(v));
  if constexpr (kRow >= 4) v = hn::Add(v, hn::Shuffle1032(v));
#if HWY_TARGET == HWY_AVX3
  if constexpr (kRow >= 8) v = hn::Add(v, hn::SwapAdjacentBlocks(v));
#endif
  return v;
}

// A row has its sum in each of its lanes, of which the divider needs one: vectors go
// through it together, as many as a row has lanes, up to the four of a block. Lane by
// lane the same as one after the other: rows of 8 take half of the time.
template <int kRow>
constexpr int kTogether = kRow < 4 ? kRow : 4;

// Lane i comes from vector i modulo their number.
template <int kVectors>
HWY_INLINE V mixed(const V (&v)[kVectors]) {
  if constexpr (kVectors == 4) {
    const hn::Repartition<double, D> pairs;
    const auto even = hn::BitCast(pairs, hn::OddEven(v[1], v[0]));
    const auto odd = hn::BitCast(pairs, hn::OddEven(v[3], v[2]));
    return hn::BitCast(D(), hn::OddEven(odd, even));
  } else if constexpr (kVectors == 2) {
    return hn::OddEven(v[1], v[0]);
  } else {
    return v[0];
  }
}

// Back: in all lanes of a row what vector kOf has for it in one.
template <int kVectors, int kOf>
HWY_INLINE V unmixed(V v) {
  if constexpr (kVectors == 4) return hn::Broadcast<kOf>(v);
  if constexpr (kVectors == 2) return kOf == 0 ? hn::DupEven(v) : hn::DupOdd(v);
  return v;
}

template <int kRow, int... kOf>
HWY_INLINE void normalize(const Narrow<kRow>& narrow, V count, float epsilon,
                          V (&v)[sizeof...(kOf)],
                          std::integer_sequence<int, kOf...> /*all*/) {
  constexpr int kVectors = sizeof...(kOf);
  const D d;
  const auto spread = hn::IndicesFromVec(d, narrow.spread);
  ((v[kOf] = hn::IfThenElseZero(narrow.filled, hn::TableLookupLanes(v[kOf], spread))),
   ...);
  const V sums[] = {sum_of_rows<kRow>(v[kOf])...};
  const V mean = hn::Div(mixed(sums), count);
  ((v[kOf] = hn::IfThenElseZero(narrow.filled,
                                hn::Sub(v[kOf], unmixed<kVectors, kOf>(mean)))),
   ...);
  const V squares[] = {sum_of_rows<kRow>(hn::Mul(v[kOf], v[kOf]))...};
  const V scale = scale_of(d, mixed(squares), count, epsilon);
  const auto close = hn::IndicesFromVec(d, narrow.close);
  ((v[kOf] =
        hn::TableLookupLanes(hn::MulAdd(hn::Mul(v[kOf], unmixed<kVectors, kOf>(scale)),
                                        narrow.gamma, narrow.beta),
                             close)),
   ...);
}

template <int kRow, int kVectors>
HWY_INLINE void normalize(const Narrow<kRow>& narrow, V count, float epsilon,
                          V (&v)[kVectors]) {
  normalize(narrow, count, epsilon, v, std::make_integer_sequence<int, kVectors>());
}

template <int kRow>
void narrow_rows(const Rows& r) noexcept {
  using Shared = Narrow<kRow>;
  constexpr int kVectors = kTogether<kRow>;
  const D d;
  const Shared narrow = narrow_of<kRow>(r);
  const V count = hn::Set(d, static_cast<float>(r.p.cols));
  const std::int64_t step = Shared::kRows * r.p.cols;
  const std::int64_t elements = r.count * r.p.cols;
  std::int64_t i = 0;
  // A whole vector is stored, of which the next one overwrites what it does not hold.
  for (; i + (kVectors - 1) * step + Shared::kLanes <= elements; i += kVectors * step) {
    V v[kVectors];
    for (int of = 0; of < kVectors; ++of) v[of] = hn::LoadU(d, r.x + i + of * step);
    normalize(narrow, count, r.p.epsilon, v);
    for (int of = 0; of < kVectors; ++of) hn::StoreU(v[of], d, r.y + i + of * step);
  }
  for (; i < elements; i += step) {
    const std::int64_t left = elements - i;
    V v[] = {left < Shared::kLanes ? load_tail(d, r.x + i, left, 0)
                                   : hn::LoadU(d, r.x + i)};
    normalize(narrow, count, r.p.epsilon, v);
    if (left < Shared::kLanes) {
      store_tail(v[0], d, r.y + i, left < step ? left : step);
    } else {
      hn::StoreU(v[0], d, r.y + i);
    }
  }
}

#endif

// False when rows fill more than half of a vector, and nothing is done.
HWY_INLINE bool share_vectors([[maybe_unused]] const Rows& r) noexcept {
#if HWY_TARGET != HWY_SCALAR
  if (r.p.cols == 1) return narrow_rows<1>(r), true;
  if (r.p.cols == 2) return narrow_rows<2>(r), true;
#endif
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  if (r.p.cols <= 4) return narrow_rows<4>(r), true;
#endif
#if HWY_TARGET == HWY_AVX3
  if (r.p.cols <= 8) return narrow_rows<8>(r), true;
#endif
  return false;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_LAYERNORM_NARROW_INL_H_
