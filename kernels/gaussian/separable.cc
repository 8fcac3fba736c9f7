// SPDX-License-Identifier: MIT
// Step 2: two passes, rows into a workspace and its columns into y.
//
// What naive wasted: 2 r + 1 products a pass, of which pairs share a weight; only the
// r elements at each end of a row are clamped, what is between is summed in registers,
// in vectors as wide as the machine has, and the columns run along rows, too: whole
// rows are added to each other. Each unit has rows of its own.
//
// Still wasted: an image beyond the cache goes through memory twice more, into the
// workspace and back; within it, each column loads 2 r + 1 rows for one. Step 3 is
// fused.cc.
//
// Lost: loops for the compiler to vectorize, one over the row for each pair of weights,
// in vectors of its baseline.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/rows.h"
#include "kernels/common/simd_targets.h"
#include "kernels/gaussian/gaussian.h"
#include "kernels/gaussian/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gaussian/separable.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/gaussian/taps-inl.h"

#ifndef ASSAY_KERNELS_GAUSSIAN_SEPARABLE_KERNELS_
#define ASSAY_KERNELS_GAUSSIAN_SEPARABLE_KERNELS_
namespace assay::gaussian {
namespace {

struct SeparableKernels {
  HostKernel rows = nullptr;
  HostKernel columns = nullptr;
};

}  // namespace
}  // namespace assay::gaussian
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::gaussian {
namespace HWY_NAMESPACE {
namespace {

// y[begin .. end) from the sums over the vectors that begin at at(column, offset).
template <int kRadius, class At>
HWY_INLINE void sum_along(const Taps<kRadius>& taps, std::int64_t begin,
                          std::int64_t end, float* y, const At& at) {
  const D d;
  const auto sum_of = [&](std::int64_t col, const auto& load) ASSAY_INLINE_LAMBDA {
    return weighted(taps, [&](int t) ASSAY_INLINE_LAMBDA { return load(at(col, t)); });
  };
  std::int64_t col = begin;
  for (; col + kLanes <= end; col += kLanes) {
    hn::StoreU(sum_of(col, [d](const float* from)
                               ASSAY_INLINE_LAMBDA { return hn::LoadU(d, from); }),
               d, y + col);
  }
  if (col >= end) return;
  const std::int64_t count = end - col;
  store_tail(
      sum_of(col, [d, count](const float* from)
                      ASSAY_INLINE_LAMBDA { return load_tail(d, from, count, 0); }),
      d, y + col, count);
}

// One element of a row near its ends, in the order of weighted().
template <int kRadius>
HWY_INLINE float clamped_sum(const Parts& parts, const float* x, std::int64_t col) {
  const std::int64_t width = parts.params.width;
  float sum = parts.weights[0] * x[col];
  for (std::int64_t t = 1; t <= kRadius; ++t) {
    sum += parts.weights[static_cast<std::size_t>(t)] *
           (x[clamped(col - t, width)] + x[clamped(col + t, width)]);
  }
  return sum;
}

template <int kRadius>
void filter_rows(const Parts& parts, std::int64_t begin, std::int64_t end,
                 const float* x, float* y) noexcept {
  const auto taps = taps_of<kRadius>(parts.weights);
  const std::int64_t width = parts.params.width;
  const std::int64_t first = kRadius < width ? kRadius : width;
  const std::int64_t last = width - kRadius > first ? width - kRadius : first;
  for (std::int64_t row = begin; row < end; ++row) {
    const float* const from = x + row * width;
    float* const to = y + row * width;
    for (std::int64_t col = 0; col < first; ++col) {
      to[col] = clamped_sum<kRadius>(parts, from, col);
    }
    sum_along(taps, first, last, to,
              [from](std::int64_t col, int t)
                  ASSAY_INLINE_LAMBDA { return from + col + t; });
    for (std::int64_t col = last; col < width; ++col) {
      to[col] = clamped_sum<kRadius>(parts, from, col);
    }
  }
}

template <int kRadius>
void filter_columns(const Parts& parts, std::int64_t begin, std::int64_t end,
                    const float* x, float* y) noexcept {
  const auto taps = taps_of<kRadius>(parts.weights);
  const Params& p = parts.params;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t plane = row / p.height * p.height;
    const float* rows[2 * kRadius + 1];
    for (int t = -kRadius; t <= kRadius; ++t) {
      rows[kRadius + t] = x + (plane + clamped(row - plane + t, p.height)) * p.width;
    }
    sum_along(taps, 0, p.width, y + row * p.width,
              [&rows](std::int64_t col, int t)
                  ASSAY_INLINE_LAMBDA { return rows[kRadius + t] + col; });
  }
}

using Filter = void (*)(const Parts& parts, std::int64_t begin, std::int64_t end,
                        const float* x, float* y) noexcept;
void filter_group(const GroupContext& context, const Filter* of_radius) noexcept {
  const auto parts = context.constants_as<Parts>();
  of_radius[parts.params.radius - 1](
      parts, parts.split.begin(context.group.x),
      parts.split.end(context.group.x, parts.params.rows()),
      context.bindings[kX].as<const float>(), context.bindings[kY].as<float>());
}
void rows_group(const GroupContext& context) noexcept {
  constexpr Filter kOfRadius[kMostRadius] = {filter_rows<1>, filter_rows<2>,
                                             filter_rows<3>, filter_rows<4>};
  filter_group(context, kOfRadius);
}
void columns_group(const GroupContext& context) noexcept {
  constexpr Filter kOfRadius[kMostRadius] = {filter_columns<1>, filter_columns<2>,
                                             filter_columns<3>, filter_columns<4>};
  filter_group(context, kOfRadius);
}

}  // namespace

SeparableKernels separable_kernels_of_target() noexcept;
SeparableKernels separable_kernels_of_target() noexcept {
  return {rows_group, columns_group};
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::gaussian
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::gaussian {
namespace {

class Separable final : public Prepared {
 public:
  Separable(Device& device, const Parts& parts, Isa isa)
      : parts_(parts), groups_{parts.split.parts, 1, 1}, isa_(isa) {
    BufferDesc workspace;
    workspace.bytes =
        static_cast<std::size_t>(parts.params.rows() * parts.params.width) *
        sizeof(float);
    workspace.label = "gaussian.separable rows";
    workspace_ = device.create_buffer(workspace);
    const SeparableKernels kernels =
        ASSAY_CALL_FOR_ISA(isa, separable_kernels_of_target);
    rows_ = create_rewriting<Parts>(device, "gaussian.separable.rows", kernels.rows);
    columns_ =
        create_rewriting<Parts>(device, "gaussian.separable.columns", kernels.columns);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const auto constants = std::as_bytes(std::span(&parts_, 1));
    const BufferSlice rows[] = {operands[kX], {workspace_}};
    const BufferSlice columns[] = {{workspace_}, operands[kY]};
    encoder.dispatch(rows_, groups_, rows, constants);
    encoder.dispatch(columns_, groups_, columns, constants);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override {
    return "isa=" + std::string(to_string(isa_)) +
           " parts=" + std::to_string(groups_.x);
  }

 private:
  Parts parts_;
  Dim3 groups_;
  Isa isa_;
  std::shared_ptr<Buffer> workspace_;
  std::shared_ptr<Kernel> rows_;
  std::shared_ptr<Kernel> columns_;
};

}  // namespace

std::unique_ptr<Prepared> separable_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(needs_host_kernels(problem, caps));
  const Params& p = params_of(problem);
  const Split split = split_rows(p.rows(), p.width, caps.compute_units);
  return std::make_unique<Separable>(
      *context.device, Parts{p, weights_of(p), split, false}, selected_isa());
}

}  // namespace assay::gaussian
#endif
