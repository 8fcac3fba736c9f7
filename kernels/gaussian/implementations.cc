// SPDX-License-Identifier: MIT
// The only place an implementation of gaussian is registered. Tests, comparisons and
// the listing are produced from this table, in this order.
//
// No library: oneDNN's convolutions pad with zeros where this filter clamps, so that
// its answer is another one along all edges, and do (2 r + 1)^2 products where two
// passes do 2 (2 r + 1). What the last step is held against is memory: its share of the
// bandwidth of this machine.
#include "kernels/gaussian/implementations.h"

#include "kernels/common/host_dispatch.h"

namespace assay::gaussian {
namespace {

constexpr Implementation kTable[] = {
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "the sum over the window, in one group",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = naive_prepare},
    {.name = "separable",
     .provider = Provider::custom,
     .idea = "rows first, then columns: two passes over the whole image",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = separable_prepare},
    {.name = "fused",
     .provider = Provider::custom,
     .idea = "both passes a pair of rows at a time, in vectors and in cache",
     .library = {},
     .unsupported = needs_host_kernels,
     .prepare = fused_prepare},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

}  // namespace assay::gaussian
