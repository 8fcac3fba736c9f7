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

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/shaders/fragments.comp.h"

namespace assay::matmul {
namespace {

constexpr std::uint32_t kTeam = 32;  // threads of a subgroup
constexpr std::uint32_t kRun = 8;    // numbers in 16 bytes
// Of what tiles divide: all of them m and n, the least of slices k.
constexpr std::uint32_t kLeast = 64;
constexpr std::uint32_t kLeastDepth = 32;
// Largest first. Smaller ones read more for each product, and give units of a GPU work
// that would have none; a slice of a group alone is mostly latency, so twice the depth
// costs it little. The times are those of an H200: alone from products of 16, 64 and
// 128 groups that differ in depth only, shared from 4096 x 4096 x 4096. Their
// proportions are what chooses.
//
// What lost there, in us, dispatches in a row: 64 x 64 x 64 (20.0 at 1024, as 32 deep;
// 10.0 at 512 to 64 x 32's 9.0), the same with two slices on their way (18.6 at 1024,
// but nothing at 512, and the large tile had 524 for 430 at 4096), 128 x 64 x 32 (19.7
// at 1024 to 20.1, 50.8 at 1536 to 49.8), 32 x 32 x 64 (9.4 at 512), eight subgroups a
// tile (at best the same), two or four parts of the depth at 512 (20).
constexpr std::array<FragmentsTile, 3> kTiles = {{{128, 128, 32, 0.485, 0.43},
                                                  {64, 64, 32, 0.245, 0.19},
                                                  {64, 32, 64, 0.303, 0.262}}};
constexpr const FragmentsTile& kPartsTile = kTiles[1];

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

double us_of(const FragmentsTile& tile, const Params& p, const Caps& caps) {
  return tile.us(tile.groups(p), p.k / tile.depth, caps);
}

// `part`: terms of the depth for each z of the grid, which is the caller's; 0: all.
DeviceDispatch::What dispatch_of(const Params& p, const FragmentsTile& tile,
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
  what.specialization = {tile.rows,
                         tile.cols,
                         tile.depth,
                         p.transpose_a ? 1U : 0U,
                         p.transpose_b ? 1U : 0U,
                         part == 0 ? 0U : 1U};
  what.constants = constant_bytes(constants);
  what.groups = {static_cast<std::uint32_t>(p.n) / tile.cols,
                 static_cast<std::uint32_t>(p.m) / tile.rows, 1};
  what.configuration = "tile=" + std::to_string(tile.rows) + "x" +
                       std::to_string(tile.cols) + "x" + std::to_string(tile.depth);
  what.local_bytes = tile.local_bytes();
  return what;
}

}  // namespace

// Two slices of each operand and a run of padding to each of their rows, of which the
// way that they lie decides how many there are.
std::size_t FragmentsTile::local_bytes() const noexcept {
  const std::size_t a_runs = rows * depth / kRun + std::max(rows, depth);
  const std::size_t b_runs = cols * depth / kRun + std::max(cols, depth);
  return 2 * (a_runs + b_runs) * kRun * sizeof(std::uint16_t);
}

double FragmentsTile::us(std::int64_t groups, std::int64_t slices,
                         const Caps& caps) const noexcept {
  const std::int64_t units = std::max<std::int64_t>(1, caps.compute_units);
  const auto on_a_unit = static_cast<double>(divide_up(groups, units));
  return static_cast<double>(slices) * std::max(alone_us, on_a_unit * shared_us);
}

const FragmentsTile* fragments_tile(const Params& p, const Caps& caps) noexcept {
  const FragmentsTile* fastest = nullptr;
  for (const FragmentsTile& tile : kTiles) {
    if (p.m % tile.rows != 0 || p.n % tile.cols != 0 || p.k % tile.depth != 0) continue;
    if (tile.local_bytes() > caps.limits.max_local_bytes) continue;
    if (fastest == nullptr || us_of(tile, p, caps) < us_of(*fastest, p, caps)) {
      fastest = &tile;
    }
  }
  return fastest;
}

double fragments_us(const Params& p, const Caps& caps) noexcept {
  const FragmentsTile* const tile = fragments_tile(p, caps);
  return tile == nullptr ? 0.0 : us_of(*tile, p, caps);
}

std::optional<std::string> fragments_unsupported(const Problem& problem,
                                                 const Caps& caps) {
  if (storage_of(problem) != DType::f16) return "multiplies f16 only";
  if (!caps.device_kernels) return "device code needs a device that runs it";
  if (caps.matrix_team != kTeam) {
    return "the device has no units that teams of 32 threads multiply f16 matrices "
           "with";
  }
  const Params& p = params_of(problem);
  if (p.m % kLeast != 0 || p.n % kLeast != 0 || p.k % kLeastDepth != 0) {
    return "takes m and n in multiples of 64 and k of 32; staged takes all";
  }
  if (p.lda % kRun != 0 || p.ldb % kRun != 0 || p.ldc % 4 != 0 ||
      !binds_vectors(caps)) {
    return "takes rows that start at multiples of 16 bytes; staged takes all";
  }
  const FragmentsTile* const tile = fragments_tile(p, caps);
  if (tile == nullptr) {
    return "two slices of a tile do not fit into group-local memory";
  }
  const std::int64_t most = caps.limits.max_groups_per_dimension;
  if (p.m / tile->rows > most || p.n / tile->cols > most) {
    return "more tiles than the device takes groups in a dimension";
  }
  return std::nullopt;
}

const FragmentsTile& fragments_parts_tile() noexcept { return kPartsTile; }

DeviceDispatch::What fragments_parts(const Params& p, std::uint32_t part) {
  return dispatch_of(p, kPartsTile, part);
}

std::unique_ptr<Prepared> fragments_prepare(const PrepareContext& context,
                                            const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(fragments_unsupported(problem, caps));
  const Params& p = params_of(problem);
  return std::make_unique<DeviceDispatch>(*context.device, problem,
                                          dispatch_of(p, *fragments_tile(p, caps), 0));
}

}  // namespace assay::matmul
