// SPDX-License-Identifier: MIT
// The ladder's step for devices that run device code: shaders/staged.glsl, specialized
// for a tile; A and B of 16 bits are widened on the way into the slices. Each sum is
// taken term by term in the order of the depth by fused multiply-adds, whatever the
// tile: all tiles round alike.
//
// Still wasted: few rows leave most of a GPU idle, which split answers, and half of the
// arithmetic waits for group-local memory where a tensor unit would not.
#include "kernels/matmul/staged.h"

#include <array>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

// Largest first. 128 x 128 x 16 with 8 x 8 sums a thread is what hand-written CUDA
// kernels settled on (64 sums: 16 floats read for 64 multiply-adds), and what an H200
// runs fastest; the shader says what lost.
constexpr std::array kTiles = {
    StagedTile{128, 128, 16, 8, 8},
    StagedTile{64, 64, 16, 8, 4},
    StagedTile{64, 64, 16, 4, 4},
    StagedTile{32, 32, 16, 4, 4},
};

// The first that leaves no unit without a tile, of those whose slices fit.
const StagedTile& suitable_tile(const Params& p, const Caps& caps) {
  for (const StagedTile& tile : kTiles) {
    if (tile.local_bytes() <= caps.limits.max_local_bytes &&
        tiles_of(p, tile) >= caps.compute_units) {
      return tile;
    }
  }
  return kTiles.back();
}

}  // namespace

std::span<const StagedTile> staged_tiles() noexcept { return kTiles; }

StagedConstants staged_constants(const Params& p) noexcept {
  const auto word = [](std::int64_t value) {
    return static_cast<std::uint32_t>(value);
  };
  // With alpha 0, A and B are not read.
  return {word(p.m),   word(p.n),   p.alpha == 0.0F ? 0 : word(p.k),
          word(p.lda), word(p.ldb), word(p.ldc),
          p.alpha,     p.beta};
}

std::int64_t tiles_of(const Params& p, const StagedTile& tile) noexcept {
  return divide_up(p.m, tile.rows) * divide_up(p.n, tile.cols);
}

// Rows that start at multiples of 16 bytes (of A and B: of four numbers), and no tile
// that is cut.
std::uint32_t aligned_operands(const Params& p, const StagedTile& tile,
                               const Caps& caps) noexcept {
  if (!binds_vectors(caps)) return 0;
  const bool full_m = p.m % tile.rows == 0;
  const bool full_n = p.n % tile.cols == 0;
  const bool full_k = p.k % tile.depth == 0;
  return (full_m && full_k && p.lda % 4 == 0 ? 1U : 0U) |
         (full_n && full_k && p.ldb % 4 == 0 ? 2U : 0U) |
         (full_m && full_n && p.ldc % 4 == 0 ? 4U : 0U);
}

std::vector<std::uint32_t> staged_specialization(const Params& p, DType storage,
                                                 const StagedTile& tile,
                                                 std::uint32_t aligned, bool split,
                                                 const Caps& caps) {
  return {tile.threads(), tile.rows, tile.cols, tile.depth, tile.thread_rows,
          tile.thread_cols, p.transpose_a ? 1U : 0U, p.transpose_b ? 1U : 0U, aligned,
          // Straight code costs a driver on the processor up to 5 s a kernel, and makes
          // nothing faster there.
          caps.simulated_device_memory ? 0U : 1U, storage == DType::bf16 ? 1U : 0U,
          split ? 1U : 0U};
}

std::string text_of(const StagedTile& tile) {
  return "tile=" + std::to_string(tile.rows) + "x" + std::to_string(tile.cols) + "x" +
         std::to_string(tile.depth) + " thread=" + std::to_string(tile.thread_rows) +
         "x" + std::to_string(tile.thread_cols);
}

std::optional<std::string> staged_unsupported(const Problem& problem,
                                              const Caps& caps) {
  const DType storage = storage_of(problem);
  if (!caps.device_kernels) return "device code needs a device that runs it";
  if (staged_code(storage).empty()) return "built without a shader compiler";
  if (storage != DType::f32 && !caps.narrow_storage) {
    return "the device has no arrays of 16-bit numbers";
  }
  const Params& p = params_of(problem);
  const StagedTile& tile = suitable_tile(p, caps);
  const std::int64_t most = caps.limits.max_groups_per_dimension;
  if (divide_up(p.m, tile.rows) > most || divide_up(p.n, tile.cols) > most) {
    return "more tiles than the device takes groups in a dimension";
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> staged_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  return staged_prepare_tile(context, problem,
                             suitable_tile(params_of(problem), context.device->caps()));
}

std::unique_ptr<Prepared> staged_prepare_tile(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile) {
  require_supported(staged_unsupported(problem, context.device->caps()));
  const Params& p = params_of(problem);
  const Caps& caps = context.device->caps();
  // All or none: two more variants of each tile to compile and to look at.
  const bool aligned = aligned_operands(p, tile, caps) == kAllAligned;
  DeviceDispatch::What what;
  what.name = "matmul.staged";
  what.code = staged_code(storage_of(problem));
  what.specialization = staged_specialization(p, storage_of(problem), tile,
                                              aligned ? kAllAligned : 0, false, caps);
  what.constants = constant_bytes(staged_constants(p));
  what.groups = {static_cast<std::uint32_t>(divide_up(p.n, tile.cols)),
                 static_cast<std::uint32_t>(divide_up(p.m, tile.rows)), 1};
  what.configuration = text_of(tile) + (aligned ? " aligned" : " guarded");
  what.local_bytes = tile.local_bytes();
  return std::make_unique<DeviceDispatch>(*context.device, problem, std::move(what));
}

}  // namespace assay::matmul
