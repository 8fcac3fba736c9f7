// SPDX-License-Identifier: MIT
// The only place an implementation of conv2d is registered. Tests, comparisons and the
// listing are produced from this table, in this order.
#include "kernels/conv2d/implementations.h"

#include "kernels/common/host_dispatch.h"

namespace assay::conv2d {
namespace {

constexpr Implementation kTable[] = {
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "a sum over the taps for each element, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "implicit",
     .provider = Provider::custom,
     .idea = "a product in register tiles over patches gathered block by block",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = implicit_prepare},
    {.name = "prepacked",
     .provider = Provider::custom,
     .idea = "the same with weights packed once, in the order the tiles read them",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = prepacked_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "im2col, then one call of cblas_sgemm; bias copied before, relu by a loop",
     .library = "openblas",
     .unsupported = openblas_unsupported,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "the same without threads, for pixels or filters in each compute unit",
     .library = "openblas-serial",
     .unsupported = openblas_unsupported,
     .prepare = openblas_serial_prepare},
    {.name = "onednn",
     .provider = Provider::library,
     .idea = "oneDNN's direct convolution, fused, weights in its own format",
     .library = "onednn",
     .unsupported = onednn_unsupported,
     .prepare = onednn_prepare},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::conv2d
