// SPDX-License-Identifier: MIT
// conv2d by oneDNN.
#include "kernels/vendor/onednn.h"

#include "kernels/common/host_dispatch.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/implementations.h"

namespace assay::conv2d {

std::optional<std::string> onednn_unsupported(const Problem& problem,
                                              const Caps& caps) {
  const Params& p = params_of(problem);
  if (p.batch == 0 || p.channels == 0 || p.filters == 0) {
    return "oneDNN has no convolution without elements";
  }
  return needs_host_kernels(problem, caps);
}

std::unique_ptr<Prepared> onednn_prepare(const PrepareContext& context,
                                         const Problem& problem) {
  require_supported(onednn_unsupported(problem, context.device->caps()));
  const Params& p = params_of(problem);
  vendor::Convolution shape;
  shape.batch = p.batch;
  shape.height = p.height;
  shape.width = p.width;
  shape.channels = p.channels;
  shape.filters = p.filters;
  shape.rows = p.rows;
  shape.cols = p.cols;
  shape.out_height = p.out_height();
  shape.out_width = p.out_width();
  shape.stride = p.stride;
  shape.pad = p.pad;
  shape.bias = p.bias;
  shape.relu = p.relu;
  return vendor::onednn_convolution(context, problem, shape);
}

}  // namespace assay::conv2d
