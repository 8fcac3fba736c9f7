// SPDX-License-Identifier: MIT
// A CUDA driver and a cuBLAS on the processor: what lets everything around the real
// ones be tested without a GPU. FAKE_CUDA_UUID (32 hex digits) is the GPU's, FAKE_CUDA
// says what is wrong with it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "kernels/common/narrow_floats.h"

namespace {

using DevicePointer = unsigned long long;
using Clock = std::chrono::steady_clock;

bool broken(std::string_view how) {
  const char* const value = std::getenv("FAKE_CUDA");
  return value != nullptr && how == value;
}

struct Moment {
  Clock::time_point at;
};

int pointer_mode = 0;
int math_mode = -1;
// Alive allocations, streams, events and handles: all are 0 in the end.
int alive = 0;

constexpr std::size_t kAlignment = 256;

}  // namespace

// The names are NVIDIA's, and so is an address that is an integer.
// NOLINTBEGIN(readability-identifier-naming,performance-no-int-to-ptr)
extern "C" {

int fake_cuda_alive();
int fake_cuda_alive() { return alive; }
int fake_cuda_math();
int fake_cuda_math() { return math_mode; }

#define CALL(signature) \
  int signature;        \
  int signature

CALL(cuInit(unsigned /*flags*/)) { return broken("no_init") ? 100 : 0; }
CALL(cuDriverGetVersion(int* version)) {
  *version = 12040;
  return 0;
}
CALL(cuDeviceGetCount(int* count)) {
  *count = 2;
  return 0;
}
CALL(cuDeviceGet(int* device, int ordinal)) {
  *device = ordinal;
  return 0;
}
// The second one is the one that is looked for.
CALL(cuDeviceGetUuid(char* bytes, int device)) {
  std::memset(bytes, 0, 16);
  const char* const text = std::getenv("FAKE_CUDA_UUID");
  if (device == 0 || text == nullptr) return 0;
  for (int i = 0; i < 16; ++i) {
    const char digits[3] = {text[2 * i], text[2 * i + 1], 0};
    bytes[i] = static_cast<char>(std::strtol(digits, nullptr, 16));
  }
  return 0;
}
CALL(cuDeviceGetName(char* name, int bytes, int /*device*/)) {
  std::strncpy(name, "a processor that poses as a GPU",
               static_cast<std::size_t>(bytes));
  return 0;
}
CALL(cuDevicePrimaryCtxRetain(void** context, int /*device*/)) {
  *context = &alive;
  ++alive;
  return 0;
}
CALL(cuDevicePrimaryCtxRelease_v2(int /*device*/)) {
  --alive;
  return 0;
}
CALL(cuCtxSetCurrent(void* context)) { return context == &alive ? 0 : 201; }
CALL(cuMemAlloc_v2(DevicePointer* memory, std::size_t bytes)) {
  if (broken("out_of_memory")) return 2;
  *memory = reinterpret_cast<DevicePointer>(std::aligned_alloc(
      kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment));
  ++alive;
  return *memory == 0 ? 2 : 0;
}
CALL(cuMemFree_v2(DevicePointer memory)) {
  std::free(reinterpret_cast<void*>(memory));
  --alive;
  return 0;
}
CALL(cuMemcpyHtoD_v2(DevicePointer to, const void* from, std::size_t bytes)) {
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return 0;
}
CALL(cuMemcpyDtoH_v2(void* to, DevicePointer from, std::size_t bytes)) {
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return 0;
}
CALL(cuStreamCreate(void** stream, unsigned /*flags*/)) {
  *stream = new int;
  ++alive;
  return 0;
}
CALL(cuStreamDestroy_v2(void* stream)) {
  delete static_cast<int*>(stream);
  --alive;
  return 0;
}
CALL(cuEventCreate(void** event, unsigned /*flags*/)) {
  *event = new Moment;
  ++alive;
  return 0;
}
CALL(cuEventDestroy_v2(void* event)) {
  delete static_cast<Moment*>(event);
  --alive;
  return 0;
}
CALL(cuEventRecord(void* event, void* /*stream*/)) {
  static_cast<Moment*>(event)->at = Clock::now();
  return 0;
}
CALL(cuEventSynchronize(void* /*event*/)) { return broken("lost") ? 700 : 0; }
CALL(cuEventElapsedTime(float* ms, void* begin, void* end)) {
  const std::chrono::duration<float, std::milli> time =
      static_cast<Moment*>(end)->at - static_cast<Moment*>(begin)->at;
  *ms = time.count();
  return 0;
}
CALL(cuGetErrorName(int result, const char** name)) {
  *name = result == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_UNKNOWN";
  return 0;
}

CALL(cublasCreate_v2(void** handle)) {
  *handle = &math_mode;
  ++alive;
  return 0;
}
CALL(cublasDestroy_v2(void* /*handle*/)) {
  --alive;
  return 0;
}
CALL(cublasSetStream_v2(void* /*handle*/, void* stream)) {
  return stream == nullptr ? 1 : 0;
}
CALL(cublasSetMathMode(void* /*handle*/, int mode)) {
  math_mode = mode;
  return 0;
}
CALL(cublasSetPointerMode_v2(void* /*handle*/, int mode)) {
  pointer_mode = mode;
  return 0;
}
CALL(cublasGetVersion_v2(void* /*handle*/, int* version)) {
  *version = 120304;
  return 0;
}

// Column-major, plain loops.
CALL(cublasSgemm_v2(void* /*handle*/, int trans_a, int trans_b, int m, int n, int k,
                    const float* alpha, const float* a, int lda, const float* b,
                    int ldb, const float* beta, float* c, int ldc)) {
  if (broken("refuses")) return 14;
  const auto at = [](int row, int col, int ld) {
    return static_cast<std::size_t>(col) * static_cast<std::size_t>(ld) +
           static_cast<std::size_t>(row);
  };
  if (broken("writes_outside")) c[at(m, n - 1, ldc)] = 0;
  const int terms = broken("drops_last_k") ? k - 1 : k;
  for (int col = 0; col < n; ++col) {
    for (int row = 0; row < m; ++row) {
      float sum = 0;
      for (int l = 0; l < terms; ++l) {
        sum += a[trans_a == 0 ? at(row, l, lda) : at(l, row, lda)] *
               b[trans_b == 0 ? at(l, col, ldb) : at(col, l, ldb)];
      }
      float& out = c[at(row, col, ldc)];
      out = *alpha * sum + (*beta == 0 ? 0 : *beta * out);
    }
  }
  return 0;
}
// f16 in, f32 out and in between; the numbers are those of CUDA's headers.
CALL(cublasGemmEx(void* /*handle*/, int trans_a, int trans_b, int m, int n, int k,
                  const void* alpha, const void* a, int type_a, int lda, const void* b,
                  int type_b, int ldb, const void* beta, void* c, int type_c, int ldc,
                  int compute, int algorithm)) {
  if (type_a != 2 || type_b != 2 || type_c != 0 || compute != 68 || algorithm != -1) {
    return 7;
  }
  const auto widened = [](const void* from, int rows, int cols, int ld) {
    std::vector<float> to(static_cast<std::size_t>(ld) *
                          static_cast<std::size_t>(cols));
    const auto* const bits = static_cast<const std::uint16_t*>(from);
    for (int col = 0; col < cols; ++col) {
      for (int row = 0; row < rows; ++row) {
        const auto at = static_cast<std::size_t>(col) * static_cast<std::size_t>(ld) +
                        static_cast<std::size_t>(row);
        to[at] = assay::f16_to_f32(bits[at]);
      }
    }
    return to;
  };
  const auto a32 = widened(a, trans_a == 0 ? m : k, trans_a == 0 ? k : m, lda);
  const auto b32 = widened(b, trans_b == 0 ? k : n, trans_b == 0 ? n : k, ldb);
  return cublasSgemm_v2(nullptr, trans_a, trans_b, m, n, k,
                        static_cast<const float*>(alpha), a32.data(), lda, b32.data(),
                        ldb, static_cast<const float*>(beta), static_cast<float*>(c),
                        ldc);
}
CALL(cublasSgeam(void* /*handle*/, int trans_a, int /*trans_b*/, int m, int n,
                 const float* alpha, const float* a, int lda, const float* /*beta*/,
                 const float* /*b*/, int /*ldb*/, float* c, int ldc)) {
  if (trans_a != 1) return 7;
  for (int col = 0; col < n; ++col) {
    for (int row = 0; row < m; ++row) {
      c[col * ldc + row] = *alpha * a[row * lda + col];
    }
  }
  return 0;
}
CALL(cublasSaxpy_v2(void* /*handle*/, int n, const float* alpha, const float* x,
                    int /*incx*/, float* y, int /*incy*/)) {
  for (int i = 0; i < n; ++i) y[i] += *alpha * x[i];
  return 0;
}
CALL(cublasSdot_v2(void* /*handle*/, int n, const float* x, int /*incx*/,
                   const float* y, int /*incy*/, float* result)) {
  if (pointer_mode != 1) return 7;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  }
  *result = static_cast<float>(sum);
  return 0;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,performance-no-int-to-ptr)
