// SPDX-License-Identifier: MIT
// The list of ops.
#ifndef ASSAY_KERNELS_OPS_H_
#define ASSAY_KERNELS_OPS_H_

#include <span>
#include <string_view>

#include "kernels/common/op.h"

namespace assay {

// Every op, in the order of the table in ops.cc.
std::span<const Op* const> all_ops() noexcept;

// Null when there is none of that name.
const Op* find_op(std::string_view name) noexcept;
// Null when the op has none of that name.
const Implementation* find_implementation(const Op& op, std::string_view name) noexcept;

}  // namespace assay

#endif  // ASSAY_KERNELS_OPS_H_
