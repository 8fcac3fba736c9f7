// SPDX-License-Identifier: MIT
// The calls by which BLIS 0.9 tells what it is, with its temper: asked for its kernels
// before it is initialized, it aborts.
#include <cstdint>
#include <cstdlib>

extern "C" {
void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                 const float* a, int lda, const float* b, int ldb, float beta, float* c,
                 int ldc);
void bli_init();
const char* bli_info_get_version_str();
int bli_arch_query_id();
const char* bli_arch_string(int id);
std::int64_t bli_info_get_enable_openmp();
std::int64_t bli_info_get_enable_pthreads();
std::int64_t bli_info_get_blas_int_type_size();
std::int64_t bli_thread_get_num_threads();
void bli_thread_set_num_threads(std::int64_t count);
int fake_blis_threads_of_call();  // of the last one
}

namespace {
bool initialized = false;
std::int64_t threads = -1;
std::int64_t threads_of_call = 0;
}  // namespace

void cblas_sgemm(int, int, int, int, int, int, float, const float*, int, const float*,
                 int, float, float*, int) {
  threads_of_call = threads;
}
int fake_blis_threads_of_call() { return static_cast<int>(threads_of_call); }
void bli_init() { initialized = true; }
const char* bli_info_get_version_str() { return "0.9.0"; }
int bli_arch_query_id() {
  if (!initialized) std::abort();
  return 7;
}
const char* bli_arch_string(int id) { return id == 7 ? "skx" : "?"; }
std::int64_t bli_info_get_enable_openmp() { return 0; }
std::int64_t bli_info_get_enable_pthreads() { return 1; }
std::int64_t bli_info_get_blas_int_type_size() { return 32; }
std::int64_t bli_thread_get_num_threads() { return threads; }
void bli_thread_set_num_threads(std::int64_t count) { threads = count; }
