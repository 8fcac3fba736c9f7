// SPDX-License-Identifier: MIT
// The only place an implementation of matmul_bf16 or matmul_f16 is registered.
#include "kernels/matmul/fragments.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"
#include "kernels/matmul/split.h"
#include "kernels/matmul/staged.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::matmul {
namespace {

constexpr Implementation kStaged = {
    .name = "staged",
    .provider = Provider::custom,
    .idea = "device code: matmul's, its operands widened on the way into the slices",
    .library = {},
    .unsupported = staged_unsupported,
    .prepare = staged_prepare};

constexpr Implementation split(std::string_view idea) {
  return {.name = "split",
          .provider = Provider::custom,
          .idea = idea,
          .library = {},
          .unsupported = split_unsupported,
          .prepare = split_prepare};
}

constexpr Implementation kNaive = {
    .name = "naive",
    .provider = Provider::custom,
    .idea = "a dot product for each element, its numbers widened one at a time",
    .library = {},
    .unsupported = any_host_device,
    .prepare = naive_prepare};

constexpr Implementation kConverted = {
    .name = "converted",
    .provider = Provider::custom,
    .idea = "both operands widened into a workspace, then matmul's packed",
    .library = {},
    .unsupported = converted_unsupported,
    .prepare = converted_prepare};

constexpr Implementation packed(std::string_view idea) {
  return {.name = "packed",
          .provider = Provider::custom,
          .idea = idea,
          .library = {},
          .unsupported = packed_unsupported,
          .prepare = packed_prepare};
}

constexpr Implementation kBf16Table[] = {
    kStaged,
    split("staged for few tiles: groups share the depth, a second pass adds in order"),
    kNaive,
    kConverted,
    packed(
        "panels of pairs for the machine's bf16 dot products, or widened on the way"),
    {.name = "onednn",
     .provider = Provider::library,
     .idea = "one product of oneDNN, bf16 in and f32 out; it brings its threads",
     .library = "onednn",
     .unsupported = onednn_bf16_unsupported,
     .prepare = onednn_bf16_prepare}};
constexpr Implementation kF16Table[] = {
    // For devices that run device code, whose last step is its best.
    kStaged,
    {.name = "fragments",
     .provider = Provider::custom,
     .idea = "device code: 16 x 16 fragments for the units that multiply matrices",
     .library = {},
     .unsupported = fragments_unsupported,
     .prepare = fragments_prepare},
    split("either for few tiles: groups share the depth, a second pass adds in order"),
    kNaive,
    kConverted,
    packed("widened on the way into panels; few rows as they lie"),
    {.name = "cublas",
     .provider = Provider::library,
     .idea = "one call of cublasGemmEx, f16 in and f32 out, on the GPU of the device",
     .library = "cublas",
     .unsupported = cublas_unsupported,
     .prepare = vendor::cuda::prepares_no_commands,
     .prepare_peer = cublas_f16_prepare_peer}};

}  // namespace

std::span<const Implementation> bf16_implementations() noexcept { return kBf16Table; }
std::span<const Implementation> f16_implementations() noexcept { return kF16Table; }

}  // namespace assay::matmul
