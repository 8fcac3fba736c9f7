// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/wide.comp over all elements, four
// runs of 16 bytes a thread.
//
// Still wasted: nothing that another order of the same loads and stores would give
// back; twelve bytes move for two flops.
#include <cstdint>

#include "kernels/axpy/axpy.h"
#include "kernels/axpy/implementations.h"
#include "kernels/axpy/shaders/wide.comp.h"
#include "kernels/common/checked_math.h"
#include "kernels/common/device_dispatch.h"
#include "kernels/common/host_dispatch.h"

namespace assay::axpy {
namespace {

constexpr std::int64_t kStepsAThread = 4;  // STEPS of the shader

struct Constants {
  std::uint32_t n;
  float alpha;
};

}  // namespace

std::optional<std::string> wide_unsupported(const Problem& problem, const Caps& caps) {
  return needs_device_kernels(problem, caps, wide_comp);
}

std::unique_ptr<Prepared> wide_prepare(const PrepareContext& context,
                                       const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(wide_unsupported(problem, caps));
  const Params& p = params_of(problem);
  constexpr std::int64_t kElementsAGroup = 4 * kStepsAThread * kDeviceThreads;
  // Without alpha x is not read and y is what it was.
  const std::int64_t groups = p.alpha == 0.0F ? 0 : divide_up(p.n, kElementsAGroup);
  const bool wide = binds_vectors(caps);
  return std::make_unique<DeviceDispatch>(
      *context.device, problem,
      DeviceDispatch::What{
          "axpy.wide",
          wide_comp,
          {wide ? 1U : 0U},
          constant_bytes(Constants{static_cast<std::uint32_t>(p.n), p.alpha}),
          folded_grid(static_cast<std::uint64_t>(groups), caps),
          wide ? "wide" : "guarded"});
}

}  // namespace assay::axpy
