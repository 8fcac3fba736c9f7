// SPDX-License-Identifier: MIT
// mlp by oneDNN.
#include "kernels/vendor/onednn.h"

#include "kernels/common/host_dispatch.h"
#include "kernels/mlp/implementations.h"
#include "kernels/mlp/mlp.h"

namespace assay::mlp {

std::optional<std::string> onednn_unsupported(const Problem& problem,
                                              const Caps& caps) {
  const Params& p = params_of(problem);
  if (p.batch == 0 || p.in == 0 || p.hidden == 0 || p.out == 0) {
    return "oneDNN has no inner product without elements";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  require_supported(onednn_unsupported(problem, context.device->caps()));
  const Params& p = params_of(problem);
  return vendor::onednn_mlp(context, problem, p.batch, p.in, p.hidden, p.out);
}

}  // namespace assay::mlp
