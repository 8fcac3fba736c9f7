// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/folded.comp twice. Groups fold
// chunks of the vector into a workspace, then one group folds that.
//
// The number of chunks is of n alone and not of the device's units: every device adds
// in the same order. A second dispatch rather than atomics, whose order is another in
// each run.
//
// Still wasted: the second dispatch and the barrier before it, some microseconds that a
// short vector feels.
#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/reduce/implementations.h"
#include "kernels/reduce/reduce.h"
#include "kernels/reduce/shaders/folded.comp.h"

namespace assay::reduce {
namespace {

// Four runs of four a thread: all of a round's loads of a group.
constexpr std::int64_t kRound = 16 * std::int64_t{kDeviceThreads};
// Twice the groups that the largest GPUs run at the same time, so that the end of the
// dispatch finds them busy; few enough for one group to fold in two rounds.
constexpr std::int64_t kMostChunks = 2048;
constexpr std::size_t kLocalBytes = std::size_t{2} * kDeviceThreads * 4;

struct Constants {
  std::uint32_t n;
  std::uint32_t chunk;
};

std::shared_ptr<Kernel> make_kernel(Device& device, Kind kind, bool wide) {
  KernelDesc desc;
  desc.name = "reduce.folded";
  desc.bindings = {Access::read, Access::read, Access::write};
  desc.constants_bytes = sizeof(Constants);
  desc.local_bytes = kLocalBytes;
  const std::span<const std::uint32_t> code = folded_comp;
  desc.device_code.assign(code.begin(), code.end());
  desc.specialization = {static_cast<std::uint32_t>(kind), wide ? 1U : 0U};
  return device.create_kernel(desc);
}

class Folded final : public Prepared {
 public:
  Folded(Device& device, const Params& p) : kind_(p.kind) {
    const std::int64_t rounds = divide_up(p.n, kRound);
    const std::int64_t chunk =
        std::max<std::int64_t>(kRound, divide_up(rounds, kMostChunks) * kRound);
    chunks_ =
        static_cast<std::uint32_t>(std::max<std::int64_t>(1, divide_up(p.n, chunk)));
    first_ = {static_cast<std::uint32_t>(p.n), static_cast<std::uint32_t>(chunk)};
    wide_ = binds_vectors(device.caps());
    fold_ = make_kernel(device, kind_, wide_);
    if (chunks_ == 1) return;
    // The partial results of a dot are summed.
    join_ = kind_ == Kind::dot ? make_kernel(device, Kind::sum, wide_) : fold_;
    workspace_ = device.create_buffer(
        {chunks_ * sizeof(float), MemoryKind::device, "reduce partial results"});
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    const BufferSlice& x = operands[kX];
    const BufferSlice& z = kind_ == Kind::dot ? operands[kZ] : x;
    const BufferSlice& y = operands[y_of(kind_)];
    if (chunks_ == 1) {
      dispatch(encoder, fold_, {x, z, y}, first_, 1);
      return;
    }
    const BufferSlice partial{workspace_};
    dispatch(encoder, fold_, {x, z, partial}, first_, chunks_);
    // One group: a chunk that is no smaller than what there is.
    dispatch(encoder, join_, {partial, partial, y}, {chunks_, kMostChunks}, 1);
  }
  std::size_t workspace_bytes() const noexcept override {
    return workspace_ ? workspace_->bytes() : 0;
  }
  std::string configuration() const override {
    return "chunks=" + std::to_string(chunks_) + (wide_ ? " wide" : " guarded");
  }

 private:
  static void dispatch(CommandEncoder& encoder, const std::shared_ptr<Kernel>& kernel,
                       std::initializer_list<BufferSlice> bindings,
                       const Constants& constants, std::uint32_t groups) {
    encoder.dispatch(kernel, {groups, 1, 1},
                     std::span<const BufferSlice>(bindings.begin(), bindings.size()),
                     std::as_bytes(std::span(&constants, 1)));
  }

  Kind kind_;
  bool wide_ = false;
  std::uint32_t chunks_ = 1;
  Constants first_ = {};
  std::shared_ptr<Kernel> fold_;
  std::shared_ptr<Kernel> join_;
  std::shared_ptr<Buffer> workspace_;
};

}  // namespace

std::optional<std::string> folded_unsupported(const Problem& problem,
                                              const Caps& caps) {
  return needs_device_kernels(problem, caps, folded_comp);
}

std::unique_ptr<Prepared> folded_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  require_supported(folded_unsupported(problem, context.device->caps()));
  return std::make_unique<Folded>(*context.device, params_of(problem));
}

}  // namespace assay::reduce
