// SPDX-License-Identifier: MIT
// The step after staged and fragments in device code, for results of few tiles. There a
// group walks the whole depth alone and most units have none; here the groups of a tile
// share the depth, each leaves its sums in a workspace, and a second dispatch adds them
// in the order of the parts (shaders/split_sum.comp). No atomics: the bits are those of
// the number of parts, which depends on problem and device and not on who came first.
//
// The first dispatch is that of fragments where it takes the operands, staged's
// elsewhere.
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
#include "kernels/matmul/fragments.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

// For up to 16 rows, where every tile reads its columns of B and little else.
constexpr StagedTile kFewRows{16, 128, 32, 4, 4};
constexpr StagedTile kSquare{32, 32, 16, 4, 4};
constexpr std::array kTiles = {kFewRows, kSquare};

// Groups a unit: two hide each other's waiting. More make the second pass longer.
constexpr std::int64_t kGroupsAUnit = 2;
// Slices of a part, at least: with fewer the first, which nothing hides, is most of it.
constexpr std::int64_t kLeastSlices = 4;
constexpr std::int64_t kMostParts = 64;
// What the second dispatch takes after fragments, in us: itself, for a million
// elements, and for a million that it adds to each. Of an H200, 64 x 64 to 512 x 512 by
// 2048 and 8192, 2 to 64 parts: within 1.6 of what those took beyond slices and an
// empty dispatch.
constexpr double kSumUs = 6.5;
constexpr double kSumElementsUs = 15.0;
constexpr double kSumPartsUs = 2.7;
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

// What gives every unit its groups, and each of them `depth` often enough.
std::int64_t suitable_parts(const Params& p, std::int64_t tiles, std::uint32_t depth,
                            const Caps& caps) {
  const std::int64_t groups = kGroupsAUnit * caps.compute_units;
  return std::clamp<std::int64_t>(
      std::min(divide_up(groups, std::max<std::int64_t>(1, tiles)),
               p.k / (kLeastSlices * depth)),
      1, kMostParts);
}
std::int64_t suitable_parts(const Params& p, const StagedTile& tile, const Caps& caps) {
  return suitable_parts(p, tiles_of(p, tile), tile.depth, caps);
}

// How the depth is shared out: `part` terms each, a multiple of `depth`; `parts` of
// them are not empty.
struct Shares {
  Shares(const Params& p, std::int64_t most, std::int64_t depth)
      : part(static_cast<std::uint32_t>(
            std::max(depth, divide_up(divide_up(p.k, most), depth) * depth))),
        parts(static_cast<std::uint32_t>(
            std::max<std::int64_t>(1, divide_up(p.k, part)))) {}
  std::string text() const {
    return " parts=" + std::to_string(parts) + "x" + std::to_string(part);
  }
  std::uint32_t part;
  std::uint32_t parts;
};

Shares fragments_shares(const Params& p, const Caps& caps) {
  const FragmentsTile& tile = fragments_parts_tile();
  return {p, suitable_parts(p, tile.groups(p), tile.depth, caps), tile.depth};
}

bool fragments_gain(const Params& p, const Caps& caps) {
  const FragmentsTile& tile = fragments_parts_tile();
  const Shares shares = fragments_shares(p, caps);
  const double millions = static_cast<double>(p.m) * static_cast<double>(p.n) * 1e-6;
  const double sum_us =
      kSumUs + millions * (kSumElementsUs + kSumPartsUs * shares.parts);
  return tile.us(tile.groups(p) * shares.parts, shares.part / tile.depth, caps) +
             sum_us <
         fragments_us(p, caps);
}

// The same product, its sums as they are, in rows that start at multiples of 16 bytes.
Params sums_of(const Params& p) {
  Params sums = p;
  sums.ldc = divide_up(p.n, 4) * 4;
  sums.beta = 0.0F;
  return sums;
}

DeviceDispatch::What staged_first(const Params& p, DType storage,
                                  const StagedTile& tile, const Shares& shares,
                                  const Caps& caps) {
  const Params sums = sums_of(p);
  StagedConstants constants = staged_constants(sums);
  constants.alpha = 1.0F;
  constants.part = shares.part;
  const std::uint32_t aligned = aligned_operands(sums, tile, caps);
  DeviceDispatch::What what;
  what.code = staged_code(storage);
  what.specialization = staged_specialization(p, storage, tile, aligned, true, caps);
  what.constants = constant_bytes(constants);
  what.groups = {static_cast<std::uint32_t>(divide_up(p.n, tile.cols)),
                 static_cast<std::uint32_t>(divide_up(p.m, tile.rows)), shares.parts};
  what.configuration = text_of(tile) + shares.text() +
                       (aligned == kAllAligned ? " aligned" : " guarded");
  what.local_bytes = tile.local_bytes();
  return what;
}

DeviceDispatch::What fragments_first(const Params& p, const Shares& shares) {
  Params sums = sums_of(p);
  // With alpha 0, A and B are not read.
  if (p.alpha == 0.0F) sums.k = 0;
  sums.alpha = 1.0F;
  DeviceDispatch::What what = fragments_parts(sums, shares.part);
  what.groups.z = shares.parts;
  what.configuration += shares.text();
  return what;
}

class Split final : public Prepared {
 public:
  Split(Device& device, const Params& p, DeviceDispatch::What first)
      : empty_(p.m == 0 || p.n == 0), first_(std::move(first)) {
    const auto word = [](std::int64_t value) {
      return static_cast<std::uint32_t>(value);
    };
    const std::int64_t ldw = sums_of(p).ldc;
    second_ = {word(p.m),       word(p.n), word(ldw), word(p.ldc),
               first_.groups.z, p.alpha,   p.beta};
    sum_groups_ = folded_grid(
        static_cast<std::uint64_t>(divide_up(p.m * ldw, kSumCols)), device.caps());
    compile(device, p);
    workspace_ = device.create_buffer(
        {static_cast<std::size_t>(p.m * ldw) * first_.groups.z * sizeof(float),
         MemoryKind::device, "matmul split sums"});
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    if (empty_) return;
    const BufferSlice bindings[] = {operands[kA], operands[kB], {workspace_}};
    encoder.dispatch(multiply_, first_.groups, bindings, first_.constants);
    encoder.dispatch(add_, sum_groups_, {{workspace_}, operands[kC]}, second_);
  }
  std::size_t workspace_bytes() const noexcept override { return workspace_->bytes(); }
  std::string configuration() const override { return first_.configuration; }

 private:
  void compile(Device& device, const Params& p) {
    KernelDesc desc;
    desc.name = "matmul.split";
    desc.bindings = {Access::read, Access::read, Access::write};
    desc.constants_bytes = first_.constants.size();
    desc.local_bytes = first_.local_bytes;
    desc.device_code.assign(first_.code.begin(), first_.code.end());
    desc.specialization = first_.specialization;
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
  const DeviceDispatch::What first_;
  SumConstants second_{};
  Dim3 sum_groups_;
  std::shared_ptr<Kernel> multiply_;
  std::shared_ptr<Kernel> add_;
  std::shared_ptr<Buffer> workspace_;
};

bool takes_fragments(const Problem& problem, const Caps& caps) {
  return !fragments_unsupported(problem, caps).has_value();
}

}  // namespace

std::span<const StagedTile> split_tiles() noexcept { return kTiles; }

std::optional<std::string> split_unsupported(const Problem& problem, const Caps& caps) {
  if (auto reason = staged_unsupported(problem, caps)) return reason;
  const Params& p = params_of(problem);
  constexpr const char* kShort = "the depth is too short to be shared out";
  if (takes_fragments(problem, caps)) {
    if (fragments_parts_tile().groups(p) >= caps.compute_units) {
      return "fragments has tiles enough for every unit";
    }
    if (!fragments_gain(p, caps)) return kShort;
    return std::nullopt;
  }
  // Of staged's smallest; with as many as this its groups hide each other's waiting.
  if (tiles_of(p, kSquare) >= kGroupsAUnit * caps.compute_units) {
    return "staged has tiles enough for every unit";
  }
  if (suitable_parts(p, suitable_tile(p), caps) < 2) return kShort;
  return std::nullopt;
}

std::unique_ptr<Prepared> split_prepare(const PrepareContext& context,
                                        const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(split_unsupported(problem, caps));
  const Params& p = params_of(problem);
  if (takes_fragments(problem, caps)) {
    return std::make_unique<Split>(*context.device, p,
                                   fragments_first(p, fragments_shares(p, caps)));
  }
  const StagedTile& tile = suitable_tile(p);
  return split_prepare_parts(context, problem, tile, suitable_parts(p, tile, caps));
}

std::unique_ptr<Prepared> split_prepare_parts(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile,
                                              std::int64_t parts) {
  const Caps& caps = context.device->caps();
  require_supported(staged_unsupported(problem, caps));
  const Params& p = params_of(problem);
  const Shares shares(p, parts, tile.depth);
  return std::make_unique<Split>(
      *context.device, p, staged_first(p, storage_of(problem), tile, shares, caps));
}

}  // namespace assay::matmul
