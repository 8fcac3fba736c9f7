// SPDX-License-Identifier: MIT
// The only place an implementation of softmax is registered. Tests, comparisons and the
// listing are produced from this table, in this order.
#include "kernels/softmax/implementations.h"

#include "kernels/common/host_dispatch.h"

namespace assay::softmax {
namespace {

constexpr Implementation kTable[] = {
    // For devices that run device code; below it, the ladder of those that run the
    // host's.
    {.name = "kept",
     .provider = Provider::custom,
     .idea = "device code: a row a team of threads, read once into registers",
     .library = {},
     .unsupported = kept_unsupported,
     .prepare = kept_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "three loops over each row, exp of the C library, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "vectorized",
     .provider = Provider::custom,
     .idea = "three passes with a polynomial exp in vectors, rows shared by the units",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = vectorized_prepare},
    {.name = "streamed",
     .provider = Provider::custom,
     .idea = "short rows stay in registers, long results go past the cache",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = streamed_prepare},
    {.name = "onednn",
     .provider = Provider::library,
     .idea = "one softmax primitive of oneDNN; the library brings its threads",
     .library = "onednn",
     .unsupported = needs_host_kernels,
     .prepare = onednn_prepare},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::softmax
