// SPDX-License-Identifier: MIT
// The only place an implementation of reduce is registered. Tests, comparisons and the
// listing are produced from this table, in this order.
#include "kernels/reduce/implementations.h"

#include "kernels/common/host_dispatch.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::reduce {
namespace {

constexpr Implementation kTable[] = {
    // For devices that run device code; below it, the ladder of those that run the
    // host's.
    {.name = "folded",
     .provider = Provider::custom,
     .idea = "device code: a chunk a group, then one group folds what they found",
     .library = {},
     .unsupported = folded_unsupported,
     .prepare = folded_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "one loop over all elements, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "blocked",
     .provider = Provider::custom,
     .idea = "eight vectors of partial results a block, blocks shared by the units",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = blocked_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "one call of cblas_ssum or cblas_sdot; the library brings its threads",
     .library = "openblas",
     .unsupported = openblas_unsupported,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "the same without threads, for a part in each compute unit",
     .library = "openblas-serial",
     .unsupported = openblas_unsupported,
     .prepare = openblas_serial_prepare},
    {.name = "cublas",
     .provider = Provider::library,
     .idea = "one call of cublasSdot, on the GPU of the device",
     .library = "cublas",
     .unsupported = cublas_unsupported,
     .prepare = vendor::cuda::prepares_no_commands,
     .prepare_peer = cublas_prepare_peer},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::reduce
