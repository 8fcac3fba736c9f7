// SPDX-License-Identifier: MIT
// Code a device can dispatch: what one group of work does.
#ifndef ASSAY_BACKENDS_INTERFACE_KERNEL_H_
#define ASSAY_BACKENDS_INTERFACE_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace assay {

// A position in, or the size of, a grid of groups. x varies fastest.
struct Dim3 {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;
  friend bool operator==(const Dim3&, const Dim3&) = default;
};

// What a kernel does to a bound buffer. Declared once, checked by hazard tracking.
enum class Access : std::uint8_t { read, write, read_write };
std::string_view to_string(Access access) noexcept;

// A bound slice as host code sees it. `data` is null when `bytes` is 0.
struct BoundRange {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  template <typename T>
  T* as() const noexcept {
    return reinterpret_cast<T*>(data);
  }
};

// All that one group of a host kernel is given.
struct GroupContext {
  Dim3 group;                            // which group: each component < groups
  Dim3 groups;                           // the whole grid
  std::span<const BoundRange> bindings;  // in the order of KernelDesc::bindings
  std::span<const std::byte> constants;  // as given to dispatch()
  // Scratch of one compute unit, KernelDesc::local_bytes large, aligned to 64 bytes.
  // Contents are undefined when the group starts.
  std::span<std::byte> local;
  std::uint32_t compute_unit = 0;  // which unit runs the group: < Caps::compute_units
  const void* user = nullptr;      // KernelDesc::host_data

  // The constants as a struct; it must be the one that dispatch() was given.
  template <typename T>
  T constants_as() const noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, constants.data(), sizeof(T));
    return value;
  }
};

// Computes one group. Groups of a dispatch run in any order, at the same time, each
// exactly once; a group must not wait for another. Does not throw. A function, or a
// lambda without captures: what it needs comes as constants, or as
// KernelDesc::host_data. Rounds to nearest and keeps subnormals, whoever executes it.
using HostKernel = void (*)(const GroupContext&) noexcept;

struct KernelDesc {
  std::string name = {};
  std::vector<Access> bindings = {};
  std::size_t constants_bytes = 0;  // every dispatch passes exactly this many
  std::size_t local_bytes = 0;      // group-local memory

  // The same computation as a host function, as device code, or as both: a device takes
  // what it can run (Caps::host_kernels, Caps::device_kernels) and says not_supported
  // when it is not there. Device code is a SPIR-V module, entry point "main", that
  // knows its own number of threads a group.
  HostKernel host = nullptr;
  std::vector<std::uint32_t> device_code = {};

  // Passed to each group of a host kernel and kept alive with the kernel.
  std::shared_ptr<const void> host_data = {};
  // Specialization constants 0, 1, ... of the device code.
  std::vector<std::uint32_t> specialization = {};
};

// A compiled kernel. Immutable, thread-safe, owned by shared_ptr; recorded commands
// keep it alive.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;
  virtual const KernelDesc& desc() const noexcept = 0;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_KERNEL_H_
