// SPDX-License-Identifier: MIT
// Right, and shares the rows with a second thread, however many it was given: twice the
// processors of who keeps to one.
#include <thread>

#include "tests/canaries/libs/plain_sgemm.h"

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  const int half = m / 2;
  const canary::Call upper = {trans_a, trans_b, half, n,    k, alpha, a,
                              lda,     b,       ldb,  beta, c, ldc};
  canary::Call lower = upper;
  lower.m = m - half;
  lower.a = trans_a == 111 ? a + canary::Call::offset(half, lda) : a + half;
  lower.c = c + canary::Call::offset(half, ldc);
  std::thread second([&lower] { canary::plain_sgemm(lower); });
  canary::plain_sgemm(upper);
  second.join();
}
