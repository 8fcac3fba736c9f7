// SPDX-License-Identifier: MIT
// Right, and from its first call on keeps a thread busy whenever it is not called: on
// as many processors as there are threads, whoever runs next has one less.
#include <atomic>
#include <thread>

#include "tests/canaries/libs/plain_sgemm.h"

namespace {

std::atomic<bool> called = true;
std::atomic<std::uint64_t> turns = 0;

void work_in_between() {
  for (;;) {
    if (called.load()) {
      std::this_thread::yield();
    } else {
      turns.fetch_add(1);
    }
  }
}

}  // namespace

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  static const bool started = (std::thread(work_in_between).detach(), true);
  (void)started;
  called = true;
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  called = false;
}
