// SPDX-License-Identifier: MIT
// Step 2: blocks of 65 536 elements, eight vectors of partial results in each.
//
// What naive wasted: eight chains of a vector each keep both adders busy for the four
// cycles that one addition takes; blocks are shared by the compute units; errors grow
// with the length of a lane's chain, not with n. Blocks are cut by the problem and
// never by the machine, and their results are combined in order, so that the bits are
// the same for any number of units.
//
// Still wasted: a second dispatch for what one block cannot hold, less than a
// microsecond beside at least six of the first.
//
// Compiled once for each target: this file includes itself through foreach_target.h.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/common/isa.h"
#include "kernels/common/simd_targets.h"
#include "kernels/reduce/implementations.h"
#include "kernels/reduce/reduce.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reduce/blocked.cc"
// Before highway.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/common/tail-inl.h"

#ifndef ASSAY_KERNELS_REDUCE_BLOCKED_BLOCK_
#define ASSAY_KERNELS_REDUCE_BLOCKED_BLOCK_
namespace assay::reduce {
namespace {

constexpr std::int64_t kBlock = 65536;

}  // namespace
}  // namespace assay::reduce
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::reduce {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using assay::HWY_NAMESPACE::load_tail;

constexpr int kChains = 8;

// Calls step(chain, position) for each whole vector and gives where they end.
template <class Step>
HWY_INLINE std::int64_t each_vector(std::int64_t n, const Step& step) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  std::int64_t i = 0;
  for (; i + kChains * lanes <= n; i += kChains * lanes) {
    step(0, i);
    step(1, i + lanes);
    step(2, i + 2 * lanes);
    step(3, i + 3 * lanes);
    step(4, i + 4 * lanes);
    step(5, i + 5 * lanes);
    step(6, i + 6 * lanes);
    step(7, i + 7 * lanes);
  }
  for (int chain = 0; i + lanes <= n; i += lanes, ++chain) step(chain, i);
  return i;
}

HWY_INLINE float total_of(const V* sums) {
  const D d;
  const V low = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  const V high = hn::Add(hn::Add(sums[4], sums[5]), hn::Add(sums[6], sums[7]));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(low, high)));
}

float sum_block(const float* x, std::int64_t n) noexcept {
  const D d;
  V s[kChains];
  for (V& one : s) one = hn::Zero(d);
  const std::int64_t i = each_vector(n, [&](int chain, std::int64_t at) HWY_ATTR {
    s[chain] = hn::Add(s[chain], hn::LoadU(d, x + at));
  });
  if (i < n) s[7] = hn::Add(s[7], load_tail(d, x + i, n - i, 0));
  return total_of(s);
}

float dot_block(const float* x, const float* z, std::int64_t n) noexcept {
  const D d;
  V s[kChains];
  for (V& one : s) one = hn::Zero(d);
  const std::int64_t i = each_vector(n, [&](int chain, std::int64_t at) HWY_ATTR {
    s[chain] = hn::MulAdd(hn::LoadU(d, x + at), hn::LoadU(d, z + at), s[chain]);
  });
  if (i < n) {
    s[7] =
        hn::MulAdd(load_tail(d, x + i, n - i, 0), load_tail(d, z + i, n - i, 0), s[7]);
  }
  return total_of(s);
}

// A vector maximum drops a NaN when the next number comes. Adding x - x, 0 or NaN (of
// an infinity too), tells that a NaN may be there; then the block is looked at in
// order.
float max_block(const float* x, std::int64_t n) noexcept {
  const D d;
  constexpr float kLeast = -std::numeric_limits<float>::infinity();
  V m[kChains];
  V odd[kChains];
  for (int chain = 0; chain < kChains; ++chain) {
    m[chain] = hn::Set(d, kLeast);
    odd[chain] = hn::Zero(d);
  }
  const std::int64_t i = each_vector(n, [&](int chain, std::int64_t at) HWY_ATTR {
    const V v = hn::LoadU(d, x + at);
    m[chain] = hn::Max(m[chain], v);
    odd[chain] = hn::Add(odd[chain], hn::Sub(v, v));
  });
  bool odd_tail = false;
  for (std::int64_t t = i; t < n; ++t) odd_tail = odd_tail || !std::isfinite(x[t]);
  if (odd_tail || std::isnan(total_of(odd))) {
    float largest = kLeast;
    for (std::int64_t t = 0; t < n; ++t) {
      if (!(x[t] <= largest) && !std::isnan(largest)) largest = x[t];
    }
    return largest;
  }
  if (i < n) m[7] = hn::Max(m[7], load_tail(d, x + i, n - i, kLeast));
  for (int chain = 1; chain < kChains; ++chain) m[0] = hn::Max(m[0], m[chain]);
  // Not MaxOfLanes: Highway's emulated vectors (clang's baseline target) start it from
  // the lowest finite number, and the largest of nothing is -infinity.
  HWY_ALIGN float lanes[hn::MaxLanes(d)];
  hn::Store(m[0], d, lanes);
  return *std::max_element(lanes, lanes + hn::Lanes(d));
}

// One block into its place of the last binding: the partial results, or y itself.
void compute_block(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const std::int64_t begin = context.group.x * kBlock;
  const std::int64_t n = p.n - begin < kBlock ? p.n - begin : kBlock;
  const auto* const x = context.bindings[kX].as<const float>() + begin;
  float& result = context.bindings[y_of(p.kind)].as<float>()[context.group.x];
  switch (p.kind) {
    case Kind::sum:
      result = sum_block(x, n);
      break;
    case Kind::dot:
      result = dot_block(x, context.bindings[kZ].as<const float>() + begin, n);
      break;
    case Kind::max:
      result = max_block(x, n);
      break;
  }
}

}  // namespace

HostKernel reduce_kernel_of_target() noexcept;
HostKernel reduce_kernel_of_target() noexcept { return compute_block; }

}  // namespace HWY_NAMESPACE
}  // namespace assay::reduce
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::reduce {
namespace {

// Partial results, in order, into y. In double: nothing is lost here.
void combine(const GroupContext& context) noexcept {
  const auto p = context.constants_as<Params>();
  const BoundRange& partial = context.bindings[0];
  const std::size_t count = partial.bytes / sizeof(float);
  double result = partial.as<const float>()[0];
  for (std::size_t i = 1; i < count; ++i) {
    const double next = partial.as<const float>()[i];
    if (p.kind != Kind::max) {
      result += next;
    } else if (!(next <= result) && !std::isnan(result)) {
      result = next;
    }
  }
  *context.bindings[1].as<float>() = static_cast<float>(result);
}

class Blocked final : public Prepared {
 public:
  Blocked(Device& device, const Problem& problem)
      : params_(params_of(problem)),
        isa_(streaming_isa(params_.kind == Kind::dot &&
                           comes_from_memory(problem.compulsory_bytes()))),
        blocks_(static_cast<std::uint32_t>(
            std::max<std::int64_t>(1, divide_up(params_.n, kBlock)))) {
    KernelDesc desc;
    desc.name = "reduce.blocked";
    desc.bindings = accesses_of(problem);
    desc.constants_bytes = sizeof(Params);
    desc.host = ASSAY_CALL_FOR_ISA(isa_, reduce_kernel_of_target);
    block_ = device.create_kernel(desc);
    if (blocks_ == 1) return;
    desc.name = "reduce.combine";
    desc.bindings = {Access::read, Access::write};
    desc.host = combine;
    combine_ = device.create_kernel(desc);
    partial_ = {device.create_buffer(
        {blocks_ * sizeof(float), MemoryKind::device, "reduce partial results"})};
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const auto constants = std::as_bytes(std::span(&params_, 1));
    std::vector<BufferSlice> bound(operands.begin(), operands.end());
    if (blocks_ > 1) bound.back() = partial_;
    encoder.dispatch(block_, {blocks_, 1, 1}, bound, constants);
    if (blocks_ == 1) return;
    const BufferSlice last[] = {partial_, operands.back()};
    encoder.dispatch(combine_, Dim3{}, last, constants);
  }
  std::size_t workspace_bytes() const noexcept override {
    return blocks_ == 1 ? 0 : blocks_ * sizeof(float);
  }
  std::string configuration() const override {
    return "isa=" + std::string(to_string(isa_)) + " blocks=" + std::to_string(blocks_);
  }

 private:
  const Params params_;
  const Isa isa_;
  const std::uint32_t blocks_;
  std::shared_ptr<Kernel> block_;
  std::shared_ptr<Kernel> combine_;
  BufferSlice partial_;
};

}  // namespace

std::unique_ptr<Prepared> blocked_prepare(const PrepareContext& context,
                                          const Problem& problem) {
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<Blocked>(*context.device, problem);
}

}  // namespace assay::reduce
#endif
