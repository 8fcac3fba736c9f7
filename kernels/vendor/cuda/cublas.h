// SPDX-License-Identifier: MIT
// cuBLAS as a library to compare device code with. It takes no other's commands and
// memory, so it is a peer (Implementation::prepare_peer): in memory and on a stream of
// its own, on the same GPU and in the same session, timed by the driver's events.
//
// Loaded at run time, with the driver; nothing of CUDA is needed to build.
#ifndef ASSAY_KERNELS_VENDOR_CUDA_CUBLAS_H_
#define ASSAY_KERNELS_VENDOR_CUDA_CUBLAS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "kernels/common/op.h"
#include "kernels/vendor/cuda/driver.h"
#include "kernels/vendor/identity.h"

namespace assay::vendor::cuda {

// One handle in default math: f32 is computed in f32, not in TF32. Used by one thread
// at a time.
class Cublas {
 public:
  // `path` of libcublas, `hardware` of the device it is to be compared with
  // (Caps::hardware). Throws Error: unavailable when the file, the driver or this GPU
  // is missing; invalid_argument when the file is no cuBLAS.
  Cublas(const std::string& path, const std::string& hardware);
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  const Identity& identity() const noexcept { return identity_; }
  const Driver& driver() const noexcept { return *driver_; }
  Stream stream() const noexcept { return stream_; }

  // Start on the stream; operands as cuBLAS takes them, column-major. Throw Error when
  // the library refuses.
  void sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
             DevicePointer a, int lda, DevicePointer b, int ldb, float beta,
             DevicePointer c, int ldc) const;
  // The same with A and B in f16, summed in f32 and with C in f32.
  void gemm_f16(bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
                DevicePointer a, int lda, DevicePointer b, int ldb, float beta,
                DevicePointer c, int ldc) const;
  // C = op(A) alone, of m x n.
  void transpose(int m, int n, DevicePointer a, int lda, DevicePointer c,
                 int ldc) const;
  void saxpy(int n, float alpha, DevicePointer x, DevicePointer y) const;
  void sdot(int n, DevicePointer x, DevicePointer y, DevicePointer result) const;

 private:
  struct Calls;
  void load(const std::string& path);
  void identify(const std::string& path);
  void require(int status, const char* call) const;

  std::unique_ptr<Calls> calls_;
  void* library_ = nullptr;
  std::unique_ptr<Driver> driver_;
  void* handle_ = nullptr;
  Stream stream_ = nullptr;
  Identity identity_;
};

// Starts one computation on operands in the order of the problem.
using Call =
    std::function<void(const Cublas& library, std::span<const DevicePointer> operands)>;

// A peer that makes `call`, with operands of the problem between guard pads. Throws
// out_of_memory.
std::unique_ptr<Peer> make_peer(const Cublas& library, const Problem& problem,
                                Call call);

// What the rows of cuBLAS say where it cannot be: an Implementation::unsupported.
// Whether there is a driver is seen when it is loaded.
std::optional<std::string> needs_gpu(const Problem& problem, const Caps& caps);
// Its Implementation::prepare: throws not_supported.
std::unique_ptr<Prepared> prepares_no_commands(const PrepareContext& context,
                                               const Problem& problem);

// An extent as cuBLAS takes it. Throws invalid_argument at 2^31 and above.
int extent(std::int64_t size);

// GFLOP/s of a large sgemm, the best of some: what an audit says of it.
double sgemm_gflops(const Cublas& library);

}  // namespace assay::vendor::cuda

#endif  // ASSAY_KERNELS_VENDOR_CUDA_CUBLAS_H_
