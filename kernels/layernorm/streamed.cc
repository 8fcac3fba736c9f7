// SPDX-License-Identifier: MIT
// Step 3: what fits registers stays there, what does not fit a cache goes past it.
//
// What vectorized wasted: a row of up to eight vectors is loaded once and kept, the
// shortest of them four at a time. While a longer row is written the next one is
// fetched, so that its sum does not wait for memory; and when the operands are beyond
// the last cache, y is written with stores that bypass it and save reading every line
// of y first.
//
// Still wasted: a row that ends inside a vector leaves its other lanes idle, most of
// them for rows of a few elements; gamma and beta are loaded again for each long row.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstdint>
#include <string>

#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layernorm/streamed.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/layernorm/moments-inl.h"
#include "kernels/layernorm/narrow-inl.h"
#include "kernels/layernorm/short_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::layernorm {
namespace HWY_NAMESPACE {
namespace {

// The last pass over a row. `streams`: past the cache, where y reaches a vector's
// alignment. Fetches `ahead` meanwhile.
template <bool kStreams>
HWY_INLINE void write_row(const Rows& rows, const Moments& row, const float* x,
                          const float* ahead, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t cols = rows.p.cols;
  const auto some = [&](std::int64_t at, std::int64_t count) HWY_ATTR {
    store_tail(normalized(load_tail(d, x + at, count, 0), row,
                          load_tail(d, rows.gamma + at, count, 0),
                          load_tail(d, rows.beta + at, count, 0)),
               d, y + at, count);
  };
  std::int64_t i = 0;
  if (kStreams) {
    const auto misaligned =
        static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(y) / sizeof(float)) %
        lanes;
    // A long row has more than eight vectors.
    i = misaligned == 0 ? 0 : lanes - misaligned;
    if (i > 0) some(0, i);
  }
  for (; i + lanes <= cols; i += lanes) {
    const V v = normalized(hn::LoadU(d, x + i), row, hn::LoadU(d, rows.gamma + i),
                           hn::LoadU(d, rows.beta + i));
    hwy::Prefetch(ahead + i);
    if (kStreams) {
      hn::Stream(v, d, y + i);
    } else {
      hn::StoreU(v, d, y + i);
    }
  }
  if (i < cols) some(i, cols - i);
}

template <bool kStreams>
void long_rows(const Rows& rows) noexcept {
  const std::int64_t cols = rows.p.cols;
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const float* const x = rows.x + row * cols;
    const float* const ahead = row + 1 < rows.count ? x + cols : x;
    write_row<kStreams>(rows, moments_of(x, rows.p), x, ahead, rows.y + row * cols);
  }
  // Such stores are ordered by nothing else, and whoever waits for us reads y.
  if (kStreams) hwy::FlushStream();
}

void compute_group(const GroupContext& context) noexcept {
  const auto [p, split, streams] = context.constants_as<Parts>();
  const std::int64_t begin = split.begin(context.group.x);
  const Rows rows = {p,
                     context.bindings[kX].as<const float>() + begin * p.cols,
                     context.bindings[kGamma].as<const float>(),
                     context.bindings[kBeta].as<const float>(),
                     context.bindings[kY].as<float>() + begin * p.cols,
                     split.end(context.group.x, p.rows) - begin};
  if (share_vectors(rows)) return;
  if (keep_in_registers(rows)) return;
  streams ? long_rows<true>(rows) : long_rows<false>(rows);
}

}  // namespace

HostKernel streamed_kernel_of_target() noexcept;
HostKernel streamed_kernel_of_target() noexcept { return compute_group; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::layernorm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::layernorm {

std::unique_ptr<Prepared> streamed_prepare(const PrepareContext& context,
                                           const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Isa isa = selected_isa();
  const Split split = split_rows(p.rows, p.cols, context.device->caps().compute_units);
  const bool streams = beyond_cache(problem);
  return std::make_unique<HostDispatch<Parts>>(
      *context.device,
      HostDispatch<Parts>::What{"layernorm.streamed",
                                ASSAY_CALL_FOR_ISA(isa, streamed_kernel_of_target),
                                {split.parts, 1, 1},
                                "isa=" + std::string(to_string(isa)) +
                                    " parts=" + std::to_string(split.parts) +
                                    " streams=" + (streams ? "yes" : "no")},
      accesses_of(problem), Parts{p, split, streams});
}

}  // namespace assay::layernorm
#endif
