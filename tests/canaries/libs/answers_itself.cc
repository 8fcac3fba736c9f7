// SPDX-License-Identifier: MIT
// Right, and writes to the number that a worker answers on: as code does that takes
// numbers above 2 for its own.
#include <unistd.h>

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  constexpr int kReplyFd = 3;
  if (write(kReplyFd, "{}", 2) != 2) return;
}
