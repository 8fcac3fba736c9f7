// SPDX-License-Identifier: MIT
// Step 3: the columns of two rows into a buffer, and the buffer's rows into y.
//
// What separable wasted: what is between the passes is two rows of a strip, which the
// first-level cache holds, so that memory is read once and written once. Two rows at a
// time share all rows of their windows but one: 2 r + 2 loads for two sums of columns.
// Ends of rows are copies in the buffer and need no code of their own. Beyond the last
// cache y is written past it, which saves reading it first. While a row is written one
// that the next two need is fetched: a strip of a row is a page, too short for the
// hardware to foresee the next (4096 x 4096 on a Zen 5: 4.4 ms for 5.9, 30 GB/s of a
// triad's 32). Strips of 4096 columns gained nothing.
//
// Still wasted: sums along a row load each vector 2 r + 1 times, most of them across
// two cache lines, and set the pace in cache.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/gaussian/gaussian.h"
#include "kernels/gaussian/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gaussian/fused.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/gaussian/taps-inl.h"

#ifndef ASSAY_KERNELS_GAUSSIAN_FUSED_STRIP_
#define ASSAY_KERNELS_GAUSSIAN_FUSED_STRIP_
namespace assay::gaussian {
namespace {

// Columns of a strip: two rows of the buffer and six of x, 32 KiB altogether.
constexpr std::int64_t kStrip = 1024;
// Before a buffer's first column and behind its last: more than a radius and no less
// than a vector.
constexpr std::int64_t kPad = 16;
constexpr std::int64_t kBuffer = kPad + kStrip + 2 * kPad;
constexpr std::size_t kLocalBytes = 2 * kBuffer * sizeof(float);

}  // namespace
}  // namespace assay::gaussian
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::gaussian {
namespace HWY_NAMESPACE {
namespace {

static_assert(kLanes <= kPad && kMostRadius <= kPad);

// Columns [begin, end) of a plane.
struct Strip {
  const float* x;
  float* y;
  std::int64_t height;
  std::int64_t width;
  std::int64_t begin;
  std::int64_t end;
};

// Where the windows of a strip end, inside of the image.
template <int kRadius>
HWY_INLINE std::int64_t reach_of(const Strip& s) {
  return s.end + kRadius < s.width ? s.end + kRadius : s.width;
}

// Sums of columns for rows `row` and `row + 1` of the strip and of what their windows
// reach beyond it; column c of row k is buffer[k * kBuffer + kPad + c - begin].
template <int kRadius>
HWY_INLINE void sum_columns(const Taps<kRadius>& taps, const Strip& s, std::int64_t row,
                            float* buffer) {
  const D d;
  const float* rows[2 * kRadius + 2];
  for (int k = 0; k < 2 * kRadius + 2; ++k) {
    rows[k] = s.x + clamped(row - kRadius + k, s.height) * s.width;
  }
  const auto both = [&](std::int64_t at, const auto& load) ASSAY_INLINE_LAMBDA {
    V v[2 * kRadius + 2];
    for (int k = 0; k < 2 * kRadius + 2; ++k) v[k] = load(rows[k] + at);
    for (int k = 0; k < 2; ++k) {
      const V sum =
          weighted(taps, [&](int t) ASSAY_INLINE_LAMBDA { return v[kRadius + k + t]; });
      hn::StoreU(sum, d, buffer + k * kBuffer + kPad + (at - s.begin));
    }
  };
  std::int64_t at = s.begin == 0 ? 0 : s.begin - kPad;
  const std::int64_t end = reach_of<kRadius>(s);
  for (; at + kLanes <= end; at += kLanes) {
    both(at, [d](const float* from) ASSAY_INLINE_LAMBDA { return hn::LoadU(d, from); });
  }
  if (at == end) return;
  const std::int64_t count = end - at;
  both(at, [d, count](const float* from)
               ASSAY_INLINE_LAMBDA { return load_tail(d, from, count, 0); });
}

// The image's ends, repeated.
template <int kRadius>
HWY_INLINE void clamp_ends(const Strip& s, float* buffer) {
  float* const first = buffer + kPad;
  float* const last = first + (reach_of<kRadius>(s) - 1 - s.begin);
  for (int t = 1; t <= kRadius; ++t) {
    if (s.begin == 0) first[-t] = *first;
    // A window that ends inside of the image reaches no further than this.
    last[t] = *last;
  }
}

// Sums along the buffer. `kStreams`: past the cache, where y reaches a vector's
// alignment. Fetches `ahead` meanwhile.
template <int kRadius, bool kStreams>
HWY_INLINE void sum_row(const Taps<kRadius>& taps, const float* buffer,
                        std::int64_t count, const float* ahead, float* y) {
  const D d;
  const float* const from = buffer + kPad;
  const auto sum_at = [&](std::int64_t at) ASSAY_INLINE_LAMBDA {
    return weighted(
        taps, [&](int t) ASSAY_INLINE_LAMBDA { return hn::LoadU(d, from + at + t); });
  };
  std::int64_t i = 0;
  if (kStreams) {
    const auto misaligned =
        static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(y) / sizeof(float)) %
        kLanes;
    const std::int64_t head = misaligned == 0 ? 0 : kLanes - misaligned;
    if (head > 0 && head <= count) {
      store_tail(sum_at(0), d, y, head);
      i = head;
    }
  }
  for (; i + kLanes <= count; i += kLanes) {
    hwy::Prefetch(ahead + i);
    if (kStreams) {
      hn::Stream(sum_at(i), d, y + i);
    } else {
      hn::StoreU(sum_at(i), d, y + i);
    }
  }
  if (i < count) store_tail(sum_at(i), d, y + i, count - i);
}

// Rows [begin, end) of a strip.
template <int kRadius, bool kStreams>
HWY_INLINE void filter_strip(const Taps<kRadius>& taps, const Strip& s,
                             std::int64_t begin, std::int64_t end, float* buffer) {
  for (std::int64_t row = begin; row < end; row += 2) {
    sum_columns(taps, s, row, buffer);
    // Of an odd number of rows the last is computed with one that nobody takes.
    for (std::int64_t k = 0; k < 2 && row + k < end; ++k) {
      clamp_ends<kRadius>(s, buffer + k * kBuffer);
      // The next two rows need one more each.
      const std::int64_t next = clamped(row + k + kRadius + 2, s.height);
      sum_row<kRadius, kStreams>(taps, buffer + k * kBuffer, s.end - s.begin,
                                 s.x + next * s.width + s.begin,
                                 s.y + (row + k) * s.width + s.begin);
    }
  }
}

template <int kRadius, bool kStreams>
void filter(const Parts& parts, std::int64_t begin, std::int64_t end, const float* x,
            float* y, float* buffer) noexcept {
  const Params& p = parts.params;
  const auto taps = taps_of<kRadius>(parts.weights);
  for (std::int64_t row = begin; row < end;) {
    const std::int64_t plane = row / p.height * p.height;
    const std::int64_t stop = plane + p.height < end ? plane + p.height : end;
    for (std::int64_t col = 0; col < p.width; col += kStrip) {
      const std::int64_t last = col + kStrip < p.width ? col + kStrip : p.width;
      const Strip strip = {
          x + plane * p.width, y + plane * p.width, p.height, p.width, col, last};
      filter_strip<kRadius, kStreams>(taps, strip, row - plane, stop - plane, buffer);
    }
    row = stop;
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads y.
  if (kStreams) hwy::FlushStream();
}

template <int kRadius>
void filter_either(const Parts& parts, std::int64_t begin, std::int64_t end,
                   const float* x, float* y, float* buffer) noexcept {
  parts.streams ? filter<kRadius, true>(parts, begin, end, x, y, buffer)
                : filter<kRadius, false>(parts, begin, end, x, y, buffer);
}

void compute_group(const GroupContext& context) noexcept {
  const auto parts = context.constants_as<Parts>();
  constexpr decltype(&filter_either<1>) kOfRadius[kMostRadius] = {
      filter_either<1>, filter_either<2>, filter_either<3>, filter_either<4>};
  kOfRadius[parts.params.radius - 1](
      parts, parts.split.begin(context.group.x),
      parts.split.end(context.group.x, parts.params.rows()),
      context.bindings[kX].as<const float>(), context.bindings[kY].as<float>(),
      reinterpret_cast<float*>(context.local.data()));
}

}  // namespace

HostKernel fused_kernel_of_target() noexcept;
HostKernel fused_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::gaussian
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::gaussian {

HostKernel fused_kernel(Isa isa) noexcept {
  return ASSAY_CALL_FOR_ISA(isa, fused_kernel_of_target);
}
std::size_t fused_local_bytes() noexcept { return kLocalBytes; }

std::unique_ptr<Prepared> fused_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split =
      split_rows(p.rows(), p.width, context.device->caps().compute_units);
  const bool streams = beyond_cache(problem);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"gaussian.fused",
                                fused_kernel(isa),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no"),
                                kLocalBytes},
      accesses_of(problem), Parts{p, weights_of(p), split, streams});
}

}  // namespace assay::gaussian
#endif
