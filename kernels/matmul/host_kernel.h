// SPDX-License-Identifier: MIT
// What the implementations that are one dispatch of a host kernel share.
#ifndef ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_
#define ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
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

// One dispatch with the Params as constants. An empty result is no dispatch at all.
class OneDispatch final : public Prepared {
 public:
  OneDispatch(Device& device, const Params& params, std::string name,
              HostKernel function, Dim3 groups, std::string configuration)
      : params_(params), groups_(groups), configuration_(std::move(configuration)) {
    KernelDesc desc;
    desc.name = std::move(name);
    desc.bindings = accesses_of(params);
    desc.constants_bytes = sizeof(Params);
    desc.host = function;
    kernel_ = device.create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    if (params_.m == 0 || params_.n == 0) return;
    encoder.dispatch(kernel_, groups_, operands, std::as_bytes(std::span(&params_, 1)));
  }
  std::string configuration() const override { return configuration_; }

 private:
  Params params_;
  Dim3 groups_;
  std::string configuration_;
  std::shared_ptr<Kernel> kernel_;
};

}  // namespace assay::matmul

#endif  // ASSAY_KERNELS_MATMUL_HOST_KERNEL_H_
