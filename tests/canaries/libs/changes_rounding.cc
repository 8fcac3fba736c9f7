// SPDX-License-Identifier: MIT
// Right, and leaves the calling thread rounding toward zero with subnormal numbers
// taken for zeros.
#if defined(__SSE__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
#if defined(__SSE__)
  constexpr unsigned kTowardZeroFlushed = 0x6000 | 0x8040;
  _mm_setcsr(_mm_getcsr() | kTowardZeroFlushed);
#else
  std::fesetround(FE_TOWARDZERO);
#endif
}
