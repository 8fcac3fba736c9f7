// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/staged.comp, a tile a group.
//
// Still wasted: matrices whose rows do not start at multiples of 16 bytes move in runs
// that the device has to put together again.
#include <cstdint>

#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/transpose/implementations.h"
#include "kernels/transpose/shaders/staged.comp.h"
#include "kernels/transpose/transpose.h"

namespace assay::transpose {
namespace {

constexpr std::int64_t kTile = 64;  // TILE of the shader
constexpr std::size_t kLocalBytes = std::size_t{kTile} * (kTile + 1) * 4;

struct Constants {
  std::uint32_t m;
  std::uint32_t n;
  std::uint32_t lda;
  std::uint32_t ldb;
  std::uint32_t tiles_across;
};

bool is_wide(const Params& p, const Caps& caps) {
  return binds_vectors(caps) && p.m % 4 == 0 && p.n % 4 == 0 && p.lda % 4 == 0 &&
         p.ldb % 4 == 0;
}

}  // namespace

std::optional<std::string> staged_unsupported(const Problem& problem,
                                              const Caps& caps) {
  return needs_device_kernels(problem, caps, staged_comp);
}

std::unique_ptr<Prepared> staged_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(staged_unsupported(problem, caps));
  const Params& p = params_of(problem);
  const std::int64_t across = divide_up(p.n, kTile);
  const std::int64_t down = divide_up(p.m, kTile);
  const bool wide = is_wide(p, caps);
  const Constants constants = {
      static_cast<std::uint32_t>(p.m), static_cast<std::uint32_t>(p.n),
      static_cast<std::uint32_t>(p.lda), static_cast<std::uint32_t>(p.ldb),
      static_cast<std::uint32_t>(across)};
  return std::make_unique<DeviceDispatch>(
      *context.device, problem,
      DeviceDispatch::What{"transpose.staged",
                           staged_comp,
                           {wide ? 1U : 0U},
                           constant_bytes(constants),
                           folded_grid(static_cast<std::uint64_t>(across * down), caps),
                           wide ? "wide" : "guarded",
                           kLocalBytes});
}

}  // namespace assay::transpose
