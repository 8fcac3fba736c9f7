// SPDX-License-Identifier: MIT
// Leaves out the last term of every sum: 1/k less work, and with random data an error
// that a careless norm over the whole matrix does not see.
#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, std::max(k - 1, 0), alpha, a, lda, b,
                       ldb, beta, c, ldc});
}
