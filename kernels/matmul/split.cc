// SPDX-License-Identifier: MIT
// The step after staged in device code, for results of few tiles. There a group walks
// the whole depth alone and most units have none; here the groups of a tile share the
// depth, each leaves its sums in a workspace, and a second dispatch adds them in the
// order of the parts (shaders/split_sum.comp). No atomics: the bits are those of the
// number of parts, which depends on problem and device and not on who came first.
//
// Still wasted: the workspace is written and read once, and the second dispatch waits
// for the last group of the first.
#include "kernels/matmul/split.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

// The first for up to 16 rows, where every tile reads its columns of B and little else.
constexpr std::array kTiles = {
    StagedTile{16, 128, 32, 4, 4},
    StagedTile{32, 32, 16, 4, 4},
};
constexpr const StagedTile& kFewRows = kTiles[0];
constexpr const StagedTile& kSquare = kTiles[1];

// Groups a unit: two hide each other's waiting. More make the second pass longer.
constexpr std::int64_t kGroupsAUnit = 2;
// Slices of a part, at least: with fewer the first, which nothing hides, is most of it.
constexpr std::int64_t kLeastSlices = 4;
constexpr std::int64_t kMostParts = 64;
// Elements a group of the second pass, as its shader has it.
constexpr std::uint32_t kSumCols = 32;

// What shaders/split_sum.comp calls Constants.
struct SumConstants {
  std::uint32_t m;
  std::uint32_t n;
  std::uint32_t ldw;
  std::uint32_t ldc;
  std::uint32_t parts;
  float alpha;
  float beta;
};

const StagedTile& suitable_tile(const Params& p) {
  return p.m <= kFewRows.rows && p.n >= kFewRows.cols ? kFewRows : kSquare;
}

// What gives every unit its groups, and each of them depth enough.
std::int64_t suitable_parts(const Params& p, const StagedTile& tile, const Caps& caps) {
  const std::int64_t groups = kGroupsAUnit * caps.compute_units;
  const std::int64_t tiles = std::max<std::int64_t>(1, tiles_of(p, tile));
  return std::clamp<std::int64_t>(
      std::min(divide_up(groups, tiles), p.k / (kLeastSlices * tile.depth)), 1,
      kMostParts);
}

class Split final : public Prepared {
 public:
  Split(Device& device, const Params& p, const StagedTile& tile, std::int64_t parts)
      : empty_(p.m == 0 || p.n == 0), first_(staged_constants(p)) {
    const Caps& caps = device.caps();
    const auto word = [](std::int64_t value) {
      return static_cast<std::uint32_t>(value);
    };
    first_.part = std::max<std::uint32_t>(
        tile.depth, word(divide_up(divide_up(p.k, parts), tile.depth)) * tile.depth);
    const std::uint32_t used = std::max(1U, word(divide_up(p.k, first_.part)));
    // Sums as they are, in rows that start at multiples of 16 bytes.
    Params sums = p;
    sums.ldc = divide_up(p.n, 4) * 4;
    first_.ldc = word(sums.ldc);
    first_.alpha = 1.0F;
    first_.beta = 0.0F;
    second_ = {first_.m, first_.n, first_.ldc, word(p.ldc), used, p.alpha, p.beta};
    groups_ = {word(divide_up(p.n, tile.cols)), word(divide_up(p.m, tile.rows)), used};
    sum_groups_ = folded_grid(
        static_cast<std::uint64_t>(divide_up(p.m * sums.ldc, kSumCols)), caps);
    const std::uint32_t aligned = aligned_operands(sums, tile, caps);
    compile(device, p, tile, aligned);
    workspace_ = device.create_buffer(
        {static_cast<std::size_t>(p.m * sums.ldc) * used * sizeof(float),
         MemoryKind::device, "matmul split sums"});
    configuration_ = text_of(tile) + " parts=" + std::to_string(used) + "x" +
                     std::to_string(first_.part) +
                     (aligned == kAllAligned ? " aligned" : " guarded");
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    if (empty_) return;
    encoder.dispatch(multiply_, groups_, {operands[kA], operands[kB], {workspace_}},
                     first_);
    encoder.dispatch(add_, sum_groups_, {{workspace_}, operands[kC]}, second_);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override { return configuration_; }

 private:
  void compile(Device& device, const Params& p, const StagedTile& tile,
               std::uint32_t aligned) {
    KernelDesc desc;
    desc.name = "matmul.split";
    desc.bindings = {Access::read, Access::read, Access::write};
    desc.constants_bytes = sizeof(StagedConstants);
    desc.local_bytes = tile.local_bytes();
    const auto code = staged_code(DType::f32);
    desc.device_code.assign(code.begin(), code.end());
    desc.specialization =
        staged_specialization(p, DType::f32, tile, aligned, true, device.caps());
    multiply_ = device.create_kernel(desc);

    desc = {};
    desc.name = "matmul.split.sum";
    desc.bindings = {Access::read, access_of_c(p)};
    desc.constants_bytes = sizeof(SumConstants);
    const auto sum_code = split_sum_code();
    desc.device_code.assign(sum_code.begin(), sum_code.end());
    add_ = device.create_kernel(desc);
  }

  const bool empty_;
  StagedConstants first_;
  SumConstants second_{};
  Dim3 groups_;
  Dim3 sum_groups_;
  std::string configuration_;
  std::shared_ptr<Kernel> multiply_;
  std::shared_ptr<Kernel> add_;
  std::shared_ptr<Buffer> workspace_;
};

// What also those parts need that somebody else chose.
std::optional<std::string> cannot(const Problem& problem, const Caps& caps) {
  if (storage_of(problem) != DType::f32) return "splits products of f32 only";
  return staged_unsupported(problem, caps);
}

}  // namespace

std::span<const StagedTile> split_tiles() noexcept { return kTiles; }

std::optional<std::string> split_unsupported(const Problem& problem, const Caps& caps) {
  if (auto reason = cannot(problem, caps)) return reason;
  const Params& p = params_of(problem);
  // Of staged's smallest; with as many as this its groups hide each other's waiting.
  if (tiles_of(p, kSquare) >= kGroupsAUnit * caps.compute_units) {
    return "staged has tiles enough for every unit";
  }
  if (suitable_parts(p, suitable_tile(p), caps) < 2) {
    return "the depth is too short to be shared out";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> split_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(split_unsupported(problem, caps));
  const Params& p = params_of(problem);
  const StagedTile& tile = suitable_tile(p);
  return split_prepare_parts(context, problem, tile, suitable_parts(p, tile, caps));
}

std::unique_ptr<Prepared> split_prepare_parts(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile,
                                              std::int64_t parts) {
  require_supported(cannot(problem, context.device->caps()));
  return std::make_unique<Split>(*context.device, params_of(problem), tile, parts);
}

}  // namespace assay::matmul
