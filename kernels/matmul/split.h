// SPDX-License-Identifier: MIT
// Products of so few tiles that most of a GPU would have none, in device code.
#ifndef ASSAY_KERNELS_MATMUL_SPLIT_H_
#define ASSAY_KERNELS_MATMUL_SPLIT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kernels/common/op.h"
#include "kernels/matmul/staged.h"

namespace assay::matmul {

// Few rows first. For tests and for tuning.
std::span<const StagedTile> split_tiles() noexcept;

// The words of shaders/split_sum.comp; empty in a build without a shader compiler.
std::span<const std::uint32_t> split_sum_code() noexcept;

// Refuses what staged or fragments has tiles enough for, and depths too short to share
// out.
std::optional<std::string> split_unsupported(const Problem& problem, const Caps& caps);
std::unique_ptr<Prepared> split_prepare(const PrepareContext& context,
                                        const Problem& problem);
// By staged, with `parts` of the depth at most (at least 1), also where that is slower.
std::unique_ptr<Prepared> split_prepare_parts(const PrepareContext& context,
                                              const Problem& problem,
                                              const StagedTile& tile,
                                              std::int64_t parts);

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_SPLIT_H_
