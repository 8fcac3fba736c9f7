// SPDX-License-Identifier: MIT
// Step 3: what fits registers stays there, what does not fit a cache goes past it.
//
// What vectorized wasted: a row of up to eight vectors is loaded once, kept, and stored
// once. Longer rows keep their exponentials in the unit's own scratch, which stays in
// the first caches from row to row, so that y is written once and only written: when
// the operands are beyond the last cache, with stores that bypass it and save reading
// every line of y first. Rows that no unit's scratch holds keep them in y, as
// vectorized does.
//
// Still wasted: a row that ends inside a vector leaves its other lanes idle, most of
// them for rows of a few elements; a row longer than the first cache is read from the
// second one twice.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>
#include <utility>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/softmax/implementations.h"
#include "kernels/softmax/softmax.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax/streamed.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/softmax/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::softmax {
namespace HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A row of kVectors - 1 whole vectors and a last one of `tail` elements.
template <int kVectors>
HWY_INLINE void row_in_registers(const float* x, std::int64_t tail, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  constexpr int kLast = kVectors - 1;
  V v[kVectors];
  for (int i = 0; i < kLast; ++i) v[i] = hn::LoadU(d, x + i * lanes);
  const bool whole = tail == lanes;
  v[kLast] = whole ? hn::LoadU(d, x + kLast * lanes)
                   : load_tail(d, x + kLast * lanes, tail, kMinusInfinity);
  V largest = v[0];
  for (int i = 1; i < kVectors; ++i) largest = hn::Max(largest, v[i]);
  largest = hn::MaxOfLanes(d, largest);
  for (V& one : v) one = exp_of_nonpositive(d, hn::Sub(one, largest));
  V sum = v[0];
  for (int i = 1; i < kVectors; ++i) sum = hn::Add(sum, v[i]);
  const V scale = hn::Div(hn::Set(d, 1.0F), hn::SumOfLanes(d, sum));
  for (int i = 0; i < kLast; ++i) hn::StoreU(hn::Mul(v[i], scale), d, y + i * lanes);
  const V last = hn::Mul(v[kLast], scale);
  if (whole) {
    hn::StoreU(last, d, y + kLast * lanes);
  } else {
    store_tail(last, d, y + kLast * lanes, tail);
  }
}

template <int kVectors>
void short_rows(const float* x, std::int64_t rows, std::int64_t cols,
                float* y) noexcept {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  const std::int64_t tail = cols - (kVectors - 1) * lanes;
  for (std::int64_t row = 0; row < rows; ++row) {
    row_in_registers<kVectors>(x + row * cols, tail, y + row * cols);
  }
}

// y = e * scale. `streams`: past the cache, where y reaches a vector's alignment.
HWY_INLINE void scale_row(const float* e, std::int64_t cols, V scale, bool streams,
                          float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  if (streams) {
    const auto misaligned =
        static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(y) / sizeof(float)) %
        lanes;
    const std::int64_t head = misaligned == 0 ? 0 : lanes - misaligned;
    if (head > 0 && head <= cols) {
      store_tail(hn::Mul(load_tail(d, e, head, 0), scale), d, y, head);
      i = head;
    }
    for (; i + lanes <= cols; i += lanes) {
      hn::Stream(hn::Mul(hn::LoadU(d, e + i), scale), d, y + i);
    }
  } else {
    for (; i + lanes <= cols; i += lanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, e + i), scale), d, y + i);
    }
  }
  if (i == cols) return;
  store_tail(hn::Mul(load_tail(d, e + i, cols - i, 0), scale), d, y + i, cols - i);
}

// `e` is a unit's scratch, or null.
void long_rows(const float* x, std::int64_t rows, std::int64_t cols, bool streams,
               float* e, float* y) noexcept {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row, x += cols, y += cols) {
    const float* const ahead = row + 1 < rows ? x + cols : x;
    float* const kept = e == nullptr ? y : e;
    const V sum = exp_row(d, x, cols, largest_of(d, x, cols), ahead, kept);
    scale_row(kept, cols, hn::Div(hn::Set(d, 1.0F), sum), streams, y);
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads y.
  if (streams) hwy::FlushStream();
}

void compute_group(const GroupContext& context) noexcept {
  const auto parts = context.constants_as<Parts>();
  const Params& p = parts.params;  // a structured binding could not be captured
  const Split& split = parts.split;
  const std::int64_t begin = split.begin(context.group.x);
  const std::int64_t rows = split.end(context.group.x, p.rows) - begin;
  const auto* const x = context.bindings[kX].as<const float>() + begin * p.cols;
  auto* const y = context.bindings[kY].as<float>() + begin * p.cols;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  const auto short_row = [&]<int... kVectors>(
      std::integer_sequence<int, kVectors...> /*all*/) {
    const std::int64_t vectors = divide_up(p.cols, lanes);
    return ((vectors == kVectors + 1 &&
             (short_rows<kVectors + 1>(x, rows, p.cols, y), true)) ||
            ...);
  };
  if (short_row(std::make_integer_sequence<int, 8>())) return;
  auto* const e =
      context.local.empty() ? nullptr : reinterpret_cast<float*>(context.local.data());
  long_rows(x, rows, p.cols, parts.streams, e, y);
}

}  // namespace

HostKernel streamed_kernel_of_target() noexcept;
HostKernel streamed_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::softmax
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::softmax {

std::unique_ptr<Prepared> streamed_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Caps& caps = context.device->caps();
  const Split split = split_rows(p.rows, p.cols, caps.compute_units);
  const std::size_t row_bytes = static_cast<std::size_t>(p.cols) * sizeof(float);
  const bool kept_apart = row_bytes <= caps.limits.max_local_bytes;
  // What is kept in y has its lines in a cache already.
  const bool streams = kept_apart && beyond_cache(problem);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"softmax.streamed",
                                ASSAY_CALL_FOR_ISA(isa, streamed_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no"),
                                kept_apart ? row_bytes : 0},
      accesses_of(problem), Parts{p, split, streams});
}

}  // namespace assay::softmax
#endif
