// SPDX-License-Identifier: MIT
// "Am I inside this device's work?" Host waits ask it: a wait from inside would block
// the thread that has to make it true. And what the thread is while it is inside.
#ifndef ASSAY_BACKENDS_RUNTIME_WORK_SCOPE_H_
#define ASSAY_BACKENDS_RUNTIME_WORK_SCOPE_H_

#include "backends/runtime/float_mode.h"

namespace assay::runtime {

// A device is named by an address that stands for it: its DeviceCore, or what another
// kind of device has instead.
// On the stack of every thread that executes work of a device, and nests: work of one
// device may submit to an inline device, whose work then runs on the same thread.
class WorkScope {
 public:
  explicit WorkScope(const void* device) noexcept
      : device_(device), outer_(innermost_) {
    innermost_ = this;
  }
  ~WorkScope() { innermost_ = outer_; }
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

  static bool inside(const void* device) noexcept {
    for (const WorkScope* scope = innermost_; scope != nullptr; scope = scope->outer_) {
      if (scope->device_ == device) return true;
    }
    return false;
  }

 private:
  const void* device_;
  const WorkScope* outer_;
  WorkFloatMode float_mode_;
  static thread_local const WorkScope* innermost_;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_WORK_SCOPE_H_
