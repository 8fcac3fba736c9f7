// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/kept.comp, a row a team of threads
// that read it once and keep it in registers.
//
// Still wasted: a row longer than the registers is read again in each pass, and a few
// long rows leave most of a GPU idle: no row has more than one group.
#include <cstdint>

#include "kernels/common/device_dispatch.h"
#include "kernels/common/device_rows.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/layernorm/shaders/kept.comp.h"

namespace assay::layernorm {
namespace {

struct Constants {
  std::uint32_t rows;
  std::uint32_t cols;
  float epsilon;
};

}  // namespace

std::optional<std::string> kept_unsupported(const Problem& problem, const Caps& caps) {
  return needs_device_kernels(problem, caps, kept_comp);
}

std::unique_ptr<Prepared> kept_prepare(const PrepareContext& context,
                                       const Problem& problem) {
  const Caps& caps = context.device->caps();
  require_supported(kept_unsupported(problem, caps));
  const Params& p = params_of(problem);
  const DeviceRows plan = device_rows(p.rows, p.cols, caps);
  return std::make_unique<DeviceDispatch>(
      *context.device, problem,
      DeviceDispatch::What{
          "layernorm.kept", kept_comp, plan.specialization(),
          constant_bytes(Constants{static_cast<std::uint32_t>(p.rows),
                                   static_cast<std::uint32_t>(p.cols), p.epsilon}),
          plan.groups, plan.text(), kDeviceRowsLocalBytes});
}

}  // namespace assay::layernorm
