// SPDX-License-Identifier: MIT
#include "kernels/ops.h"

#include "kernels/matmul/matmul.h"

namespace assay {

std::span<const Op* const> all_ops() noexcept {
  static const Op* const table[] = {&matmul::kOp};
  return table;
}

const Op* find_op(std::string_view name) noexcept {
  for (const Op* const op : all_ops()) {
    if (op->name() == name) return op;
  }
  return nullptr;
}

const Implementation* find_implementation(const Op& op,
                                          std::string_view name) noexcept {
  for (const Implementation& implementation : op.implementations()) {
    if (implementation.name == name) return &implementation;
  }
  return nullptr;
}

}  // namespace assay
