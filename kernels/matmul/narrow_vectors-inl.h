// SPDX-License-Identifier: MIT
// Vectors of 16-bit numbers, widened to f32 exactly. Compiled once for each target by
// the file that includes it.
#if defined(ASSAY_KERNELS_MATMUL_NARROW_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_MATMUL_NARROW_VECTORS_INL_H_
#undef ASSAY_KERNELS_MATMUL_NARROW_VECTORS_INL_H_
#else
#define ASSAY_KERNELS_MATMUL_NARROW_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A whole vector of 16-bit elements, each in the lower half of 32 bits. D is of floats.
template <class D>
HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> load_halves(D /*d*/,
                                                        const std::uint16_t* from) {
  const hn::RebindToUnsigned<D> words;
  return hn::PromoteTo(words, hn::LoadU(hn::Rebind<std::uint16_t, D>(), from));
}
// The first `count` of them, 0 < count < lanes, and zeros; nothing beyond is read.
template <class D>
HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> load_some_halves(D /*d*/,
                                                             const std::uint16_t* from,
                                                             std::int64_t count) {
  const hn::Rebind<std::uint16_t, D> halves;
  const hn::RebindToUnsigned<D> words;
#if HWY_TARGET == HWY_AVX3
  // Masked loads touch no masked lane.
  const auto mask = hn::FirstN(halves, static_cast<std::size_t>(count));
  return hn::PromoteTo(words, hn::MaskedLoad(mask, halves, from));
#else
  HWY_ALIGN std::uint16_t lanes[hn::MaxLanes(halves)] = {};
  std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof *from);
  return hn::PromoteTo(words, hn::Load(halves, lanes));
#endif
}

template <class D, class W>
HWY_INLINE hn::Vec<D> widen_bf16(D d, W words) {
  return hn::BitCast(d, hn::ShiftLeft<16>(words));
}

// As f16_to_f32() does it, kernels/common/narrow_floats.h. (Highway's own, below AVX2,
// makes ordinary numbers of infinities.)
template <class D, class W>
HWY_INLINE hn::Vec<D> widen_f16_by_steps(D d, W words) {
  const hn::RebindToUnsigned<D> u;
  const hn::RebindToSigned<D> s;
  const auto sign = hn::ShiftLeft<16>(hn::And(words, hn::Set(u, 0x8000U)));
  const auto rest = hn::ShiftLeft<13>(hn::And(words, hn::Set(u, 0x7fffU)));
  const auto number =
      hn::BitCast(u, hn::Mul(hn::BitCast(d, rest), hn::Set(d, 0x1p112F)));
  const auto special = hn::Or(rest, hn::Set(u, 0x7f800000U));
  const auto is_special =
      hn::RebindMask(u, hn::Gt(hn::BitCast(s, rest), hn::Set(s, 0x0f7fffff)));
  return hn::BitCast(d, hn::Or(sign, hn::IfThenElse(is_special, special, number)));
}

// What a row of B is made of: elements, whole vectors of them, and its last ones.
struct Bf16Row {
  using Element = std::uint16_t;
  template <class D>
  static HWY_INLINE hn::Vec<D> load(D d, const Element* from) {
    return widen_bf16(d, load_halves(d, from));
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> load_some(D d, const Element* from, std::int64_t count) {
    return widen_bf16(d, load_some_halves(d, from, count));
  }
};

struct F16Row {
  using Element = std::uint16_t;
  template <class D>
  static HWY_INLINE hn::Vec<D> load(D d, const Element* from) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
    // One conversion (F16C), right for every bit pattern.
    const hn::Rebind<hwy::float16_t, D> halves;
    const hn::Rebind<std::uint16_t, D> bits;
    return hn::PromoteTo(d, hn::BitCast(halves, hn::LoadU(bits, from)));
#else
    return widen_f16_by_steps(d, load_halves(d, from));
#endif
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> load_some(D d, const Element* from, std::int64_t count) {
    return widen_f16_by_steps(d, load_some_halves(d, from, count));
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_KERNELS_MATMUL_NARROW_VECTORS_INL_H_
