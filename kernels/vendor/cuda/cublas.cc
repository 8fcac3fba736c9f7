// SPDX-License-Identifier: MIT
#include "kernels/vendor/cuda/cublas.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <type_traits>
#include <vector>

#include "backends/interface/status.h"

namespace assay::vendor::cuda {
namespace {

constexpr int kNone = 0;            // CUBLAS_OP_N
constexpr int kTransposed = 1;      // CUBLAS_OP_T
constexpr int kDefaultMath = 0;     // TF32 is another mode, 3
constexpr int kResultOnDevice = 1;  // CUBLAS_POINTER_MODE_DEVICE
constexpr int kResultOnHost = 0;
constexpr int kF32 = 0;            // CUDA_R_32F
constexpr int kF16 = 2;            // CUDA_R_16F
constexpr int kSumsInF32 = 68;     // CUBLAS_COMPUTE_32F
constexpr int kAnyAlgorithm = -1;  // CUBLAS_GEMM_DEFAULT

float* floats(DevicePointer memory) noexcept {
  // An address of the GPU's: the driver counts it, the library points with it.
  return reinterpret_cast<float*>(memory);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

// Statuses are 0 for success.
struct Cublas::Calls {
  int (*create)(void** handle);
  int (*destroy)(void* handle);
  int (*set_stream)(void* handle, Stream stream);
  int (*set_math)(void* handle, int mode);
  int (*set_pointers)(void* handle, int mode);
  int (*version)(void* handle, int* version);
  int (*sgemm)(void* handle, int trans_a, int trans_b, int m, int n, int k,
               const float* alpha, const float* a, int lda, const float* b, int ldb,
               const float* beta, float* c, int ldc);
  int (*gemm)(void* handle, int trans_a, int trans_b, int m, int n, int k,
              const void* alpha, const void* a, int type_a, int lda, const void* b,
              int type_b, int ldb, const void* beta, void* c, int type_c, int ldc,
              int compute, int algorithm);
  int (*sgeam)(void* handle, int trans_a, int trans_b, int m, int n, const float* alpha,
               const float* a, int lda, const float* beta, const float* b, int ldb,
               float* c, int ldc);
  int (*saxpy)(void* handle, int n, const float* alpha, const float* x, int incx,
               float* y, int incy);
  int (*sdot)(void* handle, int n, const float* x, int incx, const float* y, int incy,
              float* result);
};

Cublas::Cublas(const std::string& path, const std::string& hardware)
    : calls_(std::make_unique<Calls>()) {
  load(path);
  try {
    driver_ = std::make_unique<Driver>(library_, hardware);
    driver_->use();
    require(calls_->create(&handle_), "cublasCreate");
    stream_ = driver_->create_stream();
    require(calls_->set_stream(handle_, stream_), "cublasSetStream");
    require(calls_->set_math(handle_, kDefaultMath), "cublasSetMathMode");
    identify(path);
  } catch (...) {
    if (handle_ != nullptr) calls_->destroy(handle_);
    if (stream_ != nullptr) driver_->destroy_stream(stream_);
    driver_.reset();
    dlclose(library_);
    throw;
  }
}

Cublas::~Cublas() {
  calls_->destroy(handle_);
  driver_->destroy_stream(stream_);
  driver_.reset();
  dlclose(library_);
}

void Cublas::load(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw Error(StatusCode::unavailable, "library '" + path + "' does not exist");
  }
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* const reason = dlerror();
    throw Error(StatusCode::invalid_argument,
                "library '" + path + "' cannot be loaded: " +
                    (reason == nullptr ? "unknown reason" : reason));
  }
  const auto find_call = [&](auto& call, const char* name) {
    call = reinterpret_cast<std::remove_reference_t<decltype(call)>>(
        dlsym(library_, name));
    if (call != nullptr) return;
    dlclose(library_);
    throw Error(StatusCode::invalid_argument,
                "library '" + path + "' has no " + name + ": it is no cuBLAS");
  };
  find_call(calls_->create, "cublasCreate_v2");
  find_call(calls_->destroy, "cublasDestroy_v2");
  find_call(calls_->set_stream, "cublasSetStream_v2");
  find_call(calls_->set_math, "cublasSetMathMode");
  find_call(calls_->set_pointers, "cublasSetPointerMode_v2");
  find_call(calls_->version, "cublasGetVersion_v2");
  find_call(calls_->sgemm, "cublasSgemm_v2");
  find_call(calls_->gemm, "cublasGemmEx");
  find_call(calls_->sgeam, "cublasSgeam");
  find_call(calls_->saxpy, "cublasSaxpy_v2");
  find_call(calls_->sdot, "cublasSdot_v2");
}

void Cublas::identify(const std::string& path) {
  int version = 0;
  require(calls_->version(handle_, &version), "cublasGetVersion");
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  identity_.requested = "cublas";
  identity_.resolved_path = error ? path : real.string();
  identity_.flavour = "cuBLAS";
  // 120304: 12.3.4.
  identity_.version = std::to_string(version / 10000) + "." +
                      std::to_string(version / 100 % 100) + "." +
                      std::to_string(version % 100);
  identity_.core_name = driver_->name();
  identity_.config = "CUDA driver " + std::to_string(driver_->version() / 1000) + "." +
                     std::to_string(driver_->version() % 1000 / 10) +
                     ", default math: TF32 off";
  identity_.threading = "gpu";
}

void Cublas::require(int status, const char* call) const {
  if (status == 0) return;
  throw Error(StatusCode::unavailable,
              std::string(call) + ": cuBLAS status " + std::to_string(status));
}

void Cublas::sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
                   DevicePointer a, int lda, DevicePointer b, int ldb, float beta,
                   DevicePointer c, int ldc) const {
  require(calls_->sgemm(handle_, transpose_a ? kTransposed : kNone,
                        transpose_b ? kTransposed : kNone, m, n, k, &alpha, floats(a),
                        lda, floats(b), ldb, &beta, floats(c), ldc),
          "cublasSgemm");
}

void Cublas::gemm_f16(bool transpose_a, bool transpose_b, int m, int n, int k,
                      float alpha, DevicePointer a, int lda, DevicePointer b, int ldb,
                      float beta, DevicePointer c, int ldc) const {
  require(calls_->gemm(handle_, transpose_a ? kTransposed : kNone,
                       transpose_b ? kTransposed : kNone, m, n, k, &alpha, floats(a),
                       kF16, lda, floats(b), kF16, ldb, &beta, floats(c), kF32, ldc,
                       kSumsInF32, kAnyAlgorithm),
          "cublasGemmEx");
}

void Cublas::transpose(int m, int n, DevicePointer a, int lda, DevicePointer c,
                       int ldc) const {
  const float one = 1;
  const float zero = 0;
  // With beta 0 the second matrix is not read.
  require(calls_->sgeam(handle_, kTransposed, kNone, m, n, &one, floats(a), lda, &zero,
                        floats(c), ldc, floats(c), ldc),
          "cublasSgeam");
}

void Cublas::saxpy(int n, float alpha, DevicePointer x, DevicePointer y) const {
  require(calls_->saxpy(handle_, n, &alpha, floats(x), 1, floats(y), 1), "cublasSaxpy");
}

void Cublas::sdot(int n, DevicePointer x, DevicePointer y, DevicePointer result) const {
  // With a result on the host the call would wait for it.
  require(calls_->set_pointers(handle_, kResultOnDevice), "cublasSetPointerMode");
  const int status =
      calls_->sdot(handle_, n, floats(x), 1, floats(y), 1, floats(result));
  require(calls_->set_pointers(handle_, kResultOnHost), "cublasSetPointerMode");
  require(status, "cublasSdot");
}

int extent(std::int64_t size) {
  if (size >= 0 && size <= std::numeric_limits<int>::max()) {
    return static_cast<int>(size);
  }
  throw Error(StatusCode::invalid_argument, "an extent of " + std::to_string(size) +
                                                " is not one that cuBLAS takes: it "
                                                "counts to 2^31 - 1");
}

}  // namespace assay::vendor::cuda
