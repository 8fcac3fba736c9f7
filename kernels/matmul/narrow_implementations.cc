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

constexpr Implementation kBf16Table[] = {kNaive};
constexpr Implementation kF16Table[] = {kNaive};

}  // namespace

std::span<const Implementation> bf16_implementations() noexcept { return kBf16Table; }
std::span<const Implementation> f16_implementations() noexcept { return kF16Table; }

}  // namespace assay::matmul
