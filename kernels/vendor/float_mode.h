// SPDX-License-Identifier: MIT
// What a library may leave behind in the thread that calls it: the way it rounds, and
// whether it takes subnormal numbers for zeros. Both arms run on the same threads, so a
// mode that stays is given to the other arm too: with one arm's results rounded toward
// zero, the other's error grew from 0.07 to 0.49 of its bound. A library that is
// compiled with -ffast-math does it when it is loaded.
#ifndef ASSAY_KERNELS_VENDOR_FLOAT_MODE_H_
#define ASSAY_KERNELS_VENDOR_FLOAT_MODE_H_

#if defined(__SSE__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace assay::vendor {

// Puts back, when destroyed, the calling thread's mode of when it was made. Costs a few
// nanoseconds, where fegetenv() and fesetenv() would touch the x87 unit too.
class KeptFloatMode {
 public:
#if defined(__SSE__)
  KeptFloatMode() noexcept : mode_(_mm_getcsr()) {}
  ~KeptFloatMode() {
    // Raised exceptions, the lowest six bits, say nothing of the mode.
    if (((_mm_getcsr() ^ mode_) & ~0x3FU) != 0) _mm_setcsr(mode_);
  }
#else
  KeptFloatMode() noexcept { std::fegetenv(&mode_); }
  ~KeptFloatMode() { std::fesetenv(&mode_); }
#endif
  KeptFloatMode(const KeptFloatMode&) = delete;
  KeptFloatMode& operator=(const KeptFloatMode&) = delete;

 private:
#if defined(__SSE__)
  unsigned mode_;
#else
  std::fenv_t mode_;
#endif
};

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_FLOAT_MODE_H_
