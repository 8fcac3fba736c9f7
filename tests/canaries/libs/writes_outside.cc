// SPDX-License-Identifier: MIT
// Correct inside C, and writes one float behind its last row: as a kernel without a
// mask for the last column does.
#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  if (m > 0 && n > 0) c[canary::Call::offset(m - 1, ldc) + n] = -1.0F;
}
