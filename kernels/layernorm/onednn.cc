// SPDX-License-Identifier: MIT
// layernorm by oneDNN.
#include "kernels/vendor/onednn.h"

#include "kernels/layernorm/implementations.h"
#include "kernels/layernorm/layernorm.h"

namespace assay::layernorm {

std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  const Params& p = params_of(problem);
  return vendor::onednn_layernorm(context, problem, p.rows, p.cols, p.epsilon);
}

}  // namespace assay::layernorm
