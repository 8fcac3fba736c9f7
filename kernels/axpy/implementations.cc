// SPDX-License-Identifier: MIT
// The only place an implementation of axpy is registered. Tests, comparisons and the
// listing are produced from this table, in this order.
#include "kernels/axpy/implementations.h"

#include "kernels/common/host_dispatch.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::axpy {
namespace {

constexpr Implementation kTable[] = {
    // For devices that run device code; below it, the ladder of those that run the
    // host's.
    {.name = "wide",
     .provider = Provider::custom,
     .idea = "device code: 16 bytes a thread and step, eight loads in flight",
     .library = {},
     .unsupported = wide_unsupported,
     .prepare = wide_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "the formula as a loop, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "unrolled",
     .provider = Provider::custom,
     .idea = "the machine's widest vectors, four at a time, one part a compute unit",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = unrolled_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "one call of cblas_saxpy; the library brings its threads",
     .library = "openblas",
     .unsupported = needs_host_kernels,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "cblas_saxpy without threads, for a part in each compute unit",
     .library = "openblas-serial",
     .unsupported = needs_host_kernels,
     .prepare = openblas_serial_prepare},
    {.name = "cublas",
     .provider = Provider::library,
     .idea = "one call of cublasSaxpy, on the GPU of the device",
     .library = "cublas",
     .unsupported = cublas_unsupported,
     .prepare = vendor::cuda::prepares_no_commands,
     .prepare_peer = cublas_prepare_peer},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::axpy
