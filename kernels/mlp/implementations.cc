// SPDX-License-Identifier: MIT
// The only place an implementation of mlp is registered. Tests, comparisons and the
// listing are produced from this table, in this order.
#include "kernels/mlp/implementations.h"

#include "kernels/common/host_dispatch.h"

namespace assay::mlp {
namespace {

constexpr Implementation kTable[] = {
    // For devices that run device code; below it, the ladder of those that run the
    // host's.
    {.name = "narrow",
     .provider = Provider::custom,
     .idea = "device code: narrow tiles, the depth shared out, two dispatches",
     .library = {},
     .unsupported = narrow_unsupported,
     .prepare = narrow_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "a dot product for each element of each layer, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "fused",
     .provider = Provider::custom,
     .idea = "register tiles that add the bias and cut off before they are stored",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = fused_prepare},
    {.name = "prepacked",
     .provider = Provider::custom,
     .idea = "weights packed once, in the order the tiles read them",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = prepacked_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "two calls of cblas_sgemm over copied biases, relu by a loop",
     .library = "openblas",
     .unsupported = openblas_unsupported,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "the same without threads, for columns of each layer in each compute unit",
     .library = "openblas-serial",
     .unsupported = openblas_unsupported,
     .prepare = openblas_serial_prepare},
    {.name = "onednn",
     .provider = Provider::library,
     .idea = "two inner products of oneDNN, fused, weights in its own format",
     .library = "onednn",
     .unsupported = onednn_unsupported,
     .prepare = onednn_prepare},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::mlp
