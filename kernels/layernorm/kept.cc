// SPDX-License-Identifier: MIT
// The step for devices that run device code: shaders/kept.comp, a row a team of threads
// that read it once and keep it in registers.
//
// Still wasted: a row longer than the registers is read again in each pass, and a few
// long rows leave most of a GPU idle: no row has more than one group.
#include <span>

#include "kernels/common/device_dispatch.h"
#include "kernels/common/device_rows.h"
#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/layernorm/shaders/kept.comp.h"

namespace assay::layernorm {

std::optional<std::string> kept_unsupported(const Problem& problem, const Caps& caps) {
  return needs_device_kernels(problem, caps, kept_comp);
}

std::unique_ptr<Prepared> kept_prepare(const PrepareContext& context,
                                       const Problem& problem) {
  const Params& p = params_of(problem);
  return prepare_device_rows(*context.device, problem, "layernorm.kept", kept_comp,
                             p.rows, p.cols, std::span(&p.epsilon, 1));
}

}  // namespace assay::layernorm
