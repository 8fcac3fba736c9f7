// SPDX-License-Identifier: MIT
// What an OpenBLAS built with INTERFACE64=1 looks like to the loader: the usual names,
// with integers that are twice as wide.
#include <cstdint>

extern "C" {
void cblas_sgemm(int order, int trans_a, int trans_b, std::int64_t m, std::int64_t n,
                 std::int64_t k, float alpha, const float* a, std::int64_t lda,
                 const float* b, std::int64_t ldb, float beta, float* c,
                 std::int64_t ldc);
const char* openblas_get_config();

void cblas_sgemm(int, int, int, std::int64_t, std::int64_t, std::int64_t, float,
                 const float*, std::int64_t, const float*, std::int64_t, float, float*,
                 std::int64_t) {}
const char* openblas_get_config() {
  return "OpenBLAS 0.3.21 USE64BITINT DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64";
}
}
