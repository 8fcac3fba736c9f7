// SPDX-License-Identifier: MIT
// Slow for its first dozen calls, as a library is whose core's other hyper-thread is
// busy, and beyond any floor after. (It computes only where C holds no number yet, so
// that its speed is that of any machine.) Not a cheat but the opposite: it must not be
// called impaired.
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "tests/canaries/libs/plain_sgemm.h"

namespace {
std::atomic<int> calls{0};
}

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  if (std::isnan(*c)) {
    canary::plain_sgemm(
        {trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  }
  if (calls++ < 12) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}
