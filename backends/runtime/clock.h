// SPDX-License-Identifier: MIT
// The device clock of every CPU device: steady_clock in nanoseconds, so that device and
// host times compare without calibration.
#ifndef ASSAY_BACKENDS_RUNTIME_CLOCK_H_
#define ASSAY_BACKENDS_RUNTIME_CLOCK_H_

#include <chrono>
#include <cstdint>

#include "backends/interface/timeline.h"

namespace assay::runtime {

inline std::uint64_t clock_ns() noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

// When a wait gives up. A timeout too long to add to the clock is forever.
class Deadline {
 public:
  explicit Deadline(Timeout timeout) {
    const auto now = std::chrono::steady_clock::now();
    forever_ = timeout >= std::chrono::steady_clock::time_point::max() - now;
    if (!forever_) at_ = now + (timeout.count() < 0 ? Timeout::zero() : timeout);
  }
  bool forever() const noexcept { return forever_; }
  std::chrono::steady_clock::time_point at() const noexcept { return at_; }
  bool passed() const noexcept {
    return !forever_ && std::chrono::steady_clock::now() >= at_;
  }

 private:
  bool forever_ = false;
  std::chrono::steady_clock::time_point at_;
};

// Tells the core that this is a spin loop.
inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_CLOCK_H_
