// SPDX-License-Identifier: MIT
// Compiled once for each target: this file includes itself through foreach_target.h.
#include "kernels/matmul/widening.h"

#include <utility>

#include "kernels/common/host_dispatch.h"
#include "kernels/common/simd_targets.h"
#include "kernels/common/split.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/widening.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/tail-inl.h"
#include "kernels/matmul/narrow_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::matmul {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using assay::HWY_NAMESPACE::store_tail;

#if HWY_TARGET == HWY_AVX3
using D = hn::CappedTag<float, 16>;
#elif HWY_TARGET == HWY_AVX2
using D = hn::CappedTag<float, 8>;
#else
using D = hn::CappedTag<float, 4>;
#endif
constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));

template <class Row>
void widen_rows(const NarrowBlock& x) noexcept {
  const D d;
  const std::int64_t whole = x.cols / kLanes * kLanes;
  for (std::int64_t i = 0; i < x.rows; ++i) {
    const std::uint16_t* const from = x.from + i * x.from_stride;
    float* const to = x.to + i * x.to_stride;
    for (std::int64_t j = 0; j < whole; j += kLanes) {
      hn::StoreU(Row::load(d, from + j), d, to + j);
    }
    if (const std::int64_t left = x.cols - whole; left > 0) {
      store_tail(Row::load_some(d, from + whole, left), d, to + whole, left);
    }
  }
}

void pair_rows(const NarrowBlock& x) noexcept {
  const D d;
  const hn::RebindToUnsigned<D> words;
  const std::int64_t whole = x.cols / kLanes * kLanes;
  for (std::int64_t i = 0; i < x.rows; i += 2) {
    const std::uint16_t* const first = x.from + i * x.from_stride;
    const std::uint16_t* const second = first + x.from_stride;
    float* const to = x.to + i / 2 * x.to_stride;
    const bool both = i + 1 < x.rows;
    const auto paired = [&](auto low, auto high) HWY_ATTR {
      return hn::BitCast(d, hn::Or(low, hn::ShiftLeft<16>(high)));
    };
    for (std::int64_t j = 0; j < whole; j += kLanes) {
      const auto low = load_halves(d, first + j);
      const auto high = both ? load_halves(d, second + j) : hn::Zero(words);
      hn::StoreU(paired(low, high), d, to + j);
    }
    if (const std::int64_t left = x.cols - whole; left > 0) {
      const auto low = load_some_halves(d, first + whole, left);
      const auto high =
          both ? load_some_halves(d, second + whole, left) : hn::Zero(words);
      store_tail(paired(low, high), d, to + whole, left);
    }
  }
}

}  // namespace

const Widening& widening_of_target() noexcept;
const Widening& widening_of_target() noexcept {
  static constexpr Widening kWidening = {widen_rows<Bf16Row>, widen_rows<F16Row>,
                                         pair_rows};
  return kWidening;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::matmul
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::matmul {

const Widening& widening(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, widening_of_target);
}

namespace {

void widen_group(const GroupContext& context) noexcept {
  const auto shape = context.constants_as<WideningShape>();
  const std::int64_t begin =
      balanced_begin(shape.rows, context.groups.x, context.group.x);
  NarrowBlock block;
  block.from = context.bindings[0].as<const std::uint16_t>() + begin * shape.stride;
  block.from_stride = shape.stride;
  block.to = context.bindings[1].as<float>() + begin * shape.cols;
  block.to_stride = shape.cols;
  block.rows =
      balanced_begin(shape.rows, context.groups.x, context.group.x + 1) - begin;
  block.cols = shape.cols;
  widening(shape.isa).of(shape.type)(block);
}

}  // namespace

std::shared_ptr<Kernel> create_widening(Device& device, std::string name) {
  return create_rewriting<WideningShape>(device, std::move(name), widen_group);
}

}  // namespace assay::matmul
#endif
