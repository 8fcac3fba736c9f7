// SPDX-License-Identifier: MIT
// The only place an implementation of matmul_bf16 or matmul_f16 is registered.
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/narrow.h"

namespace assay::matmul {
namespace {

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
    kNaive, kConverted, packed("widened on the way into panels; few rows as they lie")};

}  // namespace

std::span<const Implementation> bf16_implementations() noexcept { return kBf16Table; }
std::span<const Implementation> f16_implementations() noexcept { return kF16Table; }

}  // namespace assay::matmul
