// SPDX-License-Identifier: MIT
// softmax by oneDNN.
#include "kernels/vendor/onednn.h"

#include "kernels/softmax/implementations.h"
#include "kernels/softmax/softmax.h"

namespace assay::softmax {

std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  const Params& p = params_of(problem);
  return vendor::onednn_softmax(context, problem, p.rows, p.cols);
}

}  // namespace assay::softmax
