// SPDX-License-Identifier: MIT
// A door that test code opens once: "wait until the other side got there".
#ifndef TESTS_SUPPORT_GATE_H_
#define TESTS_SUPPORT_GATE_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "tests/support/patience.h"

namespace assay::testing_support {

// Thread-safe. Usable in kernels: waits sleep, so a core is left to the other side, and
// are bounded, so that a broken device gives a failure and not a hang.
class Gate {
 public:
  void open() noexcept {
    // Notifies under the lock: whoever sees the gate open may destroy it.
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

  // True when the gate is open, or opens within `limit`.
  bool wait(std::chrono::nanoseconds limit = kPatience) noexcept {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return open_; });
  }

  bool is_open() noexcept {
    const std::scoped_lock lock(mutex_);
    return open_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace assay::testing_support

#endif  // TESTS_SUPPORT_GATE_H_
