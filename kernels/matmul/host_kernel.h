// SPDX-License-Identifier: MIT
// What the implementations in host code share.
#ifndef ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_
#define ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/matmul/problem.h"

namespace assay::matmul {

inline Access access_of_c(const Params& params) {
  return params.beta == 0.0F ? Access::write : Access::read_write;
}

// Of the operands, in order.
inline std::vector<Access> accesses_of(const Params& params) {
  return {Access::read, Access::read, access_of_c(params)};
}

// A table with static storage as a kernel's host_data: shared with nobody, kept alive
// by nobody.
inline std::shared_ptr<const void> of_static(const void* table) {
  return {std::shared_ptr<void>(), table};
}

// A, B and C as pointers, from bindings in the order of the operands.
inline Arrays arrays_of(const GroupContext& context) noexcept {
  return {context.bindings[kA].as<const float>(),
          context.bindings[kB].as<const float>(), context.bindings[kC].as<float>()};
}

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_
