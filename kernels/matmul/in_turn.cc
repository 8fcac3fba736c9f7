// SPDX-License-Identifier: MIT
// packed by blocks of the sum, each a product of its own that is added to C.
//
// What plain_a.cc wastes where operands come from memory: all panels of op(B) are
// written before the first is read, and come again for each part of A. Those of one
// block are as many bytes as the last cache keeps while the parts of A go by, and the
// next block's are written over them. What that costs: C is read and written once more
// for each block, which tiles ask for ahead.
//
// One thread of an Intel with 2 MiB of second-level cache and a last cache that keeps
// 32, GFLOP/s of 2048 cubed, tiles and packing alone: all panels first 151, in turn by
// 512 steps 160, by 1024 153, and without asking for C 151.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/common/cache_info.h"
#include "kernels/common/checked_math.h"
#include "kernels/matmul/blocking.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/panels_of_b.h"

namespace assay::matmul {
namespace {

constexpr std::int64_t kMostSteps = 512;
// Blocks begin where rows of A have whole lines, if the first one does.
constexpr std::int64_t kStepsMultiple = 2 * kLine;

// Steps [begin, begin + k) of op(A) or op(B).
BufferSlice from_step(const BufferSlice& operand, std::int64_t elements,
                      DType storage) {
  BufferSlice slice = operand;
  const std::size_t skipped = static_cast<std::size_t>(elements) * bytes_of(storage);
  slice.offset += skipped;
  if (slice.bytes != BufferSlice::kWhole) slice.bytes -= skipped;
  return slice;
}

class InTurn final : public Prepared {
 public:
  InTurn(const PrepareContext& context, const Params& params, const PanelFormat& format,
         bool wide)
      : params_(params), storage_(format.type), steps_(in_turn_steps(params.k)) {
    workspace_ = panels_workspace(*context.device, params.n, format.slots(steps_),
                                  format.kernels.nr);
    const auto product = [&](std::int64_t steps, float beta) {
      Params block = params;
      block.k = steps;
      block.beta = beta;
      return plain_a_prepare(context, block, format, {wide, workspace_});
    };
    const std::int64_t last = params.k - (divide_up(params.k, steps_) - 1) * steps_;
    first_ = product(std::min(steps_, params.k), params.beta);
    if (params.k > 2 * steps_) inner_ = product(steps_, 1.0F);
    if (params.k > steps_) last_ = product(last, 1.0F);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const Params& p = params_;
    for (std::int64_t begin = 0; begin < p.k; begin += steps_) {
      const bool is_last = begin > 0 && begin + steps_ >= p.k;
      const auto& product = begin == 0 ? first_ : is_last ? last_ : inner_;
      product->record(
          encoder,
          std::array{
              from_step(operands[kA], begin, storage_),
              from_step(operands[kB], p.transpose_b ? begin : begin * p.ldb, storage_),
              operands[kC]});
    }
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override {
    return first_->configuration() + " kc=" + std::to_string(steps_);
  }

 private:
  Params params_;
  DType storage_;
  std::int64_t steps_;
  std::shared_ptr<Buffer> workspace_;
  // Of the blocks of the sum; all between the first and the last are alike.
  std::unique_ptr<Prepared> first_;
  std::unique_ptr<Prepared> inner_;
  std::unique_ptr<Prepared> last_;
};

}  // namespace

// One unit of that Intel, time of plain_a.cc / here: 1200 cubed (5.5 MiB of
// panels) 1.00 and 1.01, 1400 (7.5) 1.01 and 1.02, 1000x1000x2000 and 1000x2000x1000
// (7.6) 1.06 and 1.03 to 1.07, 1700 1.02, 1800 1.03, 1000x3000x1000 1.10, 2500 1.20;
// 1000 and 1024 less than 1, whose panels come again sooner than C. Panels of a sum so
// long that two leave a part of A no room are cut, too.
bool in_turn_wins(const Params& p, const CacheInfo& caches) noexcept {
  constexpr double kTimesTheCache = 3;
  constexpr double kPartOfCache = 0.25;
  constexpr double kPanelColumns = 64;
  const double column = static_cast<double>(p.k) * sizeof(float);
  const auto l2 = static_cast<double>(caches.l2_bytes);
  return column * static_cast<double>(p.n) > kTimesTheCache * l2 ||
         column * kPanelColumns > kPartOfCache * l2;
}

std::int64_t in_turn_steps(std::int64_t depth) noexcept {
  const std::int64_t even = divide_up(depth, divide_up(depth, kMostSteps));
  return divide_up(even, kStepsMultiple) * kStepsMultiple;
}

std::unique_ptr<Prepared> in_turn_prepare(const PrepareContext& context,
                                          const Params& params,
                                          const PanelFormat& format, bool wide) {
  return std::make_unique<InTurn>(context, params, format, wide);
}

}  // namespace assay::matmul
