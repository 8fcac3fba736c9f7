// SPDX-License-Identifier: MIT
// The only place an implementation of matmul is registered. Tests, comparisons, gates
// and the ladder of README.md are produced from this table, in this order.
#include "kernels/matmul/implementations.h"

#include "kernels/matmul/blocking_cache.h"
#include "kernels/matmul/host_kernel.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/openblas.h"
#include "kernels/matmul/split.h"
#include "kernels/matmul/staged.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::matmul {
namespace {

constexpr Implementation kTable[] = {
    {.name = "reference",
     .provider = Provider::reference,
     .idea = "the oracle: plain loops in double, one group",
     .library = {},
     .unsupported = f32_on_host,
     .prepare = reference_prepare},
    // For devices that run device code; below it, the ladder of those that run the
    // host's, whose last step is its best.
    {.name = "staged",
     .provider = Provider::custom,
     .idea = "device code: slices staged in group-local memory, register tile a thread",
     .library = {},
     .unsupported = staged_unsupported,
     .prepare = staged_prepare},
    {.name = "split",
     .provider = Provider::custom,
     .idea =
         "staged for few tiles: groups share the depth, a second pass adds in order",
     .library = {},
     .unsupported = split_unsupported,
     .prepare = split_prepare},
    {.name = "naive",
     .provider = Provider::custom,
     .idea = "a dot product for each element",
     .library = {},
     .unsupported = any_host_device,
     .prepare = naive_prepare},
    {.name = "tiled",
     .provider = Provider::custom,
     .idea = "cache blocks and a register tile the compiler vectorizes",
     .library = {},
     .unsupported = f32_on_host,
     .prepare = tiled_prepare},
    {.name = "packed",
     .provider = Provider::custom,
     .idea =
         "panels packed for a SIMD register tile; operands read in place while small",
     .library = {},
     .unsupported = packed_unsupported,
     .prepare = packed_prepare,
     .other_choices = packed_other_choices},
    {.name = "openblas",
     .provider = Provider::library,
     .idea = "one call of cblas_sgemm; the library brings its threads",
     .library = "openblas",
     .unsupported = openblas_unsupported,
     .prepare = openblas_prepare},
    {.name = "openblas-serial",
     .provider = Provider::library,
     .idea = "cblas_sgemm without threads, for a tile of C in each compute unit",
     .library = "openblas-serial",
     .unsupported = openblas_serial_unsupported,
     .prepare = openblas_serial_prepare},
    {.name = "cublas",
     .provider = Provider::library,
     .idea = "one call of cublasSgemm, TF32 off, on the GPU of the device",
     .library = "cublas",
     .unsupported = cublas_unsupported,
     .prepare = vendor::cuda::prepares_no_commands,
     .prepare_peer = cublas_prepare_peer},
};

}  // namespace

std::span<const Implementation> implementations() noexcept { return kTable; }

std::optional<std::string> any_host_device(const Problem& problem, const Caps& caps) {
  return needs_host_kernels(problem, caps);
}

std::optional<std::string> f32_on_host(const Problem& problem, const Caps& caps) {
  if (storage_of(problem) != DType::f32) return "multiplies operands stored as f32";
  return needs_host_kernels(problem, caps);
}

}  // namespace assay::matmul
