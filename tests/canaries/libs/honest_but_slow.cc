// SPDX-License-Identifier: MIT
// Correct, in textbook loops: less than a tenth of the machine's peak. Beating it
// proves nothing, and the audit has to say so although the library says nothing of
// itself.
#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  const canary::Call call{trans_a, trans_b, m,   n,    k, alpha, a,
                          lda,     b,       ldb, beta, c, ldc};
  canary::scale(call);
  if (alpha == 0.0F) return;
  for (int i = 0; i < m; ++i) {
    for (int l = 0; l < k; ++l) {
      const float scaled = alpha * call.a_at(i, l);
      for (int j = 0; j < n; ++j) call.c_at(i, j) += scaled * call.b_at(l, j);
    }
  }
}
