// SPDX-License-Identifier: MIT
#include "backends/runtime/host_kernel.h"

#include <utility>

#include "backends/interface/status.h"
#include "backends/runtime/command_checks.h"

namespace assay::runtime {

HostKernelObject::HostKernelObject(KernelDesc desc, std::uint64_t device_id,
                                   const Caps& caps)
    : desc_(std::move(desc)),
      device_id_(device_id),
      dispatch_name_("dispatch of '" + desc_.name + "'") {
  check_kernel(desc_, caps.limits);
  if (desc_.host == nullptr) {
    throw Error(StatusCode::not_supported, "kernel '" + desc_.name + "': " + caps.uri +
                                               " runs host functions, not device code");
  }
}

void HostKernelObject::set_group_ns(std::uint64_t ns) const noexcept {
  // What is about the same is left: other units read this line.
  const std::uint64_t before = group_ns();
  const std::uint64_t change = ns > before ? ns - before : before - ns;
  if (before != 0 && change <= before / 4) return;
  group_ns_.store(ns == 0 ? 1 : ns, std::memory_order_relaxed);
}

}  // namespace assay::runtime
