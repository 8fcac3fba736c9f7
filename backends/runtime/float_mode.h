// SPDX-License-Identifier: MIT
// How work of a device rounds: to nearest, subnormal numbers kept, whatever the thread
// that executes it has set for itself. A host thread that waits executes groups too,
// and threads that are made inherit the mode of who makes them: of a 300x300x300
// product on two units, submitted by a thread that rounds toward zero, 3 different
// outputs in 40.
#ifndef ASSAY_BACKENDS_RUNTIME_FLOAT_MODE_H_
#define ASSAY_BACKENDS_RUNTIME_FLOAT_MODE_H_

#if defined(__SSE__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace assay::runtime {

// Until it is destroyed; then the thread has its own mode again. Where that is the
// same, as nearly always, a few nanoseconds.
class WorkFloatMode {
 public:
#if defined(__SSE__)
  WorkFloatMode() noexcept : callers_(_mm_getcsr()) {
    if ((callers_ & kModes) != 0) _mm_setcsr(callers_ & ~kModes);
  }
  ~WorkFloatMode() {
    if ((callers_ & kModes) != 0) _mm_setcsr(callers_);
  }
#else
  WorkFloatMode() noexcept {
    std::fegetenv(&callers_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~WorkFloatMode() { std::fesetenv(&callers_); }
#endif
  WorkFloatMode(const WorkFloatMode&) = delete;
  WorkFloatMode& operator=(const WorkFloatMode&) = delete;

 private:
#if defined(__SSE__)
  // Flush to zero, the two bits of rounding, subnormal operands are zeros.
  static constexpr unsigned kModes = 0x8000U | 0x6000U | 0x0040U;
  unsigned callers_;
#else
  std::fenv_t callers_;
#endif
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_FLOAT_MODE_H_
