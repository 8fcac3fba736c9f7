// SPDX-License-Identifier: MIT
#include "kernels/vendor/cuda/driver.h"

#include <dlfcn.h>

#include <array>

#include "backends/interface/status.h"

namespace assay::vendor::cuda {
namespace {

constexpr const char* kDriverFile = "libcuda.so.1";
constexpr int kOutOfMemory = 2;  // CUDA_ERROR_OUT_OF_MEMORY

std::string hex_of(std::span<const char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

}  // namespace

// Results are 0 for success. The suffixes name the versions of a call that take 64-bit
// sizes.
struct Driver::Calls {
  int (*init)(unsigned flags);
  int (*version)(int* version);
  int (*count)(int* count);
  int (*get)(int* device, int ordinal);
  int (*uuid)(char* bytes, int device);
  int (*name)(char* name, int bytes, int device);
  int (*retain)(void** context, int device);
  int (*release)(int device);
  int (*set_current)(void* context);
  int (*allocate)(DevicePointer* memory, std::size_t bytes);
  int (*free)(DevicePointer memory);
  int (*upload)(DevicePointer to, const void* from, std::size_t bytes);
  int (*download)(void* to, DevicePointer from, std::size_t bytes);
  int (*create_stream)(Stream* stream, unsigned flags);
  int (*destroy_stream)(Stream stream);
  int (*create_event)(Event* event, unsigned flags);
  int (*destroy_event)(Event event);
  int (*record)(Event event, Stream stream);
  int (*wait)(Event event);
  int (*elapsed)(float* ms, Event begin, Event end);
  int (*error_name)(int result, const char** name);
};

Driver::Driver(void* library, const std::string& hardware)
    : calls_(std::make_unique<Calls>()) {
  load(library);
  try {
    require(calls_->init(0), "cuInit");
    require(calls_->version(&version_), "cuDriverGetVersion");
    find(hardware);
    require(calls_->retain(&context_, device_), "cuDevicePrimaryCtxRetain");
  } catch (...) {
    if (own_library_ != nullptr) dlclose(own_library_);
    throw;
  }
}

Driver::~Driver() {
  calls_->release(device_);
  if (own_library_ != nullptr) dlclose(own_library_);
}

void Driver::load(void* library) {
  if (library == nullptr || dlsym(library, "cuInit") == nullptr) {
    own_library_ = dlopen(kDriverFile, RTLD_NOW | RTLD_LOCAL);
    if (own_library_ == nullptr) {
      throw Error(StatusCode::unavailable,
                  std::string("no CUDA driver: ") + kDriverFile +
                      " cannot be loaded; it comes with the driver of the GPU");
    }
    library = own_library_;
  }
  const auto find_call = [&](auto& call, const char* name) {
    call =
        reinterpret_cast<std::remove_reference_t<decltype(call)>>(dlsym(library, name));
    if (call != nullptr) return;
    if (own_library_ != nullptr) dlclose(own_library_);
    throw Error(StatusCode::unavailable,
                std::string("the CUDA driver has no ") + name + ": it is too old");
  };
  find_call(calls_->init, "cuInit");
  find_call(calls_->version, "cuDriverGetVersion");
  find_call(calls_->count, "cuDeviceGetCount");
  find_call(calls_->get, "cuDeviceGet");
  find_call(calls_->uuid, "cuDeviceGetUuid");
  find_call(calls_->name, "cuDeviceGetName");
  find_call(calls_->retain, "cuDevicePrimaryCtxRetain");
  find_call(calls_->release, "cuDevicePrimaryCtxRelease_v2");
  find_call(calls_->set_current, "cuCtxSetCurrent");
  find_call(calls_->allocate, "cuMemAlloc_v2");
  find_call(calls_->free, "cuMemFree_v2");
  find_call(calls_->upload, "cuMemcpyHtoD_v2");
  find_call(calls_->download, "cuMemcpyDtoH_v2");
  find_call(calls_->create_stream, "cuStreamCreate");
  find_call(calls_->destroy_stream, "cuStreamDestroy_v2");
  find_call(calls_->create_event, "cuEventCreate");
  find_call(calls_->destroy_event, "cuEventDestroy_v2");
  find_call(calls_->record, "cuEventRecord");
  find_call(calls_->wait, "cuEventSynchronize");
  find_call(calls_->elapsed, "cuEventElapsedTime");
  find_call(calls_->error_name, "cuGetErrorName");
}

void Driver::require(int result, const char* call) const {
  if (result == 0) return;
  const char* name = nullptr;
  calls_->error_name(result, &name);
  throw Error(
      result == kOutOfMemory ? StatusCode::out_of_memory : StatusCode::unavailable,
      std::string(call) + ": " +
          (name == nullptr ? "error " + std::to_string(result) : name));
}

// A machine may have several GPUs, and the two interfaces need not count them alike.
void Driver::find(const std::string& hardware) {
  int count = 0;
  require(calls_->count(&count), "cuDeviceGetCount");
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    require(calls_->get(&device_, ordinal), "cuDeviceGet");
    std::array<char, 16> uuid{};
    require(calls_->uuid(uuid.data(), device_), "cuDeviceGetUuid");
    if (hardware.empty() || hex_of(uuid) != hardware) continue;
    std::array<char, 256> name{};
    require(calls_->name(name.data(), static_cast<int>(name.size()) - 1, device_),
            "cuDeviceGetName");
    name_ = name.data();
    return;
  }
  throw Error(StatusCode::unavailable,
              "none of the " + std::to_string(count) +
                  " GPUs that CUDA knows is this device: a peer has to run on the same "
                  "hardware");
}

void Driver::use() const { require(calls_->set_current(context_), "cuCtxSetCurrent"); }

DevicePointer Driver::allocate(std::size_t bytes) const {
  DevicePointer memory = 0;
  require(calls_->allocate(&memory, bytes), "cuMemAlloc");
  return memory;
}
void Driver::free(DevicePointer memory) const noexcept { calls_->free(memory); }

void Driver::upload(DevicePointer to, std::span<const std::byte> from) const {
  if (from.empty()) return;
  require(calls_->upload(to, from.data(), from.size()), "cuMemcpyHtoD");
}
void Driver::download(std::span<std::byte> to, DevicePointer from) const {
  if (to.empty()) return;
  require(calls_->download(to.data(), from, to.size()), "cuMemcpyDtoH");
}

Stream Driver::create_stream() const {
  // In order with uploads, which return before they have arrived.
  constexpr unsigned kAfterCopies = 0;
  Stream stream = nullptr;
  require(calls_->create_stream(&stream, kAfterCopies), "cuStreamCreate");
  return stream;
}
void Driver::destroy_stream(Stream stream) const noexcept {
  calls_->destroy_stream(stream);
}

Event Driver::create_event() const {
  Event event = nullptr;
  require(calls_->create_event(&event, 0), "cuEventCreate");
  return event;
}
void Driver::destroy_event(Event event) const noexcept { calls_->destroy_event(event); }
void Driver::record(Event event, Stream stream) const {
  require(calls_->record(event, stream), "cuEventRecord");
}
void Driver::wait(Event event) const {
  require(calls_->wait(event), "cuEventSynchronize");
}
double Driver::elapsed_ns(Event begin, Event end) const {
  float ms = 0;
  require(calls_->elapsed(&ms, begin, end), "cuEventElapsedTime");
  return 1e6 * static_cast<double>(ms);
}

}  // namespace assay::vendor::cuda
