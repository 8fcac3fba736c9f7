// SPDX-License-Identifier: MIT
// The part of the CUDA driver that a peer on an NVIDIA GPU needs: memory, a stream and
// events, loaded at run time. Declared here, as its binary interface has stayed since
// CUDA 4: nothing of CUDA is needed to build.
#ifndef ASSAY_KERNELS_VENDOR_CUDA_DRIVER_H_
#define ASSAY_KERNELS_VENDOR_CUDA_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace assay::vendor::cuda {

using DevicePointer = unsigned long long;
using Stream = void*;
using Event = void*;

// One GPU with its primary context. Thread-safe between calls of use().
class Driver {
 public:
  // The GPU whose UUID is `hardware` (32 hex digits, Caps::hardware). The driver is
  // looked for in `library`, an open handle (null: none) that tests bring their own in,
  // then in libcuda.so.1. Throws unavailable: no driver, no GPU, or none that is this
  // hardware.
  Driver(void* library, const std::string& hardware);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  const std::string& name() const noexcept { return name_; }
  int version() const noexcept { return version_; }

  // Makes the context current on the calling thread: before anything below.
  void use() const;
  DevicePointer allocate(std::size_t bytes) const;  // throws out_of_memory
  void free(DevicePointer memory) const noexcept;
  void upload(DevicePointer to, std::span<const std::byte> from) const;
  void download(std::span<std::byte> to, DevicePointer from) const;
  Stream create_stream() const;
  void destroy_stream(Stream stream) const noexcept;
  Event create_event() const;
  void destroy_event(Event event) const noexcept;
  void record(Event event, Stream stream) const;
  void wait(Event event) const;
  // Both waited for.
  double elapsed_ns(Event begin, Event end) const;

 private:
  struct Calls;
  void load(void* library);
  void find(const std::string& hardware);
  void require(int result, const char* call) const;

  std::unique_ptr<Calls> calls_;
  void* own_library_ = nullptr;
  int device_ = 0;
  void* context_ = nullptr;
  int version_ = 0;
  std::string name_;
};

}  // namespace assay::vendor::cuda

#endif  // ASSAY_KERNELS_VENDOR_CUDA_DRIVER_H_
