// SPDX-License-Identifier: MIT
#ifndef ASSAY_BACKENDS_RUNTIME_HOST_KERNEL_H_
#define ASSAY_BACKENDS_RUNTIME_HOST_KERNEL_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "backends/interface/caps.h"
#include "backends/interface/kernel.h"

namespace assay::runtime {

// A kernel from a host function: nothing to compile, but all of it checked.
class HostKernelObject final : public Kernel {
 public:
  HostKernelObject(KernelDesc desc, std::uint64_t device_id, const Caps& caps);
  const KernelDesc& desc() const noexcept override { return desc_; }
  std::uint64_t device_id() const noexcept { return device_id_; }
  // "dispatch of 'name'", for messages. Put together here, not where one may be needed:
  // without its two strings, and with a command's tiles beside it instead of in a list
  // of their own, an encoder, one dispatch and finish took 20 ns less.
  const std::string& dispatch_name() const noexcept { return dispatch_name_; }

  // What a group took last, in ns; 0 before any did. For an engine that asks how many
  // threads a dispatch is worth: a guess, since groups of another grid or other
  // constants may take another time. Thread-safe.
  std::uint64_t group_ns() const noexcept {
    return group_ns_.load(std::memory_order_relaxed);
  }
  void set_group_ns(std::uint64_t ns) const noexcept;

 private:
  KernelDesc desc_;
  std::uint64_t device_id_;
  std::string dispatch_name_;
  mutable std::atomic<std::uint64_t> group_ns_{0};
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_HOST_KERNEL_H_
