// SPDX-License-Identifier: MIT
// The only place an implementation of batched_matmul is registered. Tests, comparisons
// and the listing are produced from this table, in this order.
#include "kernels/batched_matmul/implementations.h"

#include "kernels/common/host_dispatch.h"

namespace assay::batched_matmul {
namespace {

constexpr Implementation kTable[] = {
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "a dot product for each element, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "tiled",
     .provider = Provider::custom,
     .idea =
         "register tiles of one matrix after the other, matrices shared by the units",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = tiled_prepare},
    {.name = "unrolled",
     .provider = Provider::custom,
     .idea = "sizes 4, 8, 16 and 32 known to the compiler, short rows share a vector",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = unrolled_prepare},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "a loop of cblas_sgemm; the library brings its threads",
     .library = "openblas",
     .unsupported = openblas_unsupported,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "a loop of cblas_sgemm without threads over a part in each compute unit",
     .library = "openblas-serial",
     .unsupported = openblas_unsupported,
     .prepare = openblas_serial_prepare},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::batched_matmul
