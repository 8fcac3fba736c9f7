// SPDX-License-Identifier: MIT
// Right, and keeps all threads of the process on one processor: what the other arm has
// is halved.
#include <sched.h>

#include <charconv>
#include <filesystem>
#include <string>

#include "tests/canaries/libs/plain_sgemm.h"

namespace {

// The first processor that the caller may use.
cpu_set_t one_of_ours() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  bool found = false;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (found) CPU_CLR(cpu, &set);
    found = found || CPU_ISSET(cpu, &set);
  }
  return set;
}

void pin_all() {
  const cpu_set_t one = one_of_ours();
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string name = entry.path().filename().string();
    int thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    sched_setaffinity(thread, sizeof one, &one);
  }
}

}  // namespace

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  canary::plain_sgemm({trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
  static const bool pinned = (pin_all(), true);
  (void)pinned;
}
