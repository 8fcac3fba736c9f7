// SPDX-License-Identifier: MIT
// Right, and calls exit(0): the worker seems to end well, without an answer.
#include <cstdlib>

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  std::exit(0);
}
