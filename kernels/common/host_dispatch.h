// SPDX-License-Identifier: MIT
// Implementations that are one dispatch of a host kernel.
#ifndef ASSAY_KERNELS_COMMON_HOST_DISPATCH_H_
#define ASSAY_KERNELS_COMMON_HOST_DISPATCH_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "backends/interface/device.h"
#include "backends/interface/status.h"
#include "kernels/common/op.h"

namespace assay {

// What every host kernel says: an Implementation::unsupported.
inline std::optional<std::string> needs_host_kernels(const Problem& problem,
                                                     const Caps& caps) {
  if (problem.dtype() != DType::f32) return "computes f32 only";
  if (!caps.host_kernels) return "a host kernel needs a device that runs host code";
  return std::nullopt;
}

// Throws Error(not_supported) with the reason, if there is one.
inline void require_supported(const std::optional<std::string>& reason) {
  if (reason) throw Error(StatusCode::not_supported, *reason);
}

// A kernel that reads its first binding and writes it, rearranged or converted, to its
// second, with a struct of constants. Throws as Device::create_kernel() does.
template <typename Constants>
std::shared_ptr<Kernel> create_rewriting(Device& device, std::string name,
                                         HostKernel function) {
  static_assert(std::is_trivially_copyable_v<Constants>);
  KernelDesc desc;
  desc.name = std::move(name);
  desc.bindings = {Access::read, Access::write};
  desc.constants_bytes = sizeof(Constants);
  desc.host = function;
  return device.create_kernel(desc);
}

// One dispatch over all operands with a trivially copyable struct of constants. A grid
// with a zero, of an empty problem, does nothing.
template <typename Constants>
class HostDispatch final : public Prepared {
  static_assert(std::is_trivially_copyable_v<Constants>);

 public:
  struct What {
    std::string name;  // "axpy.naive"
    HostKernel function = nullptr;
    Dim3 groups = {};
    std::string configuration = {};
    std::size_t local_bytes = 0;
    std::shared_ptr<const void> tools = {};  // the function's GroupContext::user
  };

  // `accesses`: of the operands, in order.
  HostDispatch(Device& device, What what, std::vector<Access> accesses,
               const Constants& constants)
      : constants_(constants),
        groups_(what.groups),
        configuration_(std::move(what.configuration)) {
    KernelDesc desc;
    desc.name = std::move(what.name);
    desc.bindings = std::move(accesses);
    desc.constants_bytes = sizeof(Constants);
    desc.local_bytes = what.local_bytes;
    desc.host = what.function;
    desc.host_data = std::move(what.tools);
    kernel_ = device.create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    encoder.dispatch(kernel_, groups_, operands,
                     std::as_bytes(std::span(&constants_, 1)));
  }
  std::string configuration() const override { return configuration_; }

 private:
  Constants constants_;
  Dim3 groups_;
  std::string configuration_;
  std::shared_ptr<Kernel> kernel_;
};

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_HOST_DISPATCH_H_
