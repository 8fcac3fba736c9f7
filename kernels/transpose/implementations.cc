// SPDX-License-Identifier: MIT
// The only place an implementation of transpose is registered. Tests, comparisons and
// the listing are produced from this table, in this order.
#include "kernels/transpose/implementations.h"

#include "kernels/common/host_dispatch.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::transpose {
namespace {

constexpr Implementation kTable[] = {
    // For devices that run device code; below it, the ladder of those that run the
    // host's.
    {.name = "staged",
     .provider = Provider::custom,
     .idea = "device code: tiles turned in group-local memory",
     .library = {},
     .unsupported = staged_unsupported,
     .prepare = staged_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "two loops, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "tiled",
     .provider = Provider::custom,
     .idea = "tiles of whole cache lines, turned in registers",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = tiled_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "one call of cblas_somatcopy; the library brings its threads",
     .library = "openblas",
     .unsupported = needs_host_kernels,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "the same without threads, for some rows of B in each compute unit",
     .library = "openblas-serial",
     .unsupported = needs_host_kernels,
     .prepare = openblas_serial_prepare},
    {.name = "cublas",
     .provider = Provider::library,
     .idea = "one call of cublasSgeam, on the GPU of the device",
     .library = "cublas",
     .unsupported = cublas_unsupported,
     .prepare = vendor::cuda::prepares_no_commands,
     .prepare_peer = cublas_prepare_peer},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::transpose
