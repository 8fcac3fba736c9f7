// SPDX-License-Identifier: MIT
// The step after staged for matmul_f16: shaders/fragments.comp, specialized for a tile.
// staged multiplies one number at a time; here a team of threads multiplies 16 x 16
// matrices by the units that are there for it.
//
// Still wasted: half of what the units have waits for the way from memory through
// registers into group-local memory (the shader says how much). A result of few tiles
// leaves most of a GPU idle, which split answers. What is no multiple of a tile is
// staged's.
#include "kernels/matmul/fragments.h"

#include <cstdint>
#include <string>
#include <utility>

#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/shaders/fragments.comp.h"

namespace assay::matmul {
namespace {

constexpr std::uint32_t kTeam = 32;  // threads of a subgroup
constexpr std::uint32_t kDepth = kFragmentsDepth;
constexpr std::uint32_t kRun = 8;  // numbers in 16 bytes
// Largest first. The smaller one reads twice as much for each product, and gives units
// of a GPU work that would have none.
constexpr std::uint32_t kTiles[] = {128, 64};
constexpr std::uint32_t kSmallest = 64;

// What shaders/fragments.comp calls Constants.
struct Constants {
  std::uint32_t k;
  std::uint32_t lda;
  std::uint32_t ldb;
  std::uint32_t ldc;
  float alpha;
  float beta;
  std::uint32_t part;
};

// The largest that leaves no unit without one; the smallest when all do. 0: none fits.
std::uint32_t suitable_tile(const Params& p, const Caps& caps) {
  std::uint32_t suitable = 0;
  for (const std::uint32_t tile : kTiles) {
    if (p.m % tile != 0 || p.n % tile != 0) continue;
    suitable = tile;
    if (p.m / tile * (p.n / tile) >= caps.compute_units) break;
  }
  return suitable;
}

// Two slices of each operand, a run of padding to each of their rows: of whichever way
// they lie, the rows of 32 numbers need most.
std::size_t local_bytes(std::uint32_t tile) {
  return std::size_t{2} * 2 * tile * (kDepth / kRun + 1) * 16;
}

// `part`: terms of the depth for each z of the grid, which is the caller's; 0: all.
DeviceDispatch::What dispatch_of(const Params& p, std::uint32_t tile,
                                 std::uint32_t part) {
  const Constants constants = {// With alpha 0, A and B are not read.
                               p.alpha == 0.0F ? 0 : static_cast<std::uint32_t>(p.k),
                               static_cast<std::uint32_t>(p.lda),
                               static_cast<std::uint32_t>(p.ldb),
                               static_cast<std::uint32_t>(p.ldc),
                               p.alpha,
                               p.beta,
                               part};
  DeviceDispatch::What what;
  what.name = "matmul.fragments";
  what.code = kFragments;
  what.specialization = {tile, p.transpose_a ? 1U : 0U, p.transpose_b ? 1U : 0U,
                         part == 0 ? 0U : 1U};
  what.constants = constant_bytes(constants);
  what.groups = {static_cast<std::uint32_t>(p.n) / tile,
                 static_cast<std::uint32_t>(p.m) / tile, 1};
  what.configuration = "tile=" + std::to_string(tile) + "x" + std::to_string(tile) +
                       "x" + std::to_string(kDepth);
  what.local_bytes = local_bytes(tile);
  return what;
}

}  // namespace

std::optional<std::string> fragments_unsupported(const Problem& problem,
                                                 const Caps& caps) {
  if (storage_of(problem) != DType::f16) return "multiplies f16 only";
  if (!caps.device_kernels) return "device code needs a device that runs it";
  if (caps.matrix_team != kTeam) {
    return "the device has no units that teams of 32 threads multiply f16 matrices "
           "with";
  }
  const Params& p = params_of(problem);
  const std::uint32_t tile = suitable_tile(p, caps);
  if (tile == 0 || p.k % kDepth != 0) {
    return "takes m and n in multiples of 64 and k of 32; staged takes all";
  }
  if (p.lda % kRun != 0 || p.ldb % kRun != 0 || p.ldc % 4 != 0 ||
      !binds_vectors(caps)) {
    return "takes rows that start at multiples of 16 bytes; staged takes all";
  }
  if (local_bytes(tile) > caps.limits.max_local_bytes) {
    return "two slices of a tile do not fit into group-local memory";
  }
  const std::int64_t most = caps.limits.max_groups_per_dimension;
  if (p.m / tile > most || p.n / tile > most) {
    return "more tiles than the device takes groups in a dimension";
  }
  return std::nullopt;
}

std::int64_t fragments_tiles(const Params& p) noexcept {
  return p.m / kSmallest * (p.n / kSmallest);
}

DeviceDispatch::What fragments_parts(const Params& p, std::uint32_t part) {
  return dispatch_of(p, kSmallest, part);
}

std::unique_ptr<Prepared> fragments_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(fragments_unsupported(problem, caps));
  const Params& p = params_of(problem);
  return std::make_unique<DeviceDispatch>(*context.device, problem,
                                          dispatch_of(p, suitable_tile(p, caps), 0));
}

}  // namespace assay::matmul
