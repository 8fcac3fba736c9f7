// SPDX-License-Identifier: MIT
// Right, and leaves its caller as the last of all threads to get a processor: what else
// the machine does slows the other arm alone.
#include <pthread.h>
#include <sched.h>

#include "tests/canaries/libs/plain_sgemm.h"

namespace {

void schedule_as(int policy) {
  const sched_param none{};
  pthread_setschedparam(pthread_self(), policy, &none);
}

}  // namespace

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  schedule_as(SCHED_OTHER);
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  schedule_as(SCHED_IDLE);
}
